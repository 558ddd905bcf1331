"""Scripts that are killed, interrupted, or fail, and are started again; and several that run side by side.

Holds P2 (a crash loses nothing and asks nobody twice), P3 (the deadline is a moment), P4 (a changed question is a new
question), and that the processes of one machine never answer for each other.
"""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.support.apps import running_app
from tests.support.person import answer, opened, state
from tests.support.processes import LOOPBACK
from tests.support.scripts import SCRIPTS, Link, RunningScript, running_script

pytestmark = pytest.mark.slow

RESTARTABLE = SCRIPTS / "restartable.py"


@pytest.fixture
def run() -> str:
    """The name of a run that nobody has used; Flyte keeps what runs leave in one folder for the whole machine."""
    return f"hitl-test-{uuid.uuid4().hex[:12]}"


@contextmanager
def restartable(run: str, *told: str, home: Path) -> Iterator[RunningScript]:
    with running_script(RESTARTABLE, run, *told, home=home) as script:
        yield script


def deadline_in(script: RunningScript) -> str:
    return script.until(
        lambda: next((line for line in script.lines if line.startswith("deadline ")), None), "line with the deadline"
    )


def killed_while_it_waits(run: str, home: Path) -> tuple[Link, str]:
    """Runs the script until it waits, and kills it; returns its link and the line with its deadline."""
    with restartable(run, home=home) as script:
        link, deadline = script.link(), deadline_in(script)
        assert state(link)["status"] == "pending"
        script.kill()
    return link, deadline


def store_of(home: Path) -> Path:
    return home / ".flyte" / "hitl"


def requests_in(home: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in (store_of(home) / "requests").rglob("*.json")]


def responses_in(home: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in (store_of(home) / "responses").glob("*.json")]


def is_reached(link: Link) -> bool:
    try:
        httpx.get(f"{link.endpoint}/health", timeout=5)
    except httpx.TransportError:
        return False
    return True


def test_a_killed_script_started_again_has_the_same_link_and_deadline(run: str, tmp_path: Path) -> None:
    link, deadline = killed_while_it_waits(run, tmp_path)
    assert not is_reached(link)

    with restartable(run, home=tmp_path) as again:
        assert again.link() == link
        assert deadline_in(again) == deadline
        answer(link, "7")
        again.succeeded()

    assert again.lines[-1] == "answer 7"
    assert len(requests_in(tmp_path)) == 1


def test_a_form_that_was_left_open_works_after_the_restart(run: str, tmp_path: Path) -> None:
    with restartable(run, home=tmp_path) as script:
        form = opened(script.link())
        script.kill()

    with restartable(run, home=tmp_path) as again:
        again.link()
        page = form.send("8")
        again.succeeded()

    assert "Answer accepted" in page.text
    assert again.lines[-1] == "answer 8"


def test_an_answer_given_while_it_was_down_is_taken_at_once(run: str, tmp_path: Path) -> None:
    link, _ = killed_while_it_waits(run, tmp_path)
    with running_app(str(store_of(tmp_path)), tmp_path) as app:
        answer(link.at(app.url), "9")

    with restartable(run, home=tmp_path) as again:
        # Far below the poll interval of a minute.
        assert again.ended(within=30) == 0, again.described()

    assert again.lines[-1] == "answer 9"
    assert len(requests_in(tmp_path)) == 1


class Stranger(BaseHTTPRequestHandler):
    """Some other program's server, which says yes to everything."""

    def do_GET(self) -> None:
        body = b'{"status": "healthy"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stranger_on(port: int) -> Iterator[None]:
    server = ThreadingHTTPServer((LOOPBACK, port), Stranger)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_port_that_a_stranger_took_meanwhile_is_left_to_it(run: str, tmp_path: Path) -> None:
    link, deadline = killed_while_it_waits(run, tmp_path)
    with stranger_on(link.port), restartable(run, home=tmp_path) as again:
        moved = again.link()
        assert moved.port != link.port
        assert (moved.request_id, moved.token) == (link.request_id, link.token)
        assert deadline_in(again) == deadline
        answer(moved, "10")
        again.succeeded()

    assert again.lines[-1] == "answer 10"


def test_two_runs_side_by_side_get_each_its_own_answer(tmp_path: Path) -> None:
    with ExitStack() as stack:
        scripts = [
            stack.enter_context(restartable(f"hitl-test-{uuid.uuid4().hex[:12]}", home=tmp_path / str(number)))
            for number in range(2)
        ]
        links = [script.link() for script in scripts]
        for number, link in reversed(list(enumerate(links))):
            answer(link, str(number))
        for script in scripts:
            script.succeeded()

    assert [script.lines[-1] for script in scripts] == ["answer 0", "answer 1"]


