"""What `wait` raises when there is no answer."""

import flyteplugins.hitl as hitl
from flyteplugins.hitl import errors

event = hitl.new_event("sign_off", data_type=bool, prompt="Sign off?", timeout_seconds=3600)
event.cancel("The release was called off.")
try:
    event.wait()
except errors.EventTimedOut:
    print("Nobody answered in time.")
except errors.EventCancelled as error:
    print("Called off:", error.response.comment)
except errors.EventReplaced:
    print("A later attempt asks something else; this one should end.")
