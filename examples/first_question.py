"""The smallest question: asks, waits, goes on."""

import flyteplugins.hitl as hitl

event = hitl.new_event("ship_it", data_type=bool, prompt="Ship version 1.4?")
approved = event.wait()
print("Shipping." if approved else "Staying on version 1.3.")
