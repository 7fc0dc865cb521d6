"""Saved instances as text, exact to the last bit, without the classes that they are made of."""

from __future__ import annotations

import math
from typing import Any

from checker.instances.rounding import exact_number
from checker.instances.text import MAX_ENTRIES


def saved_fields(instance: Any) -> list[tuple[str, str, str]]:
    """Name, shape and exact value of every field of a saved instance that is not None.

    Arrays with many entries are named by their shape only. Nothing is imported, and nothing that a
    file may hold raises an error.
    """
    fields = instance.get("fields") if isinstance(instance, dict) else None
    if not isinstance(fields, dict):
        return []
    try:
        known = [(name, value) for name, value in fields.items() if value is not None]
        return [(name, _shape(value), saved_text(value)) for name, value in known]
    except RecursionError:
        return [("instance", "", "nested too deeply to be shown")]


def saved_line(instance: Any, limit: int = 160) -> str:
    """A saved instance in one line, cut where it is longer than `limit`."""
    text = " ".join(f"{name}={value}" for name, _, value in saved_fields(instance))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def saved_text(value: Any) -> str:
    """One field of a saved instance."""
    if isinstance(value, dict):
        return _object_text(value)
    if isinstance(value, list):
        return f"[{', '.join(saved_text(v) for v in value)}]"
    return exact_number(value) if isinstance(value, float) else str(value)


def _object_text(value: dict[str, Any]) -> str:
    if "float" in value:
        return _from_hex(value["float"])
    if "shape" in value:
        return _array_text(value)
    if "class" in value:
        inside = ", ".join(f"{name}={text}" for name, _, text in saved_fields(value))
        return f"{str(value['class']).rpartition(':')[2].rpartition('.')[2]}({inside})"
    if "enum" in value:
        return str(value.get("name"))
    return saved_text(value.get("tuple", value.get("list", "?")))


def _array_text(value: dict[str, Any]) -> str:
    shape, entries = value["shape"], value.get("hex", value.get("values"))
    if not isinstance(entries, list) or not isinstance(shape, list):
        return "?"
    if len(entries) > MAX_ENTRIES:
        return f"{len(entries):,} numbers, in the evidence file"
    texts = [_from_hex(e) if isinstance(e, str) else str(e) for e in entries]
    sizes = [size for size in shape if isinstance(size, int)]
    # A shape that does not fit may ask for any number of rows.
    fits = texts and math.prod(sizes) == len(texts)
    return _nested(texts, sizes if fits else [len(texts)])


def _nested(texts: list[str], shape: list[int]) -> str:
    if not shape:
        return texts[0]
    size = math.prod(shape[1:])
    rows = [_nested(texts[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]
    return f"[{', '.join(rows)}]"


def _from_hex(text: Any) -> str:
    try:
        return exact_number(float.fromhex(text))
    except (TypeError, ValueError, OverflowError):
        return str(text)


def _shape(value: Any) -> str:
    shape = value.get("shape") if isinstance(value, dict) else None
    return "×".join(map(str, shape)) if isinstance(shape, list) else ""
