-- Sends prepared answers, each once: the lines of the file that is named on the command line. When there are no more of
-- them before the time is over, it stops sending; so what counts is the time from the first to the last.

local ffi = require("ffi")
ffi.cdef [[
  struct benchmark_time { long seconds; long microseconds; };
  int gettimeofday(struct benchmark_time *now, void *zone);
]]
local time = ffi.new("struct benchmark_time")
local threads = {}

local function now()
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) + tonumber(time.microseconds) / 1e6
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  answers, sent, first, last = {}, 0, 0, 0
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(arguments[1]) do
    answers[#answers + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  if sent == #answers then
    wrk.thread:stop()
    return answers[sent]
  end
  sent, last = sent + 1, now()
  if sent == 1 then
    first = last
  end
  return answers[sent]
end

function done()
  local thread = threads[1]
  print(string.format("Answers/sec: %.3f", (thread:get("sent") - 1) / (thread:get("last") - thread:get("first"))))
end
