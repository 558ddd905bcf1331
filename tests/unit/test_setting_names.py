"""Holds that a variable whose name is a slip is told of, and that what others set is left alone."""

from __future__ import annotations

import logging

import pytest

from flyteplugins.hitl._setting_names import check_names
from flyteplugins.hitl._settings import VARIABLES
from flyteplugins.hitl.errors import InvalidParameter


def test_every_setting_is_known(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_names(VARIABLES)

    assert caplog.text == ""


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("FLYTE_HITL_STOR", "FLYTE_HITL_STORE"),
        ("FLYTE_HITL_STORES", "FLYTE_HITL_STORE"),
        ("FLYTE_HITL_store", "FLYTE_HITL_STORE"),
        ("FLYTE_HITL_END_POINT", "FLYTE_HITL_ENDPOINT"),
        ("FLYTE_HITL_ENDPIONT", "FLYTE_HITL_ENDPOINT"),
        ("FLYTE_HITL_SERVE_TIMEOUT", "FLYTE_HITL_SERVE_TIMEOUT_SECONDS"),
        ("FLYTE_HITL_MAX_REPLICA", "FLYTE_HITL_MAX_REPLICAS"),
    ],
)
def test_a_slip_is_an_error_that_names_what_is_meant(slip: str, meant: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{slip} is no setting. Is {meant} meant"):
        check_names(["PATH", slip])


@pytest.mark.parametrize(
    "name",
    [
        "FLYTE_HITL_SERVICE_HOST",
        "FLYTE_HITL_SERVICE_PORT",
        "FLYTE_HITL_SERVICE_PORT_HTTP",
        "FLYTE_HITL_PORT",
        "FLYTE_HITL_PORT_80_TCP",
        "FLYTE_HITL_PORT_80_TCP_ADDR",
        "FLYTE_HITL_STORE_SERVICE_HOST",
        "FLYTE_HITL_1A2B3C4D_PROJ_DEV_PORT_8080_TCP_PROTO",
    ],
)
def test_what_kubernetes_tells_of_a_service_of_that_name_is_left_alone(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        check_names([name])

    assert caplog.text == ""


def test_any_other_is_passed_over_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_names(["FLYTE_HITL_COLOUR", "HITL_STORE", "FLYTE_STORE"])

    assert [record.message for record in caplog.records] == [
        "FLYTE_HITL_COLOUR is no setting of this version, and is passed over."
    ]
