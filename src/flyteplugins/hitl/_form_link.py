"""The link to a form: a request, the app that shows it, and the token that opens it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from ._answers import FileField, Form, takes_files
from ._records import Request


@dataclass(frozen=True, kw_only=True)
class FormLink:
    """The link to a form.

    Attributes:
        request: What is asked.
        endpoint: The address of the app.
        token: Proves the right to see and answer the request.
    """

    request: Request
    endpoint: str
    token: str = field(repr=False)

    @cached_property
    def form_url(self) -> str:
        """The link for a person."""
        return f"{self.endpoint}/form/{self.request.request_id}?{urlencode({'token': self.token})}"

    @property
    def api_url(self) -> str:
        """The address for a program."""
        return f"{self.endpoint}/submit/json"

    @property
    def curl(self) -> str:
        """The JSON call, ready to be pasted into a shell."""
        body = {
            "request_id": self.request.request_id,
            "response_path": self.request.response_path,
            "value": Form(self.request.question.answer_schema).example(),
            "data_type": self.request.question.data_type,
        }
        return self._upload + (
            f"curl -X POST {shlex.quote(self.api_url)} \\\n"
            '  -H "Content-Type: application/json" \\\n'
            f"  -d {shlex.quote(json.dumps(body, indent=2))}"
        )

    @property
    def _upload(self) -> str:
        """The call before it, where a file is asked for: what it prints as `upload` goes into the answer."""
        schema = self.request.question.answer_schema
        if not takes_files(schema):
            return ""
        form = Form(schema)
        fields = form.field(form.filled(form.example())).walk()
        name = next((each.name for each in fields if isinstance(each, FileField)), None)
        if name is None:
            return ""
        query = urlencode({"response_path": self.request.response_path, "field": name, "name": "scan.pdf"})
        address = f"{self.endpoint}/upload/{self.request.request_id}?{query}"
        return f"curl -X POST -T scan.pdf {shlex.quote(address)}\n"
