"""No answer in time: an error that a workflow can catch, or a value to go on with."""

import flyteplugins.hitl as hitl

strict = hitl.new_event("strict", data_type=float, prompt="Learning rate?", timeout_seconds=2)
try:
    rate = strict.wait()
except TimeoutError as error:
    print(error)

lenient = hitl.new_event("lenient", data_type=float, prompt="Learning rate?", timeout_seconds=2, on_timeout=1e-3)
print("Going on with", lenient.wait())
