"""`python -m flyteplugins.hitl.cli`: the same commands as `flyte hitl`."""

from . import hitl

if __name__ == "__main__":
    hitl(prog_name="python -m flyteplugins.hitl.cli")
