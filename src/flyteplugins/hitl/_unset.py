"""What tells a parameter that was left out from one that was given as `None`."""

from __future__ import annotations

from typing import Final


class _Unset:
    def __repr__(self) -> str:
        return "<not given>"


UNSET: Final = _Unset()
