"""A question from outside of any task, of which the whole outcome is printed; it looks ten times a second."""

import contextlib

import flyteplugins.hitl as hitl

if __name__ == "__main__":
    event = hitl.new_event("budget", data_type=int, prompt="How many hours?", poll_interval_seconds=0.1)
    with contextlib.suppress(hitl.errors.EventCancelled):
        event.wait()
    outcome = event.response()
    print(outcome.status.value, outcome.channel.value, outcome.value, outcome.responder, outcome.comment, sep="|")
