"""Write tests/slow.txt: the tests that a plain `pytest` leaves out, from how long they took.

    pytest -n auto --junitxml all.xml && pytest -n auto -m slow --junitxml slow.xml
    python ci/slow_tests.py all.xml slow.xml

A test function is slow if its cases together took over SECONDS. CI runs both kinds.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

SECONDS = 2.0
ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "slow.txt"


def main(files: list[str]) -> int:
    """The exit status."""
    if not files:
        print(__doc__, file=sys.stderr)
        return 2
    took: Counter[str] = Counter()
    for name in files:
        for case in ElementTree.parse(name).iter("testcase"):
            module = case.get("classname", "").replace(".", "/")
            took[f"{module}.py::{case.get('name', '').partition('[')[0]}"] += float(
                case.get("time", 0)
            )
    slow = sorted(name for name, seconds in took.items() if seconds > SECONDS)
    LIST.write_text("\n".join(slow) + "\n", encoding="utf-8")
    rest = sum(s for name, s in took.items() if s <= SECONDS)
    print(f"{len(slow)} of {len(took)} test functions are slow; the others take {rest:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
