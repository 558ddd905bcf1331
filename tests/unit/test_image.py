"""Holds the image with this package in it, and that `hitl.env` follows what is set."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import flyte
import flyte.app
import pytest
from flyte._deploy import build_images
from flyte._image import Commands, CopyConfig, PipPackages
from flyte._internal.imagebuild.docker_builder import CopyConfigHandler

import flyteplugins.hitl as hitl
from flyteplugins.hitl._env import APP_NAME, app_variables, settings_changed
from flyteplugins.hitl._settings import Settings, forget_program
from flyteplugins.hitl.errors import InvalidParameter


@pytest.fixture
def program() -> Iterator[None]:
    """What a test sets is taken back."""
    yield
    forget_program()
    settings_changed()


def commands_of(image: flyte.Image) -> list[str]:
    return [command for layer in image._layers if isinstance(layer, Commands) for command in layer.commands]


class TestImage:
    """What `hitl.image` makes."""

    def test_of_a_published_version_it_installs_that(self) -> None:
        packages = [layer.packages for layer in hitl.image()._layers if isinstance(layer, PipPackages)]

        assert packages == [(f"flyteplugins-hitl=={hitl.__version__}",)]

    def test_a_wheel_is_put_into_it_and_installed(self, tmp_path: Path) -> None:
        wheel = tmp_path / "flyteplugins_hitl-3.0.0-py3-none-any.whl"
        wheel.write_bytes(b"")

        image = hitl.image(wheel)

        (copied,) = [layer for layer in image._layers if isinstance(layer, CopyConfig)]
        assert copied.src == wheel
        assert commands_of(image) == [f"uv pip install {copied.dst}{wheel.name}"]

    def test_the_file_that_is_installed_is_the_one_that_the_builder_puts_there(self, tmp_path: Path) -> None:
        """In a Dockerfile, `COPY` of a file to a name with no slash at its end makes a file of that name."""
        wheel = tmp_path / "flyteplugins_hitl-3.0.0-py3-none-any.whl"
        wheel.write_bytes(b"")
        (tmp_path / "context").mkdir()
        layer = next(layer for layer in hitl.image(wheel)._layers if isinstance(layer, CopyConfig))

        dockerfile = asyncio.run(CopyConfigHandler.handle(layer, tmp_path / "context", ""))

        *_, source, target = dockerfile.split()
        assert target.endswith("/")
        assert commands_of(hitl.image(wheel)) == [f"uv pip install {target}{source.rpartition('/')[2]}"]

    def test_it_is_the_same_whatever_python_makes_it(self) -> None:
        assert hitl.image().python_version == (3, 12)

    def test_tasks_build_on_it(self) -> None:
        image = hitl.image().with_pip_packages("pandas")

        assert flyte.TaskEnvironment(name="builds_on_it", image=image, depends_on=[hitl.env]).image == image

    @pytest.mark.parametrize("name", ["missing.whl", "notes.txt", ""])
    def test_what_is_no_wheel_is_refused(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "notes.txt").write_text("none")

        with pytest.raises(InvalidParameter, match=r"is no wheel file\. Make one by `pip wheel"):
            hitl.image(tmp_path / name)

    def test_in_a_pod_the_wheel_need_not_be_there_any_more(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The module that makes the image is loaded there as well, and Flyte takes only modules along."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("RUN_NAME", "r1")
        monkeypatch.setenv("ACTION_NAME", "a0")

        image = hitl.image("dist/flyteplugins_hitl-3.0.0-py3-none-any.whl")

        assert flyte.TaskEnvironment(name="in_a_pod", image=image, depends_on=[hitl.env]).image == image

    def test_the_wheel_that_it_was_installed_from_is_found_by_itself(self, tmp_path: Path) -> None:
        """As pip and uv note it beside what they install."""
        wheel = tmp_path / "with space" / "flyteplugins_hitl-3.0.0-py3-none-any.whl"
        wheel.parent.mkdir()
        wheel.write_bytes(b"")
        noted = tmp_path / "site" / "flyteplugins_hitl-3.0.0.dist-info"
        noted.mkdir(parents=True)
        (noted / "METADATA").write_text("Metadata-Version: 2.1\nName: flyteplugins-hitl\nVersion: 3.0.0\n")
        (noted / "direct_url.json").write_text(f'{{"url": "{wheel.as_uri()}", "archive_info": {{}}}}')

        script = "import flyteplugins.hitl as hitl; print(hitl.env.image._layers[-2].src)"
        path = os.pathsep.join([str(noted.parent), *sys.path])
        environment = {**os.environ, "PYTHONPATH": path}
        told = subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True, timeout=60
        )

        assert told.stdout.splitlines()[-1] == str(wheel)

    def test_of_a_checkout_it_says_that_the_published_version_is_taken_and_an_import_does_not(
        self, tmp_path: Path
    ) -> None:
        noted = tmp_path / "site" / "flyteplugins_hitl-3.0.0.dist-info"
        noted.mkdir(parents=True)
        (noted / "METADATA").write_text("Metadata-Version: 2.1\nName: flyteplugins-hitl\nVersion: 3.0.0\n")
        (noted / "direct_url.json").write_text(f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{"editable": true}}}}')
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(noted.parent), *sys.path])}

        def told(script: str) -> str:
            return subprocess.run(
                [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True, timeout=60
            ).stderr

        assert told("import flyteplugins.hitl as hitl; hitl.env") == ""
        said = told("import flyteplugins.hitl as hitl; hitl.image()")
        assert f"installed from the folder {tmp_path}" in said
        assert "pip wheel --no-deps" in said


class TestEnvironment:
    """What is deployed."""

    def test_it_is_a_plain_app_with_a_command_and_no_store_is_guessed(self) -> None:
        assert type(hitl.env) is flyte.app.AppEnvironment
        assert hitl.env.name == APP_NAME
        assert isinstance(hitl.env.command, list)
        assert "--no-default-store" in hitl.env.command

    @pytest.mark.usefixtures("program")
    def test_it_follows_what_the_program_sets(self) -> None:
        hitl.configure(store="s3://bucket/hitl", image="mine:1", memory="1Gi", min_replicas=1, max_replicas=2)

        assert isinstance(hitl.env.image, flyte.Image)
        assert hitl.env.image.uri == "mine:1"
        assert (hitl.env.env_vars or {})["FLYTE_HITL_STORE"] == "s3://bucket/hitl"
        assert hitl.env.resources == flyte.Resources(cpu="1", memory="1Gi")
        assert hitl.env.scaling.replicas == (1, 2)

    @pytest.mark.usefixtures("program")
    def test_flyte_tells_tasks_its_image_that_depend_on_it(self) -> None:
        hitl.configure(image="registry.example.org/hitl:1")
        base = flyte.Image.from_base("registry.example.org/approvals:1")
        flyte.init()

        built = build_images(flyte.TaskEnvironment(name="told", image=base, depends_on=[hitl.env]))

        assert built.image_lookup[APP_NAME] == "registry.example.org/hitl:1"

    def test_a_setting_that_cannot_be_used_is_no_reason_to_fail_an_import(self) -> None:
        environment = {**os.environ, "FLYTE_HITL_CPU": "many", "FLYTE_HITL_MAX_BODY_BYTES": "lots"}

        subprocess.run([sys.executable, "-c", "import flyteplugins.hitl"], env=environment, check=True, timeout=60)


class TestVariables:
    """What an app is told."""

    def test_what_it_reads_and_where_the_store_is_but_no_secret_and_nothing_of_others(self) -> None:
        environment = {
            "FLYTE_HITL_IDENTITY_HEADER": "X-User",
            "FLYTE_HITL_MAX_CHARACTERS": "7",
            "AWS_ENDPOINT_URL": "http://minio:9000",
            "AWS_REGION": "eu-west-1",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SESSION_TOKEN": "token",
            "FLYTE_AWS_SECRET_ACCESS_KEY": "secret",
            "AZURE_STORAGE_ACCOUNT_KEY": "secret",
            "HOME": "/root",
        }

        told = app_variables("s3://bucket/hitl", Settings.from_environment(environment), environment)

        assert told == {
            "FLYTE_HITL_STORE": "s3://bucket/hitl",
            "FLYTE_HITL_IDENTITY_HEADER": "X-User",
            "AWS_ENDPOINT_URL": "http://minio:9000",
            "AWS_REGION": "eu-west-1",
            "HITL_APP_VERSION": hitl.__version__,
        }
