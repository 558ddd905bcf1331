"""Tells whose objects they are without importing the libraries that make them."""

from __future__ import annotations


def is_a(value: object, package: str, name: str) -> bool:
    """Whether an object is of a class of that name from a package, or of one derived from it."""
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == package for kind in type(value).__mro__)
