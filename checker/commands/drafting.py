"""`checker new-paper`: a folder for the claims of a paper, with a template that runs, and tests."""

from __future__ import annotations

import re
from pathlib import Path

from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.errors import InputError
from checker.report.saving import cannot_write

INIT = '"""{key}."""\n'

THEOREMS = r'''"""AUTHORS (YEAR), "TITLE".

Say which statements are printed, which are recalled and which are yours, and derive them here. The
statement below is a placeholder: the inequality of Cauchy and Schwarz.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker import Paper, Source, claim, dot, norm, vectors
from checker.claims.neighbours import changed, scaled

PAPER = Paper(key="{key}", authors="AUTHORS", title="TITLE", venue="VENUE")


@claim(
    source=Source(PAPER, "Lemma 1", "lemma1"),
    wording="ours",  # or "printed", "reconstructed": whose words and formula these are
    title="the inner product is at most the product of the norms",
    statement=r"c \|u\| \|v\| \ge \langle u, v \rangle",
    kind="tight",  # or "bound", where equality is not reached
)
def lemma1(u: vectors("k"), v: vectors("k"), c: Any = 1) -> Any:  # type: ignore[valid-type]
    """**Tight**: u = v."""
    return c * norm(u) * norm(v) >= dot(u, v)


# -- false neighbours: the same search has to refute each of them ---------------------------------

less = changed(lemma1, "0.99", "u = v", c=Fraction(99, 100))
half = changed(lemma1, "half", "u = v", c=Fraction(1, 2))
millionth = scaled(lemma1, "1e-6", "u = v")
'''

TESTS = '''"""The claims stand, the false neighbours fall, and a value that was computed by hand."""

from __future__ import annotations

from checker import decide
from checker.testing import claim_tests

from . import theorems

test_claims = claim_tests(theorems, cases=2_000)


def test_equality_by_hand() -> None:
    """u = v = (3, 4): 25 on both sides."""
    found = decide(theorems.lemma1, u=[3, 4], v=[3, 4])
    assert (found.lhs, found.rhs) == (25, 25)
'''

FILES = {"__init__.py": INIT, "theorems.py": THEOREMS, "test_theorems.py": TESTS}


def run(options: Options) -> int:
    """Write the folder and say what to do with it."""
    folder = Path(options.folder) / _checked(options.key)
    try:
        folder.mkdir(parents=True)
        for name, text in FILES.items():
            (folder / name).write_text(text.replace("{key}", options.key), encoding="utf-8")
    except FileExistsError as error:
        raise InputError(
            f"{folder} is there already",
            why="A template never overwrites what somebody wrote",
            hint="Choose another key, or another place with --into",
        ) from error
    except OSError as error:
        raise cannot_write(folder, error) from error
    print(f"wrote {', '.join(FILES)} in {folder}; next:")
    print(f"  checker verify {folder / 'theorems.py'}")
    print(f"  checker audit {folder / 'theorems.py'}")
    print(f"  pytest {folder}")
    print("To install the claims, name the package among the entry points checker.claims:")
    print(f'  {options.key} = "PACKAGE.{options.key}"')
    return STANDS


def _checked(key: str) -> str:
    """The key, if a folder, a module and the ids of claims can be named by it."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key):
        return key
    raise InputError(
        f"{key!r} cannot name a paper",
        why="Its folder, its module and the ids of its claims are called so",
        hint="Small letters and digits, as in author2024",
    )
