"""Saved instances as matrices of exact numbers."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from checker.report.latex.escape import text, typewriter
from checker.report.saved import saved_text

# Entries of an array that is printed.
_MOST = 36

# Of a number: beyond these it is a whole number times a power of 2.
_DIGITS, _DENOMINATOR = 10**6, 64


def number(x: float) -> str:
    """A float without rounding: a whole number, a short fraction, or `3 \\cdot 2^{-40}`."""
    if not math.isfinite(x):
        return r"\mathrm{nan}" if math.isnan(x) else r"\infty" if x > 0 else r"-\infty"
    exact = Fraction(x)
    sign, size = "-" if exact < 0 else "", abs(exact)
    if size.denominator == 1 and size < _DIGITS:
        return f"{sign}{size.numerator}"
    if size.denominator <= _DENOMINATOR and size.numerator < _DIGITS:
        return rf"{sign}\tfrac{{{size.numerator}}}{{{size.denominator}}}"
    odd, power = size.numerator, 1 - size.denominator.bit_length()
    while odd % 2 == 0:
        odd, power = odd // 2, power + 1
    factor = "" if odd == 1 else rf"{odd} \cdot "
    return rf"{sign}{factor}2^{{{power}}}"


def fields(instance: Any) -> list[str]:
    """An equation for each field of a saved instance: `w &= \\begin{pmatrix} 1 \\end{pmatrix}`."""
    known = instance.get("fields") if isinstance(instance, dict) else None
    if not isinstance(known, dict):
        return []
    return [f"{_name(str(name))} &= {_value(v)}" for name, v in known.items() if v is not None]


def _name(name: str) -> str:
    head, _, rest = name.partition("_")
    if not re.fullmatch(r"[A-Za-z]+", head) or not re.fullmatch(r"\w*", rest, re.ASCII):
        return rf"\text{{{text(name)}}}"
    shown = head if len(head) == 1 else rf"\mathit{{{head}}}"
    return f"{shown}_{{\\mathrm{{{text(rest)}}}}}" if rest else shown


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return rf"\text{{{value}}}"
    if isinstance(value, int | float):
        return number(float(value)) if abs(value) < _DIGITS else rf"\text{{{text(value)}}}"
    if isinstance(value, dict) and "float" in value:
        return number(float.fromhex(value["float"]))
    if isinstance(value, dict) and "shape" in value:
        return _array(value)
    return rf"\text{{{typewriter(saved_text(value))}}}"


def _array(value: dict[str, Any]) -> str:
    shape, entries = value["shape"], value.get("hex", value.get("values"))
    sizes = [n for n in shape if isinstance(n, int)] if isinstance(shape, list) else []
    if not isinstance(entries, list) or math.prod(sizes) != len(entries) or not entries:
        return rf"\text{{{text(saved_text(value))}}}"
    if len(entries) > _MOST:
        times = r" \times ".join(map(str, sizes))
        return rf"\text{{an array of size }} {times} \text{{, in the evidence file}}"
    return _nested([_entry(entry) for entry in entries], sizes)


def _entry(entry: Any) -> str:
    if isinstance(entry, str):
        return number(float.fromhex(entry))
    return _value(entry)


def _nested(entries: list[str], shape: list[int]) -> str:
    if not shape:
        return entries[0]
    if len(shape) == 1:
        return _matrix([[entry] for entry in entries])
    if len(shape) == 2:
        width = shape[1]
        return _matrix([entries[i : i + width] for i in range(0, len(entries), width)])
    size = len(entries) // shape[0]
    blocks = (entries[i * size : (i + 1) * size] for i in range(shape[0]))
    inside = r",\; ".join(_nested(block, shape[1:]) for block in blocks)
    return rf"\left({inside}\right)"


def _matrix(rows: list[list[str]]) -> str:
    if len(rows) == 1 and len(rows[0]) == 1:
        return f"({rows[0][0]})"
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
