"""Answer types: one codec a shape, in a registry.

A workflow's Python type becomes a JSON Schema (`_python_types`), which the record keeps. From the schema alone the app
makes the form (`_form`), whose fields are those of the answer types here, and reads what comes back.
"""

from ._answer import MAX_LABEL_CHARACTERS, Answer, TypedAnswer, answer_for
from ._answer_type import AnswerType, Choice, Errors, FormField, FormRow, Place, Words, register
from ._approval import ApprovalType
from ._changes import changes_between
from ._choices import ChoicesType, ChoiceType
from ._entries import ROOT, Entries, Pair
from ._files import (
    UPLOAD_ID,
    FileField,
    FilesType,
    FileType,
    entries_with,
    field_named,
    size_in_words,
    takes_files,
    types_in_words,
)
from ._form import Form
from ._formats import DecimalType, EmailType, SecretType, UrlType, UuidType
from ._json import JsonType
from ._json_schema import schema_problems, too_long
from ._lists import ListType, MapType
from ._moments import DatetimeType, DateType, NaiveDatetimeType, TimedeltaType, TimeType
from ._node import Node
from ._objects import ConstType, ObjectType, TupleType
from ._reviews import ReviewType, decision_schema, review_schema
from ._scalars import MAX_INT_DIGITS, BoolType, FloatType, IntType, StrType
from ._unions import VARIANT, OptionalType, UnionType
from ._values import InvalidValue, Problem, spoken, written

__all__ = [
    "MAX_INT_DIGITS",
    "MAX_LABEL_CHARACTERS",
    "ROOT",
    "UPLOAD_ID",
    "VARIANT",
    "Answer",
    "AnswerType",
    "Choice",
    "Entries",
    "Errors",
    "FileField",
    "Form",
    "FormField",
    "FormRow",
    "InvalidValue",
    "Node",
    "Pair",
    "Place",
    "Problem",
    "TypedAnswer",
    "Words",
    "answer_for",
    "changes_between",
    "decision_schema",
    "entries_with",
    "field_named",
    "register",
    "review_schema",
    "schema_problems",
    "size_in_words",
    "spoken",
    "takes_files",
    "too_long",
    "types_in_words",
    "written",
]

# Of several that claim a schema, the first has it: the particular before the general.
register(
    ApprovalType(),
    ReviewType(),
    ConstType(),
    ChoiceType(),
    ChoicesType(),
    OptionalType(),
    UnionType(),
    DecimalType(),
    DateType(),
    TimeType(),
    DatetimeType(),
    NaiveDatetimeType(),
    TimedeltaType(),
    UuidType(),
    UrlType(),
    EmailType(),
    SecretType(),
    StrType(),
    IntType(),
    FloatType(),
    BoolType(),
    TupleType(),
    FileType(),
    FilesType(),
    ListType(),
    ObjectType(),
    MapType(),
    JsonType(),
)
