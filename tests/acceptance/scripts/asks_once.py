"""Asks one question as a script does, with nothing but what the environment says."""

import flyteplugins.hitl as hitl

event = hitl.new_event("deploy", data_type=bool, prompt="Deploy it?")
print("asked", event.form_url)
