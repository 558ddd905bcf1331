"""The image that has this package in it: for the app, and for tasks that ask."""

from __future__ import annotations

import json
import logging
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

import flyte

from ._quoting import shown
from ._version import __version__
from .errors import InvalidParameter

logger = logging.getLogger("flyteplugins.hitl")

IMAGE_NAME = "flyte-hitl"

_DISTRIBUTION = "flyteplugins-hitl"
# Of the image. Without the slash at its end, the file itself would be called so.
_FOLDER = "/tmp/flyteplugins-hitl/"  # noqa: S108
_OF_TASK_PODS = ("RUN_NAME", "ACTION_NAME")
# Pinned, so that the image is the same whoever builds it.
_PYTHON = (3, 12)


def image(wheel: str | os.PathLike[str] | None = None) -> flyte.Image:
    """An image with this package in it, to build on for tasks: `hitl.image().with_pip_packages("pandas")`.

    While a version is not published, its wheel is put into the image. It is found by itself where this package was
    installed from a wheel on this machine.

    Args:
        wheel: The wheel file to install, such as `dist/flyteplugins_hitl-3.0.0-py3-none-any.whl`. By default the one
            that this package was installed from, if that was a file that is still there; else the published version.

    Raises:
        InvalidParameter: There is no such wheel.

    Example:
        ```python
        env = flyte.TaskEnvironment(name="approvals", image=hitl.image(), depends_on=[hitl.env])
        ```
    """
    if wheel is None and (folder := _folder_installed_from()) is not None:
        logger.warning(
            "flyteplugins-hitl was installed from the folder %s. The image installs the published version %s, which "
            "need not be the same, nor be there at all. To have this one in it, make a wheel by `pip wheel --no-deps "
            "--wheel-dir dist %s`, and give its path to `hitl.image`, or install it from there.",
            *(folder, __version__, folder),
        )
    return image_with(wheel)


def image_with(wheel: str | os.PathLike[str] | None = None) -> flyte.Image:
    """The same, and nothing is said where it may not be what is installed here: for an import."""
    base = flyte.Image.from_debian_base(python_version=_PYTHON, name=IMAGE_NAME)
    file = _given(wheel) if wheel is not None else _installed_from()
    if file is None:
        return base.with_pip_packages(f"{_DISTRIBUTION}=={__version__}")
    return base.with_source_file(file, _FOLDER).with_commands([f"uv pip install {_FOLDER}{file.name}"])


def _given(wheel: str | os.PathLike[str]) -> Path:
    file = Path(wheel).expanduser().absolute()
    if file.suffix != ".whl" or not (file.is_file() or _is_built(file)):
        raise InvalidParameter(
            f"`wheel={shown(os.fspath(wheel))}` is no wheel file. Make one by `pip wheel --no-deps .` in this "
            "package's checkout, and give its path."
        )
    return file


def _is_built(file: Path) -> bool:
    """Whether this is a pod: the module that makes the image is loaded there too, and the wheel was left at home."""
    return all(os.environ.get(name) for name in _OF_TASK_PODS) or Path(_FOLDER, file.name).is_file()


def _installed_from() -> Path | None:
    """The wheel on this machine that this package was installed from."""
    file = _source()
    return file if file is not None and file.suffix == ".whl" and file.is_file() else None


def _folder_installed_from() -> Path | None:
    """The folder on this machine that this package was installed from, such as a checkout."""
    folder = _source()
    return folder if folder is not None and folder.is_dir() else None


def _source() -> Path | None:
    """What on this machine this package was installed from, as installers note it (PEP 610)."""
    try:
        noted = distribution(_DISTRIBUTION).read_text("direct_url.json")
        url = urlsplit(json.loads(noted or "{}").get("url", ""))
    except (PackageNotFoundError, OSError, ValueError, AttributeError):
        return None
    return Path(unquote(url.path)) if url.scheme == "file" else None
