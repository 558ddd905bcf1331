"""Human-in-the-loop events for Flyte 2: a workflow stops, a person gets a form, answers, and the workflow goes on.

```python
import flyteplugins.hitl as hitl

event = await hitl.new_event.aio("review", data_type=bool, prompt="Approve?")
approved: bool = await event.wait.aio()
```
"""

from ._answers import Change
from ._answers import register_own_type as register
from ._env import env
from ._event import Event, Outcome
from ._new_event import new_event
from ._records import Channel, Status
from ._version import __version__

__all__ = ["Change", "Channel", "Event", "Outcome", "Status", "__version__", "env", "new_event", "register"]
