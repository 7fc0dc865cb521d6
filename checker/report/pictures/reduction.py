"""The slack along a reduction: how small the instance became, how much of the violation stayed."""

from __future__ import annotations

from typing import Any

from checker.report.pictures.canvas import Picture, axes, colour, picture

_CAPTION = "Relative slack along the reduction; 0 is equality."


def draw_reduction(path: list[dict[str, Any]]) -> Picture | None:
    """Relative slack against the numbers left, step by step; None where a slack is unknown."""
    slacks = [step["relative_slack"] for step in path]
    if len(path) < 2 or None in slacks:
        return None
    numbers = [step["numbers"] for step in path]
    with axes(4.8, 1.9, left=0.8) as drawn:
        drawn.axhline(0, color=colour("rule"), linewidth=1)
        drawn.plot(slacks, color=colour("alert"), linewidth=1.2, marker="o", markersize=4)
        drawn.set_xticks(range(len(path)), [f"{n:,}" for n in numbers])
        drawn.set_xlabel("numbers in the instance")
        drawn.set_ylabel("relative slack")
        drawn.set_ylim(min(slacks) * 1.15, -min(slacks) * 0.1)
        return picture(drawn, _CAPTION)
