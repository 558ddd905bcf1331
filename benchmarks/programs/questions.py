"""Leaves open questions in a store, for an app to show and to take answers to."""

from __future__ import annotations

from typing import Any

from benchmarks.programs import plugin, program


async def questions(*, count: int) -> list[dict[str, Any]]:
    """Asks, and returns the link and the answer of each."""
    plugin.leave_fsync_out()
    asked = await plugin.ask_many(count, 5)
    return [{"form_url": event.form_url, "answer": plugin.answer(event)} for event in asked]


if __name__ == "__main__":
    program.run(questions)
