-- Sends prepared answers, each once: the lines of the file that is named on the command line.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  requests, sent = {}, 0
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  sent = sent + 1
  return requests[math.min(sent, #requests)]
end

function done(summary)
  -- 4xx and 5xx are what the benchmark must not take for accepted answers.
  print(string.format("Sent: %d", threads[1]:get("sent")))
  print(string.format("Refused: %d", summary.errors.status))
end
