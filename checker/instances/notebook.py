"""What notebooks ask of results: HTML by the rooms above, and a table where pandas is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from checker.errors import InputError


def shown_by(module: str, function: str, value: object) -> str:
    """A value as HTML, by a function of a module that is loaded when a notebook asks."""
    return str(getattr(import_module(module), function)(value))


def frame(rows: Sequence[dict[str, Any]]) -> Any:
    """A pandas.DataFrame; raises InputError where pandas is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise InputError(
            "a frame needs pandas", why=str(error), hint="pip install pandas, or use to_dict()"
        ) from error
    return pandas.DataFrame(list(rows))
