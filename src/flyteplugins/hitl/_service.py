"""Every transition of a request: ask, answer, expire, cancel, replace. The form, the JSON call and the workflow all
come through here, so that no entrance knows a rule that another does not.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from ._candidates import Candidates, Check
from ._clock import Clock, SystemClock
from ._earlier import Earlier
from ._event_loops import Once, in_thread
from ._items import Shelf
from ._kept_values import kept_value, opened_value
from ._links import Links
from ._listeners import Listeners
from ._listing import Listing, listing_of, request_path
from ._marks import Interest, Marks, news_path
from ._progress import Progress
from ._proof import Proof
from ._questions import Put, Questions
from ._records import (
    Channel,
    Identity,
    Origin,
    Question,
    Request,
    Response,
    Status,
    status_of,
)
from ._refusals import closed, key_of_another_answer, too_late
from ._request_cache import RequestCache
from ._signing_key import signing_key
from ._store import Store, new_nonce
from ._submission import Submission, is_same_value
from ._uploads import Uploads
from .errors import DamagedRecord, InvalidAnswer, RequestNotFound

_REQUEST_ID = re.compile(r"[a-z2-7]{26}")


class Service:
    """The rules, over one store.

    Args:
        store: Where the records are.
        clock: Tells the time.
    """

    def __init__(self, store: Store, *, clock: Clock | None = None) -> None:
        self.store = store
        self.clock = clock or SystemClock()
        self.listeners = Listeners()
        self.uploads = Uploads(store, self.clock)
        self.shelf = Shelf(store)
        self.progress = Progress(store)
        self.marks = Marks(store, self.clock)
        self.questions = Questions(store, self.clock, self.links, self.response, self._replaced)
        self._requests = RequestCache(store, self.clock)
        self._links: Once[Links] = Once()

    async def seen(self, request: Request, interest: Interest) -> None:
        """Has the workflow told that a person looks at an open request, so that it looks often."""
        if not self.listeners.is_awaited(request.request_id):
            await self.marks.leave_interest(request, interest)

    async def links(self) -> Links:
        """Signs and checks with the store's key, which is made the first time anybody needs it.

        Raises:
            StoreRefused: The store cannot keep one outcome per question.
            StoreUnavailable: The store could not be reached.
        """
        return await self._links.get(self._made_links)

    async def links_now(self) -> Links:
        """The same, with the store asked now: it may be out of reach by now, or have been emptied and have a new key.

        Raises:
            StoreRefused: The store cannot keep one outcome per question.
            StoreUnavailable: The store could not be reached.
            DamagedRecord: What stands in the place of its key is no key.
        """
        links, standing = await self.links(), await signing_key(self.store)
        if not links.is_signed_with(standing.secret):
            self._links = Once()
        return await self.links()

    async def ask(
        self,
        question: Question,
        *,
        origin: Origin,
        turn: int,
        occurrence: int,
        idempotency_key: str | None = None,
        timeout_seconds: float | None,
        fingerprint: str | None = None,
        earlier: Earlier | None = None,
    ) -> Put:
        """Puts a question, or finds it where it was put before.

        Args:
            question: What is asked.
            origin: Who asks.
            turn: How many events of this name the action asked in this attempt, this one included.
            occurrence: The same, counting only those with this very content.
            idempotency_key: The caller's own key, which takes the place of both counts.
            timeout_seconds: The time to answer; `None` for no limit. Of no effect on a request that stands.
            fingerprint: The hash of the question, from whoever has it.
            earlier: What the attempt knows of the requests before it, and of its own; `None` where it asks its first.

        Returns:
            The request, and its outcome where it stood before.
        """
        if idempotency_key is not None:
            turn = occurrence = 1
        identity = Identity(
            origin=origin,
            name=question.name,
            idempotency_key=idempotency_key,
            occurrence=occurrence,
            fingerprint=fingerprint or question.fingerprint(),
        )
        put = await self.questions.put(
            question, identity, turn=turn, timeout_seconds=timeout_seconds, earlier=earlier or Earlier()
        )
        if put.response is None:
            self.listeners.tell_request(put.request)
        return put

    async def request(self, request_id: str) -> Request:
        """Reads a request, or takes it as it was read within the last minute.

        Raises:
            RequestNotFound: There is none.
        """
        request = None
        if _REQUEST_ID.fullmatch(request_id):
            request = await self._requests.read(request_id)
        if request is None or request.request_id != request_id:
            raise RequestNotFound(
                "No question has this id here. Check the link; if it is right, the app may be using another store than "
                "the workflow."
            )
        if request.response_path != (await self.links()).response_path(request_id):
            raise DamagedRecord(
                f"{request_path(request_id)} was not made with this store's key: it names another place for its "
                "outcome. The key was replaced, or something else wrote the record; ask again to go on."
            )
        return request

    async def opened(self, request_id: str, proof: Proof) -> Request:
        """Reads a request for a caller that proves a right to it.

        Raises:
            RequestNotFound: There is none.
            AccessDenied: The caller may neither see nor answer it.
        """
        request = await self.request(request_id)
        await self.authorize(request, proof)
        return request

    async def response(self, request: Request) -> Response | None:
        """Reads the outcome of a request, or `None` while it is open."""
        standing = await self.store.read(request.response_path, Response)
        if standing is not None:
            self.listeners.tell_outcome(standing)
        return standing

    async def status(self, request: Request) -> Status:
        """Where a request stands."""
        response, latest = await self.response(request), await self.latest_check(request)
        return status_of(request, response, self.clock.now(), is_unchecked=latest is not None and latest.is_open)

    def candidates(self, request: Request) -> Candidates:
        """The answers to a request that wait for the workflow's own check."""
        return Candidates(self.store, request.request_id, self.clock)

    async def latest_check(self, request: Request) -> Check | None:
        """Where the check of the latest answer stands, or `None` where nothing is checked."""
        return await self.candidates(request).latest() if request.question.is_validated else None

    async def authorize(self, request: Request, proof: Proof) -> None:
        """Holds what the caller shows against the request.

        Raises:
            AccessDenied: It does not prove a right to the request.
        """
        proof.check(request, await self.links())

    async def answer(self, request: Request, proof: Proof, submission: Submission) -> Response | Check:
        """Takes an answer, if it fits and no outcome stands; or keeps it, if the workflow is to check it first.

        Args:
            request: The request, as it was read from the store.
            proof: What proves the right to answer it.
            submission: The answer as it came in.

        Returns:
            The outcome, which is this answer: the workflow gets it. Or where its check stands.

        Raises:
            AccessDenied: The caller may not answer.
            RequestClosed: Another outcome stands.
            DeadlinePassed: The time is over.
            InvalidAnswer: The value does not fit; the request stays open.
            TooManyAnswers: The workflow's check refused too many.
            StoreUnavailable: It is not certain what became of the answer. Sending it again is safe.
        """
        await self.authorize(request, proof)
        now = self.clock.now()
        # The write that decides meets an outcome that stands as well: looking first is for what costs more than that.
        looks_first = request.question.is_validated or request.is_past_deadline(now) or not submission.is_short
        standing = await self._standing(request, submission) if looks_first else None
        try:
            response = await self._fitting(request, submission, now)
        except InvalidAnswer:
            # That the question is closed is what matters, and no correction of the answer would help.
            await self._standing(request, submission)
            raise
        if standing is None and request.question.is_validated:
            return await self._keep(request, response)
        standing, is_ours = await self._decide(request, response)
        if not is_ours or (standing is not response and not is_same_value(standing.value, response.value)):
            raise closed(request, standing)
        return standing

    async def settle(self, request: Request) -> Response | None:
        """The outcome of a request; brought about, where nothing is left to be decided.

        That is so after its deadline, and after the workflow's check accepted an answer. An answer that came in time
        and has yet to be checked holds up the deadline.

        Returns:
            The outcome, or `None` while the request is open.
        """
        standing = await self.response(request)
        if standing is None and request.question.is_validated:
            accepted = await self.candidates(request).accepted()
            if accepted is not None:
                standing, _ = await self._decide(request, accepted)
        if standing is None and request.is_past_deadline(self.clock.now()) and await self._can_expire(request):
            return await self.expire(request)
        return standing

    async def check_open(self, request: Request) -> None:
        """Makes certain that an answer would still be taken.

        Raises:
            RequestClosed: An outcome stands.
            DeadlinePassed: The time is over.
        """
        standing = await self.settle(request)
        if standing is not None:
            raise closed(request, standing)
        if request.is_past_deadline(self.clock.now()):
            raise too_late()

    async def value(self, request: Request, response: Response) -> JsonValue:
        """The value of an outcome as the workflow gets it, with the secrets in it open and the files where they lie."""
        return opened_value(request, response.value, await self.links(), self.uploads)

    async def expire(self, request: Request) -> Response:
        """Closes a request whose deadline has passed, unless an outcome stands. See `settle` for when it may be.

        Returns:
            The outcome that stands.
        """
        if not request.is_past_deadline(self.clock.now()):
            raise ValueError(f"the deadline of request {request.request_id} has not passed")
        fallback = request.question.on_timeout
        value = await self._decided_so_far(request)
        if value is None and fallback is not None:
            value = fallback.value
        return await self._close(request, status="timed_out", channel=Channel.TIMER, value=value)

    async def cancel(
        self,
        request: Request,
        reason: str,
        *,
        channel: Literal[Channel.WORKFLOW, Channel.RUN_ENDED, Channel.CLI] = Channel.WORKFLOW,
        responder: str | None = None,
    ) -> Response:
        """Closes a request with no answer, unless an outcome stands.

        Args:
            request: The request.
            reason: Why, for the person who opens the form.
            channel: Whether the workflow cancelled it, a person did, or its run ended; after the last it can be asked
                anew.
            responder: Who did, where a person did.

        Returns:
            The outcome that stands.
        """
        return await self._close(request, status="cancelled", channel=channel, comment=reason, responder=responder)

    async def listing(self) -> Listing:
        """All requests of the store. One damaged object is told of, and hides none of the others."""
        return await listing_of(self.store)

    async def _made_links(self) -> Links:
        await self.store.check()
        return Links((await signing_key(self.store)).secret)

    async def _decided_so_far(self, request: Request) -> JsonValue:
        """What the deadline leaves of a review that may be left in part: `None` for nothing."""
        review = request.question.review
        if review is None or not review.allow_partial:
            return None
        decided = (await self.progress.standing(request.request_id)).decided
        return [decided.get(number) for number in range(review.count)] if decided else None

    async def _replaced(self, request: Request, replaced_by: str) -> Response:
        return await self._close(request, status="replaced", channel=Channel.WORKFLOW, replaced_by=replaced_by)

    async def _close(
        self,
        request: Request,
        *,
        status: Literal["timed_out", "cancelled", "replaced"],
        channel: Channel,
        value: JsonValue = None,
        comment: str = "",
        responder: str | None = None,
        replaced_by: str | None = None,
    ) -> Response:
        response = Response(
            nonce=new_nonce(),
            request_id=request.request_id,
            status=status,
            value=value,
            responder=responder,
            channel=channel,
            comment=comment,
            responded_at=self.clock.now(),
            replaced_by=replaced_by,
        )
        standing, _ = await self._decide(request, response)
        return standing

    async def _standing(self, request: Request, submission: Submission) -> Response | None:
        """The outcome that stands, if it was made by this very submission, sent before.

        Raises:
            RequestClosed: Another one stands.
        """
        standing = await self.settle(request)
        if standing is not None and not submission.made(standing):
            raise closed(request, standing)
        return standing

    async def _fitting(self, request: Request, submission: Submission, now: datetime) -> Response:
        """What an answer becomes, as its record keeps it.

        Raises:
            InvalidAnswer: It does not fit.
        """
        if submission.is_short:
            response = submission.response(request, now)
        else:
            # Ten thousand decisions take a second, and others wait for the app.
            response = await in_thread(submission.response, request, now)
        kept = await kept_value(request, response.value, await self.links(), self.store, self.uploads)
        return response if kept is response.value else response.model_copy(update={"value": kept})

    async def _can_expire(self, request: Request) -> bool:
        return not request.question.is_validated or await self.candidates(request).close()

    async def _keep(self, request: Request, response: Response) -> Check:
        is_in_time = not request.is_past_deadline(response.responded_at)
        await self.marks.leave_news(request, response.nonce)
        check = await self.candidates(request).enter(response, is_in_time=is_in_time)
        if check is None:
            standing = await self.settle(request)
            raise too_late() if standing is None else closed(request, standing)
        if not is_same_value(check.response.value, response.value):
            raise key_of_another_answer()
        self.listeners.tell_candidate(request.request_id)
        return check

    async def _decide(self, request: Request, response: Response) -> tuple[Response, bool]:
        # Who waits goes by the marks, so the mark must be there first; at the deadline all who wait look by themselves.
        mark = None if response.channel is Channel.TIMER else news_path(request, response.nonce)
        standing, is_ours = await self.store.create(request.response_path, response, mark=mark)
        self.listeners.tell_outcome(standing)
        return standing, is_ours
