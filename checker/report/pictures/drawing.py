"""All pictures of a run. Each is optional: what cannot be drawn is left out."""

from __future__ import annotations

from typing import Any

from checker.claims.spread import Spread
from checker.errors import InputError
from checker.instances.codec import decode_instance
from checker.report.pictures.canvas import Picture, require_matplotlib
from checker.report.pictures.contours import draw_plane
from checker.report.pictures.reduction import draw_reduction
from checker.report.pictures.spreads import draw_sides, draw_slacks
from checker.report.run import Run, is_control


def pictures_of(run: Run) -> dict[str, dict[str, Picture]]:
    """Claim id -> name of a picture -> the picture.

    Raises
    ------
    InputError
        When matplotlib is missing.
    """
    require_matplotlib()
    drawn = {entry["id"]: _of_claim(entry) for entry in run.claims}
    return {name: pictures for name, pictures in drawn.items() if pictures}


def _of_claim(entry: dict[str, Any]) -> dict[str, Picture]:
    case = entry.get("counterexample")
    found: dict[str, Picture | None] = {}
    if case is not None:
        found["landscape"] = _landscape(case)
    # Of false neighbours that fell, a picture of the counterexample will do.
    if case is not None and not (is_control(entry) and entry["expected"]):
        found["reduction"] = draw_reduction(case["path"])
    if case is None and entry.get("spread") is not None:
        spread = Spread.from_json(entry["spread"])
        found |= {"slack": draw_slacks(spread), "sides": draw_sides(spread)}
    return {name: drawn for name, drawn in found.items() if drawn is not None}


def _landscape(case: dict[str, Any]) -> Picture | None:
    """The picture that the instance's own class offers, if its class is loaded and has one."""
    if case.get("instance") is None:
        return None
    try:
        plane = getattr(decode_instance(case["instance"]), "plane", lambda: None)()
    except InputError:
        return None
    return None if plane is None else draw_plane(plane)