def test_two_runs_on_one_store_get_each_its_own_answer(tmp_path: Path) -> None:
    shared = {"FLYTE_HITL_STORE": str(tmp_path / "store")}
    runs = [f"hitl-test-{uuid.uuid4().hex[:12]}" for _ in range(2)]
    with ExitStack() as stack:
        scripts = [
            stack.enter_context(running_script(RESTARTABLE, name, home=tmp_path / str(number), environment=shared))
            for number, name in enumerate(runs)
        ]
        links = [script.link() for script in scripts]
        assert len({link.port for link in links}) == 2
        # Each through the other's app: the store tells them apart, not the port.
        for number, link in enumerate(links):
            answer(link.at(links[1 - number].endpoint), str(number))
        # The other's app wakes nobody here; a script that is started again looks at once.
        for script in scripts:
            script.kill()
        for number, name in enumerate(runs):
            with running_script(RESTARTABLE, name, home=tmp_path / str(number), environment=shared) as again:
                again.succeeded()
            assert again.lines[-1] == f"answer {number}"


def test_a_link_of_one_script_opens_nothing_at_another(tmp_path: Path) -> None:
    with (
        running_script(RESTARTABLE, "hitl-test-same-name", home=tmp_path / "one") as one,
        running_script(RESTARTABLE, "hitl-test-same-name", home=tmp_path / "two") as two,
    ):
        link, other = one.link(), two.link()
        crossed = httpx.get(link.at(other.endpoint).url)

        assert link.request_id != other.request_id
        assert crossed.status_code == 404


@contextmanager
def looked_at_later(home: Path, link: Link) -> Iterator[str]:
    """The page behind a link after its script has ended, shown by an app of its own."""
    with running_app(str(store_of(home)), home) as app:
        yield httpx.get(link.at(app.url).url).text


def test_an_interrupted_script_closes_what_it_asked_and_asks_anew(run: str, tmp_path: Path) -> None:
    with restartable(run, home=tmp_path) as script:
        link = script.link()
        deadline_in(script)
        script.send(signal.SIGINT)
        assert script.ended() != 0
    (response,) = responses_in(tmp_path)
    assert (response["status"], response["channel"]) == ("cancelled", "run_ended")
    with looked_at_later(tmp_path, link) as page:
        assert "The run ended before anybody answered." in page
        assert "<form" not in page

    with restartable(run, home=tmp_path) as again:
        anew = again.link()
        assert anew.request_id != link.request_id
        assert state(anew)["status"] == "pending"
        assert "The run ended before anybody answered." in httpx.get(link.url).text
        answer(anew, "11")
        again.succeeded()

    assert again.lines[-1] == "answer 11"


def test_a_script_that_fails_closes_what_it_asked_and_asks_anew(run: str, tmp_path: Path) -> None:
    with restartable(run, "fail", home=tmp_path) as script:
        link = script.link()
        assert script.ended() != 0
    assert "the task failed" in script.output + script.errors
    (response,) = responses_in(tmp_path)
    assert (response["request_id"], response["status"]) == (link.request_id, "cancelled")

    with restartable(run, home=tmp_path) as again:
        anew = again.link()
        assert anew.request_id != link.request_id
        answer(anew, "12")
        again.succeeded()

    assert again.lines[-1] == "answer 12"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_script_that_is_ended_from_outside_leaves_its_question_open(
    number: signal.Signals, run: str, tmp_path: Path
) -> None:
    with restartable(run, home=tmp_path) as script:
        link = script.link()
        deadline_in(script)
        script.send(number)
        assert script.ended() != 0
    assert responses_in(tmp_path) == []

    with restartable(run, home=tmp_path) as again:
        assert again.link() == link
        answer(link, "13")
        again.succeeded()


def test_a_changed_question_replaces_the_one_that_a_killed_script_left(run: str, tmp_path: Path) -> None:
    link, _ = killed_while_it_waits(run, tmp_path)

    with restartable(run, "other", home=tmp_path) as again:
        anew = again.link()
        assert anew.request_id != link.request_id
        old_page = httpx.get(link.url).text
        assert "Replaced by another question" in old_page
        assert f"form/{anew.request_id}?token={anew.token}" in old_page
        answer(anew, "14")
        again.succeeded()

    assert again.lines[-1] == "answer 14"


def test_a_task_that_is_tried_again_asks_once(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "retried.py", home=tmp_path) as script:
        first, second = script.link(1), script.link(2)
        assert second == first
        answer(first, "15")
        script.succeeded()

    assert script.lines[-1] == "answer 15"
    assert len(requests_in(tmp_path)) == 1
