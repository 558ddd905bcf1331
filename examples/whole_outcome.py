"""Who answered, when and how: `response` returns the whole outcome and raises nothing."""

import flyteplugins.hitl as hitl

event = hitl.new_event("budget", data_type=int, prompt="How many euros may the run cost?")
outcome = event.response()
if outcome.status is hitl.Status.COMPLETED:
    print(f"{outcome.value} euros, by {outcome.responder}, through the {outcome.channel.value}: {outcome.comment}")
else:
    print(f"No answer: {outcome.status.value}. {outcome.comment}")
