"""The keywords that a schema of an answer has beyond those of JSON Schema."""

LABELS = "x-labels"
"""The words of choices, in the order of `enum` (or for true and false)."""

KEYS = "x-keys"
"""The schema of an object's names, read from their text: `propertyNames` knows names as text only."""

KIND = "x-answer-type"
"""The answer type that the rest of the schema does not tell."""

REASON_TO = "x-reason-required-to"
"""Which decision of an approval needs a reason."""

MAX_BYTES, MEDIA_TYPES = "x-max-bytes", "x-media-types"
"""The limits of an upload."""
