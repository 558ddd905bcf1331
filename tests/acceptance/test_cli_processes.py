"""`flyte hitl` beside real scripts: what it answers, the script gets; what it serves, a signal ends well."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._machine import on_this_machine, user_of_this_machine
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.commands import Asker, at_a_terminal, hitl, running
from tests.support.fault_proxy import Fault, fault_proxy, matching
from tests.support.house import run
from tests.support.processes import free_port
from tests.support.questions import MovableClock, answered
from tests.support.scripts import SCRIPTS, RunningScript, running_script
from tests.support.stores import RunningStore, applied

pytestmark = pytest.mark.slow

GRACE_SECONDS = 10.0
ME = on_this_machine(user_of_this_machine())
_SECONDS = 60.0


def only_open(home: Path, script: RunningScript) -> str:
    """The id of the one question that is open in the laptop's store."""
    script.link()
    rows = script.until(lambda: hitl("list", HOME=str(home)).rows, "question in the list")
    (row,) = rows
    return row[0]


def test_a_script_gets_what_is_answered_on_the_command_line(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "told.py", home=tmp_path) as script:
        request_id = only_open(tmp_path, script)
        link = hitl("link", request_id, HOME=str(tmp_path))
        page = httpx.get(link.lines[0], timeout=20)
        done = hitl("answer", request_id[:14], "40", HOME=str(tmp_path))
        script.succeeded()

    assert (done.code, link.code, page.status_code) == (0, 0, 200)
    assert script.lines[-1] == f"completed|cli|40|{ME}|"
    assert link.lines[0] == script.links[0].url


def test_a_script_is_told_of_a_cancel(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "told.py", home=tmp_path) as script:
        request_id = only_open(tmp_path, script)
        assert hitl("cancel", request_id, "--reason", "no budget", HOME=str(tmp_path)).code == 0
        script.succeeded()

    assert script.lines[-1] == f"cancelled|cli|None|{ME}|no budget"


def test_an_answer_that_the_workflow_checks_is_kept_and_then_refused_or_accepted(tmp_path: Path) -> None:
    log = tmp_path / "asked.log"
    with running_script(SCRIPTS / "validated.py", home=tmp_path, environment={"ASKED_LOG": str(log)}) as script:
        request_id = only_open(tmp_path, script)
        kept = hitl("answer", request_id, "60", HOME=str(tmp_path))
        refused = hitl("answer", request_id, "50", "--wait", "--json", HOME=str(tmp_path))
        accepted = hitl("answer", request_id, "30", "--wait", HOME=str(tmp_path))
        assert script.ended() == 0

    assert kept.code == 0
    assert "Kept. The workflow checks it" in kept.output
    assert refused.code == 5
    assert refused.errors.splitlines()[-1].count("50 are more") == 2
    assert (accepted.code, accepted.output) == (0, "Accepted: 30. The workflow gets it.\n")
    assert script.lines[-1] == "answer 30"
    assert log.read_text().split() == ["60", "50", "30"]


def test_open_says_what_to_start_where_no_app_runs(tmp_path: Path) -> None:
    asker = Asker(str(tmp_path / "store"))
    request = asker.ask()

    for command in ("open", "link"):
        done = hitl(command, request.request_id, store=asker.store)
        assert done.code == 1
        assert "flyte hitl serve" in done.errors
        assert "FLYTE_HITL_ENDPOINT" in done.errors


def test_open_hands_the_link_to_the_browser_or_prints_it(tmp_path: Path) -> None:
    asker = Asker(str(tmp_path / "store"))
    request = asker.ask()
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    at = {"FLYTE_HITL_ENDPOINT": "https://hitl.example.org", "PATH": str(tmp_path)}

    opened = hitl("open", request.request_id, store=asker.store, **at, BROWSER=f"{browser} %s")
    without = hitl("open", request.request_id, store=asker.store, **at)
    link = hitl("link", request.request_id, store=asker.store, **at).lines[0]

    assert (opened.code, opened.output) == (0, "")
    assert (tmp_path / "opened").read_text().strip() == link
    assert without.lines == [link]
    assert link.startswith(f"https://hitl.example.org/form/{request.request_id}?token=")


