"""What the app knows of pydantic's core schemas: for all of this the JSON Schema says everything that is checked.

Whatever is not named here, such as what a later pydantic adds, is left to the workflow: P1 must not rest on a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HARMLESS_EXTRAS = frozenset({"title", "description", "examples", "deprecated", "readOnly", "writeOnly"})
"""What an author may add to a schema by `json_schema_extra` without changing what is taken."""

_ANYWHERE = frozenset({"type", "ref", "metadata", "serialization", "strict"})
_BOUNDS = frozenset({"le", "ge", "lt", "gt"})
_LENGTHS = frozenset({"min_length", "max_length", "fail_fast"})
_ERRORS = frozenset({"custom_error_type", "custom_error_message", "custom_error_context"})
_FIELD = frozenset(
    {"schema", "validation_alias", "serialization_alias", "serialization_exclude", "serialization_exclude_if", "frozen"}
)
_FIELDS = frozenset({"fields", "computed_fields", "extra_behavior", "from_attributes", "extras_schema"})
_CLASS = frozenset(
    {"cls", "cls_name", "generic_origin", "schema", "config", "revalidate_instances", "frozen", "fields"}
)

_KNOWN: Mapping[str, frozenset[str]] = {
    "any": frozenset(),
    "none": frozenset(),
    "bool": frozenset(),
    "int": _BOUNDS | {"multiple_of"},
    "float": _BOUNDS | {"multiple_of", "allow_inf_nan"},
    "decimal": _BOUNDS | {"multiple_of", "allow_inf_nan", "max_digits", "decimal_places"},
    "str": frozenset(
        {
            "pattern",
            "max_length",
            "min_length",
            "strip_whitespace",
            "to_lower",
            "to_upper",
            "regex_engine",
            "coerce_numbers_to_str",
        }
    ),
    # `now_op` is noticed where the bounds are.
    "date": _BOUNDS | {"now_op", "now_utc_offset"},
    "time": _BOUNDS | {"microseconds_precision"},
    "datetime": _BOUNDS | {"now_op", "now_utc_offset", "tz_constraint", "microseconds_precision"},
    "timedelta": _BOUNDS | {"microseconds_precision"},
    "literal": frozenset({"expected"}),
    "enum": frozenset({"cls", "members", "sub_type", "missing"}),
    "uuid": frozenset({"version"}),
    "url": frozenset(
        {"max_length", "allowed_schemes", "host_required", "default_host", "default_port", "default_path"}
    ),
    "list": _LENGTHS | {"items_schema"},
    "set": _LENGTHS | {"items_schema"},
    "frozenset": _LENGTHS | {"items_schema"},
    "tuple": _LENGTHS | {"items_schema", "variadic_item_index"},
    "dict": _LENGTHS | {"keys_schema", "values_schema"},
    "nullable": frozenset({"schema"}),
    "union": _ERRORS | {"choices", "auto_collapse", "mode"},
    "tagged-union": _ERRORS | {"choices", "discriminator", "from_attributes"},
    "default": frozenset(
        {
            "schema",
            "default",
            "default_factory",
            "default_factory_takes_data",
            "on_error",
            "validate_default",
            "copy_default",
        }
    ),
    # `post_init` is noticed where the schema of the class is made.
    "model": _CLASS | {"root_model", "extra_behavior", "post_init"},
    "model-fields": _FIELDS | {"model_name"},
    "model-field": _FIELD,
    "dataclass": _CLASS | {"slots", "post_init"},
    "dataclass-args": _FIELDS | {"dataclass_name", "collect_init_only"},
    "dataclass-field": _FIELD | {"name", "kw_only", "init"},
    "typed-dict": _FIELDS | {"cls", "cls_name", "total", "config"},
    "typed-dict-field": _FIELD | {"required"},
    "named-tuple": frozenset({"cls", "fields", "cls_name", "config"}),
    "named-tuple-field": frozenset({"name", "schema", "validation_alias"}),
    "json-or-python": frozenset({"json_schema", "python_schema"}),
    "lax-or-strict": frozenset({"lax_schema", "strict_schema"}),
    "definitions": frozenset({"schema", "definitions"}),
    "definition-ref": frozenset({"schema_ref"}),
    # Functions are noticed one by one.
    "function-before": frozenset({"function", "schema", "json_schema_input_schema"}),
    "function-after": frozenset({"function", "schema"}),
    "function-wrap": frozenset({"function", "schema", "json_schema_input_schema"}),
    "function-plain": frozenset({"function", "json_schema_input_schema"}),
}
_CONFIGURED = frozenset(
    {
        "title",
        "extra_fields_behavior",
        "typed_dict_total",
        "from_attributes",
        "loc_by_alias",
        "validate_by_alias",
        "validate_by_name",
        "populate_by_name",
        "serialize_by_alias",
        "revalidate_instances",
        "validate_default",
        "strict",
        "str_max_length",
        "str_min_length",
        "str_strip_whitespace",
        "str_to_lower",
        "str_to_upper",
        "regex_engine",
        "coerce_numbers_to_str",
        "allow_inf_nan",
        "ser_json_timedelta",
        "ser_json_temporal",
        "ser_json_bytes",
        "ser_json_inf_nan",
        "val_json_bytes",
        "hide_input_in_errors",
        "validation_error_cause",
        "cache_strings",
    }
)


def is_known(schema: Mapping[str, Any]) -> bool:
    """Whether the JSON Schema of a core schema says all that the core schema checks."""
    known = _KNOWN.get(schema["type"])
    if known is None:
        return False
    given = {name for name, content in schema.items() if content not in (None, False)}
    configured = {name for name, content in (schema.get("config") or {}).items() if content is not None}
    return given <= known | _ANYWHERE and configured <= _CONFIGURED


def keys_are_text(schema: Mapping[str, Any]) -> bool:
    """Whether keys of a `dict` are told by their text alone, which is all that JSON has for them."""
    kind = schema["type"]
    if kind == "literal":
        return all(type(option) is str for option in schema["expected"])
    if kind == "enum":
        return all(type(member.value) is str for member in schema["members"])
    return kind in ("any", "str", "int", "date", "uuid")
