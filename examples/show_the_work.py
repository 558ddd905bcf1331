"""A person decides on what was made: a plot in the prompt, the rows, the settings before and after, and a file."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import flyteplugins.hitl as hitl

losses = pd.DataFrame({"epoch": range(1, 501), "loss": [1 / epoch for epoch in range(1, 501)]})

figure = Figure(figsize=(7, 3))
axes = figure.subplots()
axes.plot(losses["epoch"], losses["loss"])
axes.set_title("Loss by epoch")

report = Path("report.txt")
report.write_text("Trained on 12,000 rows. 37 were left out.\n")

event = hitl.new_event(
    "release_model",
    data_type=bool,
    prompt="Release this model?\n\n![the loss falls with each epoch](attachment:loss)",
    show=[
        hitl.show.Figure(figure, name="loss"),
        hitl.show.Table(losses, title="Loss by epoch"),
        hitl.show.Diff({"rate": 0.001, "layers": 18}, {"rate": 0.002, "layers": 18}, title="Settings"),
        {"accuracy": 0.87, "by_class": {"cat": 0.91, "dog": 0.83}},
        report,
    ],
)
print("Released." if event.wait() else "Held back.")
