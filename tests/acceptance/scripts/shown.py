"""A question with which things are shown, some of them told by the caller; found again by its key."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

import flyteplugins.hitl as hitl

if __name__ == "__main__":
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    report = Path("report.txt")
    report.write_text(sys.argv[1])
    if sys.argv[1] == "gone":
        report.unlink()
    event = hitl.new_event(
        "release",
        data_type=bool,
        show=[
            hitl.show.Figure(figure, name="curve"),
            pd.DataFrame({"n": range(1000)}),
            np.linspace(0, 1, 64).reshape(8, 8),
            Image.new("RGB", (8, 8), "teal"),
            hitl.show.Diff({"a": 1}, {"a": 2}),
            {"accuracy": 0.87},
            report,
            "Text **in Markdown**",
        ],
        idempotency_key="release-1",
        poll_interval_seconds=60,
    )
    print("answer", event.wait())
