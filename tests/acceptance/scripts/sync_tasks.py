"""Tasks that are plain functions: every call blocks."""

import flyte

import flyteplugins.hitl as hitl

env = flyte.TaskEnvironment(name="sync-tasks", depends_on=[hitl.env])


@env.task(report=True)
def review(rows: int) -> bool:
    event = hitl.new_event("review", data_type=bool, prompt=f"Are {rows} rows right?", poll_interval_seconds=60)
    return event.wait()


@env.task
def main() -> str:
    return "right" if review(rows=3) else "wrong"


if __name__ == "__main__":
    flyte.init_from_config()
    print(flyte.run(main).outputs()[0])
