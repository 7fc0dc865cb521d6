"""docs/papers.md: every statement of the papers, its verdict and how it was checked.

    checker verify --json run.json
    python ci/papers_table.py run.json > docs/papers.md

A run of some statements only, such as those that `--ids yun2019` names, replaces their rows:

    python ci/papers_table.py run.json --keep docs/papers.md

The statements come from the registry, verdicts and witnesses from the run; what is not checked, and
why, is listed here.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from checker.claims.claim import WORDINGS, Claim
from checker.claims.registry import load_claims
from strategies.catalogue import PAPERS as FURTHER

PAPERS = ("shamir2018", "yun2019", "kawaguchi2019", "zou2020", *FURTHER)

# Premises that only an experiment has.
STATISTICAL = {"as_simulated", "as_drawn"}

NOT_CHECKED = {
    "shamir2018": [
        (
            "poly(...) of Theorem 3 and O(...) of Theorem 4 as printed",
            "they hide their constants; the derived ones are checked",
        ),
    ],
    "yun2019": [
        (
            "main theorem, criticality in θ",
            "critical points in (w, V) with the U_l fixed, which is all that the proof uses",
        ),
        (
            "main theorem, \"representation coverage\"",
            "not needed: the statement is proved without it",
        ),
        (
            "Rademacher complexity of the class",
            "the supremum is not computable here; lower bounds on it are compared with the bound",
        ),
    ],
    "kawaguchi2019": [
        (
            "numbering and exact wording of the theorems",
            "the paper's body was not at hand; the claims imply what its abstract says",
        ),
        ("local minima in θ", "any of them is one in (W, V), which is what the proof uses"),
    ],
    "zou2020": [
        (
            "SGD with batches of several samples, and without L* = 0",
            "the derivation is for one sample per step and a problem that can be fitted",
        ),
        (
            "constants and widths as printed",
            "the paper's body was not at hand; the constants are derived here",
        ),
    ],
    "hardt2017": [
        ("Theorem 2.1, small layers reach every target with det R > 0", "existence, not coded yet"),
        ("section 3, nonlinear networks of finite samples", "not coded yet"),
    ],
    "baldi1989": [
        ("that there are no other critical points", "a statement on all of them"),
    ],
    "kawaguchi2016": [
        (
            "Theorem 2.3 (i), every local minimum is global",
            "yun2018.gradient and laurent2018 have the quantitative forms at full and lower rank",
        ),
        ("section 3, networks with random activations", "not coded yet"),
    ],
    "laurent2018": [
        ("more than two layers", "the derivation here is for two"),
        ("the counterexample for losses with kinks", "not coded yet"),
    ],
    "du2018": [
        ("convergence for rank-one matrix factorisation", "not coded yet"),
    ],
    "bartlett2018": [
        ("the rate for positive definite targets as printed", "the text was not at hand"),
    ],
    "arora2019": [
        ("the constants 256 and 6144 of Theorem 1", "recalled, not derived"),
    ],
    "hu2020": [
        ("the width of Theorem 4.1", "its constant is unspecified"),
        ("the lower bound for gaussian initialisation", "not coded yet"),
    ],
    "yun2018": [
        ("Theorem 2.2 and the nonlinear part", "not coded yet"),
    ],
    "lewkowycz2020": [
        ("where the catapult lands", "a limit; each step towards it is checked"),
    ],
    "mulayoff2020": [
        ("that the flattest minima are those stated, for matrices", "the lower bound alone"),
    ],
    "dinh2017": [
        ("volumes of flat regions", "they are infinite, by the same identity"),
    ],
    "karimi2016": [
        ("proximal and coordinate methods", "not coded yet"),
    ],
    "ghadimi2013": [
        ("the stochastic part", "not coded yet"),
    ],
    "soudry2016": [
        ("that the rank is full for almost all noise", "a statement on measure 0"),
    ],
    "nguyen2017": [
        ("that weights of lower rank have measure 0", "a statement on measure 0"),
    ],
    "fukumizu2000": [
        ("directions of the output weights", "the form in the two input weights alone"),
    ],
    "recht2012": [
        (
            "the proof that four matrices, and five up to the factor 1.2055, obey",
            "a semidefinite program of Lai and Lim (2020), recalled",
        ),
    ],
    "safran2018": [
        ("n > k and k > 8 in a run", "seconds to minutes each; the nightly tests have k up to 20"),
        ("how often a search ends in such a minimum", "an experiment of the paper"),
    ],
    "yun2019b": [
        ("Theorem 1 for inputs of several dimensions", "the hinge at an input, on a line alone"),
        ("Theorem 2 for SELU, and the conditions (C2.3) to (C2.7) as printed", "not coded yet"),
        ("Theorem 4 and Corollary 5, deep linear networks", "laurent2018 has their kind"),
    ],
}  # fmt: skip


def statements() -> list[Claim]:
    """The claims that papers make, in the order of the papers."""
    claims = [c for c in load_claims().values() if c.source is not None and c.of is None]
    order = {key: index for index, key in enumerate(PAPERS)}
    own = [c for c in claims if c.source is not None and c.source.paper.key in order]
    return sorted(own, key=lambda c: order[c.id.partition(".")[0]])


def how(claim: Claim) -> str:
    """How a claim was checked."""
    if STATISTICAL & {a.name for a in claim.assuming}:
        return "statistically: exact binomial test"
    if claim.domain.found:
        return "at found points"
    return "deterministically"


def tightest(found: Mapping[str, Any]) -> str:
    """The tightest case: its relative slack and its stratum."""
    case = found.get("tightest")
    if not case:
        return "–"
    if case["decision"] == "EQUAL":
        return f"equality, proved ({case['stratum']})"
    return f"{float(case['relative_slack']):.1e} ({case['stratum']})"


def row(claim: Claim, found: Mapping[str, Any]) -> str:
    """One line of the table."""
    cells = [
        f"`{claim.id}`",
        claim.title.replace("|", r"\|"),
        claim.wording,
        found["verdict"],
        f"{found['cases']:,}",
        tightest(found),
        how(claim),
    ]
    return "| " + " | ".join(cells) + " |"


def section(text: str, title: str) -> list[str]:
    """The lines of an existing page under a heading, without the heading."""
    _, _, rest = text.partition(f"## {title}\n")
    return rest.partition("\n## ")[0].rstrip("\n").split("\n")


def page(claims: Iterable[Claim], run: Mapping[str, Any], old: str = "") -> str:
    """The page; statements that the run lacks keep their rows of the old page."""
    found = {entry["id"]: entry for entry in run["claims"]}
    return "\n".join([*_head(run), *_body(list(claims), found, old)]) + "\n"


def _head(run: Mapping[str, Any]) -> Iterator[str]:
    yield "# Every statement of the papers"
    yield ""
    yield from textwrap.wrap(
        "Generated by `ci/papers_table.py` from a run with "
        f"`--seed {run['seed']}`; do not edit. A run over everything gives a claim a fifth of the "
        "budget that it has when it is named. Tightest: relative slack (lhs - rhs)/max(|lhs|, "
        "|rhs|) of the closest case whose bound could fail, and its stratum. Wording: whose "
        "words and formula a statement is in; what is ours is proved in the module's docstring.",
        100,
    )
    yield ""
    yield from (f"* {name}: {meaning}" for name, meaning in WORDINGS.items())


def _kept(claim: Claim, old: str) -> str:
    """The row of the old page.

    Raises
    ------
    SystemExit
        Where there is none.
    """
    start = f"| `{claim.id}` |"
    for line in old.split("\n"):
        if line.startswith(start):
            return line
    raise SystemExit(f"neither the run nor the page has {claim.id}: verify it, too")


def _body(claims: list[Claim], found: Mapping[str, Mapping[str, Any]], old: str) -> Iterator[str]:
    for key in PAPERS:
        own = [c for c in claims if c.id.startswith(f"{key}.")]
        source = own[0].source
        assert source is not None
        title = f"{source.paper.authors}, {source.paper.title}"
        yield from ("", f"## {title}")
        if old and not any(c.id in found for c in own) and f"## {title}\n" in old:
            yield from section(old, title)
            continue
        yield ""
        yield "| id | statement | wording | verdict | cases | tightest | checked |"
        yield "|---|---|---|---|---|---|---|"
        yield from (row(c, found[c.id]) if c.id in found else _kept(c, old) for c in own)
        yield from ("", "Not checked:", "")
        for what, why in NOT_CHECKED[key]:
            yield from textwrap.wrap(f"* {what}: {why}.", 100, subsequent_indent="  ")


def main() -> None:
    """Print the ids of all statements, or the page for a run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", nargs="?", type=Path, help="JSON file of checker verify")
    parser.add_argument(
        "--ids", nargs="*", metavar="PAPER", help="print the ids to verify, of these papers or all"
    )
    parser.add_argument("--keep", type=Path, metavar="PAGE", help="replace sections of this page")
    options = parser.parse_args()
    if options.ids is not None or options.run is None:
        papers = tuple(options.ids or PAPERS)
        print(*(c.id for c in statements() if c.id.partition(".")[0] in papers))
        return
    run = json.loads(options.run.read_text())
    if options.keep is None:
        print(page(statements(), run), end="")
    else:
        options.keep.write_text(page(statements(), run, options.keep.read_text()))


if __name__ == "__main__":
    main()
