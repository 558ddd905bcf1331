"""Human-in-the-loop events for Flyte 2: a workflow stops, a person gets a form, answers, and the workflow goes on.

```python
import flyteplugins.hitl as hitl

event = await hitl.new_event.aio("review", data_type=bool, prompt="Approve?")
approved: bool = await event.wait.aio()
```
"""

from ._env import env
from ._event import Event, Outcome
from ._new_event import new_event
from ._records import Channel, Status
from ._review_event import new_review, review
from ._version import __version__

__all__ = ["Channel", "Event", "Outcome", "Status", "__version__", "env", "new_event", "new_review", "review"]