def test_the_app_that_is_served_shows_the_forms_of_its_store(store_url: str) -> None:
    asker = Asker(store_url)
    request = asker.ask(int)
    with running("serve", "--store", store_url, "--port", "0") as app:
        endpoint = app.line(0)
        link = hitl("link", request.request_id, "--endpoint", endpoint, store=store_url).lines[0]
        page = httpx.get(link, timeout=20)
        code = app.ended(signal.SIGINT)

    assert page.status_code == 200
    assert code == 0


def test_the_app_makes_a_store_that_is_not_there(tmp_path: Path) -> None:
    with running("serve", "--store", str(tmp_path / "new"), "--port", "0", "--json") as app:
        told = json.loads(app.line(0))
        assert httpx.get(f"{told['endpoint']}/health", timeout=20).status_code == 200

    assert told["store"] == str(tmp_path / "new")


def test_the_address_of_an_app_on_ipv6_can_be_called(tmp_path: Path) -> None:
    with running("serve", "--store", str(tmp_path), "--host", "::1", "--port", "0") as app:
        assert httpx.get(f"{app.line(0)}/health", timeout=20).status_code == 200
        assert app.ended(signal.SIGTERM) == 0


TOLD_TO_END_AT_ONCE = """
import os, signal, sys
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app._server import serve

def tell(address):
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))

serve(Service(Store.at(sys.argv[1])), Settings(), host="127.0.0.1", port=0, on_listening=tell)
print("ended")
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_an_app_that_is_told_to_end_as_soon_as_it_has_told_its_address_ends(number: str, local_store: str) -> None:
    arguments = [sys.executable, "-c", TOLD_TO_END_AT_ONCE, local_store, number]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr


def test_an_app_that_takes_another_port_says_so(tmp_path: Path) -> None:
    with running("serve", "--store", str(tmp_path), "--port", "0") as first:
        port = first.line(0).rpartition(":")[2]
        with running("serve", "--store", str(tmp_path), "--port", port) as second:
            other = second.line(0).rpartition(":")[2]
            told = second.error(0)

    assert other != port
    assert f"Port {port} is in use by another program; the app listens on {other} instead." in told


def test_an_address_that_cannot_be_listened_on_is_told(tmp_path: Path) -> None:
    done = hitl("serve", "--host", "203.0.113.1", store=str(tmp_path))

    assert done.code == 1
    assert done.errors.splitlines()[-1].startswith("error: 203.0.113.1:8080 cannot be listened on")


@pytest.mark.parametrize("moment", ["before the write", "after the write"])
def test_a_submission_in_flight_is_completed_when_the_app_is_told_to_end(moment: str, s3_server: RunningStore) -> None:
    """SIGTERM comes while the store takes its time with the write that decides."""
    url, port = s3_server.fresh(), free_port()
    with applied(s3_server.environment):
        asker = Asker(url)
        request = asker.ask(int)
        token = run(asker.service.links()).token(request.request_id)
    replies: list[httpx.Response] = []
    with fault_proxy(s3_server.port) as proxy:
        with running("serve", "--store", url, "--port", str(port), **proxy.environment(s3_server)) as app:
            endpoint = app.line(0)
            httpx.get(f"{endpoint}/form/{request.request_id}", params={"token": token}, timeout=20)
            fragment = ".news-" if moment == "before the write" else "responses/"
            proxy.forget_requests()
            proxy.fail(matching("PUT", fragment), Fault.delay(2.0))

            def submit() -> None:
                fields = {"request_id": request.request_id, "token": token, "value": "7"}
                replies.append(httpx.post(f"{endpoint}/submit", data=fields, timeout=30))

            submission = threading.Thread(target=submit)
            submission.start()
            deadline = time.monotonic() + _SECONDS
            while not any(fragment in path and method == "PUT" for method, path in proxy.requests):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            told = time.monotonic()
            code = app.ended(signal.SIGTERM)
            took = time.monotonic() - told
            submission.join()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{endpoint}/health", timeout=5)

    with applied(s3_server.environment):
        outcome = Asker(url).outcome(request)
    assert outcome is not None
    assert outcome.value == 7
    assert [reply.status_code for reply in replies] == [303]
    assert code == 0
    assert took < GRACE_SECONDS


def test_watch_tells_of_what_comes_and_goes(store_url: str) -> None:
    asker = Asker(store_url)
    first = asker.ask(int, name="first")
    with running("watch", "--interval", "0.1", "--store", store_url) as watch:
        assert watch.line(0).split("\t")[:3] == ["open", first.request_id, "first"]
        second = asker.ask(int, name="second")
        assert watch.line(1).split("\t")[:3] == ["open", second.request_id, "second"]
        run(answered(asker.service, first, "7", responder="Ada"))
        closed = watch.line(2).split("\t")
        assert hitl("cancel", second.request_id, store=store_url).code == 0
        cancelled = watch.line(3).split("\t")
        code = watch.ended(signal.SIGINT)

    assert closed[:4] == ["closed", first.request_id, "first", "completed"]
    assert "by Ada through the form" in closed[4]
    assert closed[4].endswith(" 7")
    assert cancelled[3] == "cancelled"
    assert code == 0
    assert watch.errors == []


def test_watch_takes_nothing_for_closed_that_is_only_behind_others(local_store: str) -> None:
    asker, earlier = Asker(local_store), Asker(local_store)
    earlier.service = Service(
        Store.at(local_store), clock=MovableClock(datetime.now(timezone.utc) - timedelta(hours=1))
    )
    with running("watch", "--interval", "0.1", "--limit", "1", "--store", local_store) as watch:
        asker.ask(name="new", timeout_seconds=None)
        assert watch.line(0).split("\t")[2] == "new"
        old = earlier.ask(name="old", timeout_seconds=None)
        assert watch.line(1).split("\t")[2] == "old"
        run(answered(asker.service, old))
        last = [watch.line(number).split("\t") for number in (2, 3)]

    assert sorted((event[0], event[2]) for event in last) == [
        ("closed", "old"),
        ("open", "new"),
    ]


def test_watch_speaks_json_line_by_line(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int)
    with running("watch", "--interval", "0.1", "--json", "--store", local_store) as watch:
        opened = json.loads(watch.line(0))
        run(answered(asker.service, request, "7"))
        closed = json.loads(watch.line(1))

    assert (opened["event"], opened["request"]["request_id"]) == ("open", request.request_id)
    assert (closed["event"], closed["status"], closed["outcome"]["value"]) == ("closed", "completed", 7)


def test_an_app_says_when_it_starts_that_its_store_is_out_of_reach(s3_server: RunningStore) -> None:
    url = s3_server.fresh()
    with fault_proxy(s3_server.port) as proxy:
        proxy.down()
        with running("serve", "--store", url, "--port", "0", **proxy.environment(s3_server)) as app:
            address = app.line(0)
            told = app.error_with("The store could not")
            assert told.endswith("The app goes on, and tries again with each call.")
            proxy.up()
            assert httpx.get(f"{address}/ready").status_code == 200


def test_watch_outlives_a_store_that_goes_away(s3_server: RunningStore) -> None:
    url = s3_server.fresh()
    with applied(s3_server.environment):
        asker = Asker(url)
        asker.ask(name="first")
    with fault_proxy(s3_server.port) as proxy:
        variables = proxy.environment(s3_server)
        with running("watch", "--interval", "0.1", "--store", url, **variables) as watch:
            watch.line(0)
            proxy.down()
            assert watch.error(0).startswith("warning: The store could not")
            proxy.up()
            assert watch.error(1) == "The store is back."
            asker.ask(name="second")
            assert watch.line(1).split("\t")[2] == "second"


def test_watch_shows_what_came_to_an_end_however_much_is_open(local_store: str) -> None:
    asker = Asker(local_store)
    requests = [asker.ask(name=f"question_{number}") for number in range(12)]
    with at_a_terminal("watch", "--interval", "0.1", store=local_store, LINES="16") as watch:
        seen = watch.until_shown("… and 6 more")
        assert "question_5" in watch.shown
        assert "question_6" not in watch.shown
        run(answered(asker.service, requests[11], True, responder="Ada"))
        watch.until_shown("✓ question_11: Answered by Ada", seen)
        watch.send(signal.SIGINT)
        assert watch.ended() == 0


def test_watch_at_a_terminal_is_a_table_that_lives(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int, name="first")
    with at_a_terminal("watch", "--interval", "0.1", store=local_store) as watch:
        seen = watch.until_shown("1 open in")
        asker.ask(name="second")
        seen = watch.until_shown("2 open in", seen)
        run(answered(asker.service, request, "7", responder="Ada"))
        watch.until_shown("✓ first: Answered by Ada", seen)
        watch.send(signal.SIGINT)
        assert watch.ended() == 0
