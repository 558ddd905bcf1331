"""A decision with its reason, as an author asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ._keywords import KIND, REASON_TO

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

ReasonTo = Literal["nothing", "reject", "approve", "both"]
"""What needs a reason."""


@dataclass(frozen=True)
class Approval:
    """A decision and the reason for it. It is true if it was approved.

    Attributes:
        approved: The decision.
        reason: Why, in the words of the person; may be empty unless a reason was required.

    Example:
        ```python
        approval = hitl.new_event("ship", data_type=hitl.Approval).wait()
        if not approval:
            print("Rejected:", approval.reason)
        ```
    """

    approved: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.approved

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler.resolve_ref_schema(handler(schema)), KIND: "approval"}


@dataclass(frozen=True)
class ReasonRequired:
    """Requires a reason of an `Approval`: `data_type=Annotated[hitl.Approval, hitl.ReasonRequired("reject")]`.

    Attributes:
        to: What needs a reason: `reject`, `approve` or `both`.
    """

    to: ReasonTo = "reject"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(source)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = dict(handler.resolve_ref_schema(handler(schema)))
        reasoned = {"properties": {"reason": {"minLength": 1}}, "required": ["reason"]}
        if self.to == "both":
            return {**described, REASON_TO: self.to, "allOf": [reasoned]}
        decided = {"properties": {"approved": {"const": self.to == "approve"}}}
        return {**described, REASON_TO: self.to, "if": decided, "then": reasoned}
