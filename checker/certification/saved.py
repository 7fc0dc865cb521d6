"""A saved certificate, checked before anything of it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checker.certification.certificate import Enclosed, Verdict
from checker.certification.report import TITLES, VECTOR_TITLES
from checker.report.schema import NUMBER, foreign, require, require_schema

CERTIFICATE = "certificate.json"

_NONE = type(None)
_WHOLE = {
    "verdict": str, "sentence": str, "n": int, "d": int, "m": int, "loss": str, "passes": int,
    "best": dict, "minimised": dict, "others": list, "escape": (dict, _NONE),
}  # fmt: skip
_NUMBER = {"value": NUMBER, "radius": NUMBER, "guarantee": str}
_COMPARED = ("F_lin", "gap", "gradient", "duality_gap")
_LOWERED = ("F_before", "F_after")


def titles_in(content: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of a saved certificate and their symbols."""
    return VECTOR_TITLES if "K" in content else TITLES


def comparisons(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the point is compared with, the best linear predictor first."""
    return [content["best"], content["minimised"], *content["others"]]


def enclosed(number: Mapping[str, Any]) -> Enclosed:
    """A saved number; null stands for what is not finite."""
    value, radius = number["value"], number["radius"]
    return Enclosed(
        float("nan") if value is None else float(value),
        float("inf") if radius is None else float(radius),
        number["guarantee"],
    )


def checked(content: Any, path: Path) -> dict[str, Any]:
    """The certificate of a file.

    Raises
    ------
    InputError
        When it is not what `checker certify --out` has written.
    """
    place = str(path)
    require_schema(content, place)
    require(content, _WHOLE, place)
    if content["verdict"] not in Verdict.__members__:
        raise foreign(place, f"{content['verdict'][:40]!r} is no verdict")
    if "K" in content:
        require(content, {"K": int, "rank": int}, place)
    # Certificates written before there was a bias or weight decay have neither.
    content.setdefault("bias", False)
    content.setdefault("ridge", 0.0)
    require(content, {"bias": bool, "ridge": NUMBER}, place)
    _require_numbers(content, titles_in(content), place)
    for compared in comparisons(content):
        _require_comparison(compared, place)
    if content["escape"] is not None:
        require(content["escape"], {"along": str}, place)
        _require_numbers(content["escape"], _LOWERED, place)
    known: dict[str, Any] = content
    return known


def _require_comparison(entry: Any, place: str) -> None:
    require(entry, {"name": str, "ball": NUMBER, "bounds": dict}, place)
    _require_numbers(entry, _COMPARED, place)
    for bound in entry["bounds"].values():
        reason = isinstance(bound, dict) and "why_not" in bound
        require(bound, {"why_not": str} if reason else _NUMBER, place)


def _require_numbers(entry: dict[str, Any], names: Any, place: str) -> None:
    require(entry, dict.fromkeys(names, dict), place)
    for name in names:
        require(entry[name], _NUMBER, place)
        if isinstance(entry[name]["radius"], int | float) and entry[name]["radius"] < 0:
            raise foreign(place, f"the radius of {name} is negative")
