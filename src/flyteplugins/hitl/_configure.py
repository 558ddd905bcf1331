"""`configure`: what a program sets for itself, where an operator says nothing else."""

from __future__ import annotations

from ._env import settings_changed
from ._settings import set_by_program


def configure(
    *,
    store: str | None = None,
    endpoint: str | None = None,
    identity_header: str | None = None,
    max_characters: int | None = None,
    max_body_bytes: int | None = None,
    max_upload_bytes: int | None = None,
    progress: bool | None = None,
    push: bool | None = None,
    public_address: str | None = None,
    check_endpoint: bool | None = None,
    image: str | None = None,
    cpu: str | float | None = None,
    memory: str | None = None,
    min_replicas: int | None = None,
    max_replicas: int | None = None,
    serve_timeout_seconds: float | None = None,
) -> None:
    """Sets what the variables of the environment leave open.

    A variable such as `FLYTE_HITL_STORE` wins over the same setting here, so an operator can run a program elsewhere
    without changing it. What is left out stays as earlier calls set it. Call it at the top of the module where your
    tasks are defined: so it holds wherever they run.

    Args:
        store: The URL of the store, such as `s3://bucket/hitl`, or a folder.
        endpoint: The address of an app that runs already, as the workflow reaches it. Without it one is served.
        identity_header: The request header in which a trusted proxy before the app names the person who is signed in.
        max_characters: The longest text that is taken as a `str` answer.
        max_body_bytes: The largest body that the app reads, in bytes, files aside.
        max_upload_bytes: The largest file that the app takes, in bytes.
        progress: Whether a script says what it waits for, and takes answers where it runs.
        push: Whether the app wakes a task on a cluster by one of Flyte's conditions, where the backend offers them.
        public_address: The address that is put into links, where people reach the app at another one than `endpoint`
            or than Flyte gives.
        check_endpoint: Whether it is looked whether an app answers at `endpoint` before the first question.
        image: The URI of the image of the app that tasks serve on a cluster; without it Flyte builds one.
        cpu: What that app gets of processors, such as `1` or `"500m"`.
        memory: What it gets of memory, such as `"512Mi"`.
        min_replicas: How many of it there are at least; with 0 it sleeps while nobody calls it.
        max_replicas: How many of it there are at most.
        serve_timeout_seconds: How long a task waits for the app at the longest, in seconds.

    Raises:
        InvalidParameter: A value cannot be used; the message names it. Then none of this call is taken.

    Example:
        ```python
        hitl.configure(store="s3://my-bucket/hitl", memory="1Gi", min_replicas=1)
        ```
    """
    set_by_program(locals())
    settings_changed()
