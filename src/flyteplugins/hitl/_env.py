"""The environment that a task names in `depends_on=[hitl.env]`: the app that shows the forms on a cluster."""

from __future__ import annotations

import inspect

import flyte
import flyte.app

from ._version import __version__

APP_NAME = "flyte-hitl"
"""At most 30 characters: a limit of the open-source backend."""

_PORT = 8080

# Flyte looks for the line that makes an environment, and for that `inspect` touches every module there is: so it would
# load those that Flyte leaves for later, such as pandas. Where it knows the file's module, it looks no further.
inspect.modulesbyfile[__file__] = __name__

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
