"""Asks for a type that there is no answer type for."""

import flyteplugins.hitl as hitl

hitl.new_event("tags", data_type=bytes)
