"""Any JSON, as text: for whatever has a schema but no field of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

from pydantic import JsonValue

from ._answer_type import TextType, Words, example_in
from ._entries import Pair
from ._node import Node
from ._scalars import checked_text
from ._values import InvalidValue


class JsonType(TextType):
    """JSON as text. It claims every schema, so it comes last."""

    name = "json"

    def claims(self, node: Node) -> bool:
        return True

    def parse_text(self, node: Node, text: str) -> JsonValue:
        if not text.strip():
            raise InvalidValue('Type JSON, such as {"name": 1}.')
        try:
            value: JsonValue = json.loads(checked_text(text), parse_constant=_refuse_constant)
        except RecursionError:
            raise InvalidValue("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise InvalidValue(f"This is not JSON: {error}.") from None
        return self.parse_json(node, value)

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content: JsonValue = value  # type: ignore[assignment]  # It came out of a JSON parser.
        try:
            json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError:
            raise InvalidValue("The JSON is nested too deeply.") from None
        except UnicodeEncodeError:
            raise InvalidValue("A text holds half of a surrogate pair, which is no Unicode character.") from None
        except ValueError:
            raise InvalidValue("A number is too large for JSON: its size must stay below 1.8e308.") from None
        return content

    def to_text(self, node: Node, value: JsonValue) -> str:
        return json.dumps(value, indent=2, ensure_ascii=False)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        yield name, self.to_text(node, value)

    def words(self, node: Node, value: JsonValue) -> Words:
        return Words(text=self.to_text(node, value))

    def hint(self, node: Node) -> str:
        return 'JSON: text in double quotes, true, false, null, numbers, [lists] and {"objects": 1}.'

    def example(self, node: Node) -> JsonValue:
        return example_in(node, self.sample(node))

    def sample(self, node: Node) -> JsonValue:
        return {"name": 1}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
