"""The command line: `flyte hitl`, or `python -m flyteplugins.hitl.cli`.

Loaded by `flyte --help` as well, so it holds names and options only.
"""

from ._commands import hitl

__all__ = ["hitl"]
