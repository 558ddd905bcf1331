"""Answer types: one codec a shape, in a registry.

A workflow's Python type becomes a JSON Schema (`_python_types`), which the record keeps. From the schema alone the app
makes the form (`_form`), whose fields are those of the answer types here, and reads what comes back.
"""

from ._answer import MAX_LABEL_CHARACTERS, Answer, answer_for
from ._answer_type import Choice, FormField, FormRow, Words, register
from ._changes import Change, changes_between
from ._choices import ChoicesType, ChoiceType
from ._entries import ROOT, Entries, Pair, acted
from ._form import Form
from ._formats import DecimalType, EmailType, SecretType, UrlType, UuidType
from ._json import JsonType
from ._lists import ListType, MapType
from ._moments import DatetimeType, DateType, NaiveDatetimeType, TimedeltaType, TimeType
from ._objects import ConstType, ObjectType, TupleType
from ._own_types import register as register_own_type
from ._reviews import ReviewType, decision_schema, review_schema
from ._scalars import MAX_INT_DIGITS, BoolType, FloatType, IntType, StrType
from ._unions import OptionalType, UnionType
from ._values import InvalidValue, Problem, spoken, written

__all__ = [
    "MAX_INT_DIGITS",
    "MAX_LABEL_CHARACTERS",
    "ROOT",
    "Answer",
    "Change",
    "Choice",
    "Entries",
    "Form",
    "FormField",
    "FormRow",
    "InvalidValue",
    "Pair",
    "Problem",
    "Words",
    "acted",
    "answer_for",
    "changes_between",
    "decision_schema",
    "register_own_type",
    "review_schema",
    "spoken",
    "written",
]

# Of several that claim a schema, the first has it: the particular before the general.
register(
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
    ListType(),
    ObjectType(),
    MapType(),
    JsonType(),
)
