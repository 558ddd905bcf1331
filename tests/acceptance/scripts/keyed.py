"""A question from outside of any task that a later process finds again, by its key."""

import flyteplugins.hitl as hitl

if __name__ == "__main__":
    event = hitl.new_event(
        "hours", data_type=int, prompt="How many hours?", poll_interval_seconds=60, idempotency_key="hours-2026"
    )
    print("answer", event.wait())
