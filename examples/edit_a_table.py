"""A data frame that a person corrects as a table: the workflow gets the frame, and what was changed."""

import pandas as pd

import flyteplugins.hitl as hitl


def main() -> None:
    readings = pd.DataFrame({"sensor": ["A1", "A2", "B7"], "celsius": [21.5, 215.0, 20.9], "valid": [True, True, True]})
    event = hitl.new_event(
        "readings", data_type=pd.DataFrame, initial=readings, prompt="One of these cannot be right. Please correct it."
    )
    outcome = event.response()
    for change in outcome.changes:
        print(f"{change.kind}: row {change.row}, {change.column}: {change.before} -> {change.after}")
    print(outcome.value["celsius"].max())


if __name__ == "__main__":
    main()
