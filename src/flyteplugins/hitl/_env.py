"""The environment that a task names in `depends_on=[hitl.env]`: the app that shows the forms on a cluster."""

from __future__ import annotations

import flyte
import flyte.app

from ._version import __version__

APP_NAME = "flyte-hitl"
"""At most 30 characters: a limit of the open-source backend."""

_PORT = 8080

# A plain command keeps the specification the same whoever deploys it, and the web framework out of this process.
env = flyte.app.AppEnvironment(
    name=APP_NAME,
    # The version of Python is pinned for the same reason.
    image=flyte.Image.from_debian_base(python_version=(3, 12), name=APP_NAME).with_pip_packages(
        f"flyteplugins-hitl=={__version__}"
    ),
    command=["python", "-m", "flyteplugins.hitl.app", "--host", "0.0.0.0", "--port", str(_PORT)],  # noqa: S104
    port=_PORT,
    resources=flyte.Resources(cpu="1", memory="512Mi"),
)
