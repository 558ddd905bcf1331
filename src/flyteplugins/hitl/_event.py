"""`Event`: a question that was put to a person, and how to get the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._faces import TwoFaces
from ._outcome import Outcome, Status

if TYPE_CHECKING:
    from ._asked import Asked

T = TypeVar("T")


class Event(Generic[T]):
    """A question put to a person. Made by `new_event`.

    Attributes:
        name: The event's name.
        data_type: The type of the answer.
        prompt: The message on the form.
        scope: The scope of the event.
        request_id: Names the request; the same after a crash.
        response_path: Proves the right to answer in the JSON call. Treat it as a secret.
        endpoint: The address of the app that shows the form.
        form_url: The link to the form. Whoever has it can answer.
        api_url: The address of the JSON call.
        deadline: Until when it can be answered, in UTC; `None` for no limit.
        poll_interval_seconds: How often the store is looked into at the longest, in seconds.
    """

    def __init__(self, asked: Asked[T]) -> None:
        link, request = asked.link, asked.request
        self.name = request.question.name
        self.data_type: Any = asked.answer.data_type
        self.prompt = request.question.prompt
        self.scope = request.scope
        self.request_id = request.request_id
        self.response_path = request.response_path
        self.endpoint = link.endpoint
        self.form_url = link.form_url
        self.api_url = link.api_url
        self.deadline = request.deadline
        self.poll_interval_seconds = asked.interval
        self._asked = asked

    @property
    def curl(self) -> str:
        """The JSON call, ready to be pasted into a shell; put your answer in place of the value."""
        return self._asked.link.curl

    @TwoFaces
    async def wait(self) -> T:
        """Waits for the answer. Answers are checked by the function given as `validate=` while this waits.

        Returns:
            The answer, of the type that was asked for; or the value of `on_timeout=`, if nobody answered in time.

        Raises:
            EventTimedOut: Nobody answered before the deadline. It is a `TimeoutError`.
            EventCancelled: The event was cancelled.
            EventReplaced: A later attempt of the task asks something else under this name.
            Exception: Whatever the function given as `validate=` raises that refuses no answer.
        """
        return await self._asked.value()

    @TwoFaces
    async def response(self) -> Outcome[T]:
        """Waits for the outcome, whatever it is, and returns all of it: who, when, how, and the comment.

        Returns:
            The outcome. No status of it is raised as an error.

        Raises:
            Exception: Whatever the function given as `validate=` raises that refuses no answer.
        """
        return await self._asked.outcome()

    @TwoFaces
    async def cancel(self, reason: str = "") -> Outcome[T]:
        """Closes the event with no answer, unless it has an outcome already.

        Args:
            reason: Why, for whoever opens the form.

        Returns:
            The outcome that stands, which is another one if somebody was quicker.
        """
        return await self._asked.cancel(reason)

    @TwoFaces
    async def status(self) -> Status:
        """Tells where the event stands, without waiting."""
        return await self._asked.status()

    def __repr__(self) -> str:
        return f"Event(name={self.name!r}, data_type={self._asked.answer.name}, request_id={self.request_id!r})"
