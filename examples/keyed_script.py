"""A script that can be killed and started again: the key is how it finds its question."""

import flyteplugins.hitl as hitl

event = hitl.new_event(
    "rows_to_keep",
    data_type=int,
    prompt="How many rows are to be kept?",
    idempotency_key="cleanup.py/2026-01-02",
)
print("Keeping", event.wait(), "rows.")
