"""Asks for a type that there is no answer type for."""

from collections.abc import Callable

import flyteplugins.hitl as hitl

hitl.new_event("tags", data_type=Callable)
