"""Tests of `approval.py`, a workflow that asks a person, with nobody there: run `pytest examples/test_approval.py`."""

import flyte
import pytest
from approval import main

from flyteplugins.hitl import testing


def test_an_approved_model_is_deployed():
    with testing.answers({"deploy_model": True}) as asked:
        run = flyte.run(main)
    assert run.outputs()[0] == "deployed"
    assert "**87%**" in asked["deploy_model"].prompt


def test_a_rejected_model_is_discarded(hitl_answers):
    hitl_answers({"deploy_model": False})
    assert flyte.run(main).outputs()[0] == "discarded"


@pytest.mark.asyncio
async def test_nobody_decides():
    with testing.answers({"deploy_model": testing.never()}), pytest.raises(TimeoutError):
        await main()
