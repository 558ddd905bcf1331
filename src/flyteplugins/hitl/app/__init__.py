"""The web app: pages, JSON calls, templates and static files over a `Service`. The only user of the web framework.

What it keeps at hand it could read again, so any number of it may serve one store. Run it with
`python -m flyteplugins.hitl.app`.
"""

from ._application import create_app

__all__ = ["create_app"]
