"""The table of docs/census.md, from the JSON of some censuses.

checker census diabetes --network mlp_relu --out census/relu --pictures
python ci/figures/census_table.py census/*/census.json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

HEADER = (
    "| data, network | linear level | lowest value | minima | saddles in θ | saddles | others | "
    "above linear, of these minima | starts, seconds |\n|---|---|---|---|---|---|---|---|---|"
)
SHOWN = ("MINIMUM", "SADDLE_IN_THETA", "SADDLE")


def middle(bounds: dict[str, Any]) -> float:
    """A number between two bounds."""
    return float(bounds["low"] + bounds["high"]) / 2


def row(census: dict[str, Any]) -> str:
    """One census as a row."""
    points = census["points"]
    kinds = Counter(p["kind"] for p in points)
    above = [p for p in points if p["level"] == "ABOVE"]
    bad = sum(p["minimum"] is not None for p in above)
    network = census["network"]
    name = network.get("activation", network["kind"]) + ("" if census["skip"] else ", no skip")
    cells = [
        f"{census['data']['name']}, {name}",
        f"{middle(census['linear_level']):.6f}",
        f"{min(middle(p['value']) for p in points):.6f}",
        *(str(kinds.pop(kind, 0)) for kind in SHOWN),
        str(sum(kinds.values())),
        f"{len(above)}, {bad}",
        f"{census['starts']}, {census['seconds']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    censuses = [json.loads(path.read_text()) for path in parser.parse_args().files]
    print(HEADER)
    for census in censuses:
        print(row(census))


if __name__ == "__main__":
    main()
