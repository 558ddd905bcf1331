"""A question from a plain script: no Flyte task, no cluster, nothing to configure.

Shows `new_event` and `wait` as blocking calls, and what else an event tells: the link, the deadline, the whole outcome.
"""

import flyteplugins.hitl as hitl

event = hitl.new_event(
    "gpu_hours",
    data_type=int,
    prompt="How many **GPU hours** may the next training run use?",
    timeout_seconds=600,
)
print("Nobody can answer after", event.deadline)

hours = event.wait()
print(f"{hours} hours were granted.")

outcome = event.response()
print(f"Answered by {outcome.responder}, through the {outcome.channel.value}; comment: {outcome.comment or 'none'}")
