"""Human-in-the-loop events for Flyte 2: a workflow stops, a person gets a form, answers, and the workflow goes on.

```python
import flyteplugins.hitl as hitl

event = await hitl.new_event.aio("review", data_type=bool, prompt="Approve?")
approved: bool = await event.wait.aio()
```
"""

from . import show, testing
from ._approval import Approval, ReasonRequired
from ._changes import Change, FrameChange
from ._configure import configure
from ._env import env
from ._event import Event
from ._image import image
from ._new_event import new_event
from ._outcome import Channel, Outcome, Status
from ._own_types import register
from ._review_event import new_review, review
from ._shortcuts import approve, choose, choose_several, edit
from ._upload_limits import Upload
from ._version import __version__
from .errors import Invalid

__all__ = [
    "Approval",
    "Change",
    "Channel",
    "Event",
    "FrameChange",
    "Invalid",
    "Outcome",
    "ReasonRequired",
    "Status",
    "Upload",
    "__version__",
    "approve",
    "choose",
    "choose_several",
    "configure",
    "edit",
    "env",
    "image",
    "new_event",
    "new_review",
    "register",
    "review",
    "show",
    "testing",
]
