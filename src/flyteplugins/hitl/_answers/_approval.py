"""A decision with its reason, on the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from .._keywords import KIND, LABELS, REASON_TO
from ._answer_type import Choice, Errors, FormField, Place, Words, answer_type_of
from ._entries import Entries, inside
from ._node import Node
from ._objects import ObjectType
from ._values import InvalidValue, Problem

_APPROVED, _REASON = "approved", "reason"
_MISSING = "Say why: a reason is required to {}."
_DEFAULT_LABELS = ("Approve", "Reject")


class ApprovalType(ObjectType):
    """Two buttons and a reason beside them."""

    name = "approval"

    def claims(self, node: Node) -> bool:
        return bool(node.get(KIND) == self.name)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        if entries.one(inside(name, _APPROVED)) is None:
            raise InvalidValue(Problem("Choose one: {} or {}.".format(*self._labels(node)), (_APPROVED,)))
        return self._reasoned(node, super().parse_form(node, entries, name))

    def parse_json(self, node: Node, value: object) -> JsonValue:
        # A bare decision is one without a reason, so that the call for a `bool` works here too.
        is_bare = not isinstance(value, Mapping) and not str(value).lstrip().startswith("{")
        return self._reasoned(node, super().parse_json(node, {_APPROVED: value} if is_bare else value))

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        labelled = dict(node.members())
        labels = self._labels(node)
        required = str(node.get(REASON_TO, "nothing"))
        decision = Node({**labelled[_APPROVED].schema, LABELS: list(labels)}, node.definitions, "Decision")
        reason = replace(labelled[_REASON], schema={**labelled[_REASON].schema, "description": ""})
        fields = (
            answer_type_of(decision).field(decision, place.member(_APPROVED, label="Decision"), entries, errors),
            answer_type_of(reason).field(
                reason,
                place.member(_REASON, is_required=required != "nothing", label=_reason_label(required, labels)),
                entries,
                errors,
            ),
        )
        typed = entries.one(inside(place.name, _APPROVED))
        choices = tuple(
            Choice(key=key, label=label, is_chosen=typed == key)
            for key, label in zip(("true", "false"), labels, strict=True)
        )
        kind = "approval" if place.is_root else "object"
        return self.plain(node, place, errors, kind=kind, members=fields, choices=choices)

    def words(self, node: Node, value: JsonValue) -> Words:
        content = value if isinstance(value, dict) else {}
        approve, reject = self._labels(node)
        decision = approve if content.get(_APPROVED) else reject
        reason = str(content.get(_REASON) or "")
        if not reason:
            return Words(text=decision)
        return Words(parts=(Words(label="Decision", text=decision), Words(label="Reason", text=reason)))

    def example(self, node: Node) -> JsonValue:
        reason = "your reason" if node.get(REASON_TO) in ("approve", "both") else ""
        return {_APPROVED: True, _REASON: reason}

    def _labels(self, node: Node) -> tuple[str, str]:
        labels = node.get(LABELS)
        if isinstance(labels, list) and len(labels) == 2:
            return str(labels[0]), str(labels[1])
        return _DEFAULT_LABELS

    def _reasoned(self, node: Node, value: JsonValue) -> JsonValue:
        content = value if isinstance(value, dict) else {}
        approve, reject = self._labels(node)
        reason = str(content.get(_REASON) or "").strip()
        required = node.get(REASON_TO, "nothing")
        is_approved = bool(content.get(_APPROVED))
        if not reason and required in ("both", "approve" if is_approved else "reject"):
            label = (approve if is_approved else reject).lower()
            raise InvalidValue(Problem(_MISSING.format(label), (_REASON,)))
        return {**content, _REASON: reason}


def _reason_label(required: str, labels: tuple[str, str]) -> str:
    approve, reject = labels
    needed = {
        "reject": f"required to {reject.lower()}",
        "approve": f"required to {approve.lower()}",
        "both": "required",
    }
    return f"Reason, {needed[required]}" if required in needed else "Reason"
