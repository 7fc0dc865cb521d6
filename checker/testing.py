"""Claims as tests of your own suite: three lines, and profiles for how long they may take.

from checker.testing import claim_tests
import my_claims

test_claims = claim_tests(my_claims, cases=20_000)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from checker.claims.claim import Claim
    from checker.claims.verdict import Evidence

if "PYTEST_XDIST_WORKER" in os.environ:
    # BLAS reads this once: it helps where this module is imported before NumPy.
    import checker.threads  # noqa: F401


# With fewer cases a verdict would be VACUOUS by chance.
LEAST_BUDGET = 200


@dataclass(frozen=True)
class Profile:
    """How much work tests do.

    Attributes
    ----------
    factor
        What the budgets of all claims are multiplied by.
    examples
        Cases of a test by Hypothesis that sets no number itself.
    """

    factor: float
    examples: int

    def budget(self, cases: int) -> int:
        """The cases to decide where a test asks for `cases`; few are never made fewer."""
        return max(round(cases * self.factor), min(cases, LEAST_BUDGET))


# A tenth of a second to look whether a change breaks anything; what a merge waits for; a night.
PROFILES = {"dev": Profile(0.1, 20), "ci": Profile(1, 100), "nightly": Profile(25, 2000)}


def load_hypothesis_profile(name: str) -> None:
    """Register and load `checker-NAME`, a name of our own: the host project may have its `ci`."""
    from hypothesis import settings

    settings.register_profile(
        f"checker-{name}", deadline=None, print_blob=True, max_examples=PROFILES[name].examples
    )
    settings.load_profile(f"checker-{name}")


def claim_tests(
    *sources: Claim | ModuleType, cases: int | None = None, seed: int = 0
) -> Callable[..., None]:
    """A parametrised test: every claim stands, and every false neighbour among them falls.

    Neighbours of unknown truth (kind "neighbour") are left to `checker audit`.

    Parameters
    ----------
    sources
        Claims, or modules whose claims are taken.
    cases
        Decided cases per claim; None is the default of `checker verify`.
    seed
        Fixes the result.
    """
    claims = [c for source in sources for c in _claims(source)]
    if not claims:
        raise ValueError(
            f"no claims in {', '.join(getattr(s, '__name__', repr(s)) for s in sources) or 'these'}"
            ": give claims, or modules that define some with @claim"
        )

    def test(claim: Claim, check_claim: Checker) -> None:
        check_claim(claim, cases=cases, seed=seed)

    decorated: Callable[..., None] = pytest.mark.parametrize(
        "claim", claims, ids=[c.id for c in claims]
    )(test)
    return decorated


def _claims(source: Claim | ModuleType) -> Iterator[Claim]:
    from checker.claims.claim import Claim

    if isinstance(source, Claim):
        yield source
    else:
        claims = (c for c in vars(source).values() if isinstance(c, Claim))
        yield from (c for c in claims if c.kind != "neighbour")


@dataclass(frozen=True, eq=False)
class Checker:
    """What the fixture `check_claim` gives.

    Attributes
    ----------
    profile
        How much work to do.
    record
        Takes each result as JSON.
    """

    profile: Profile
    record: Callable[[dict[str, Any]], None]

    def __call__(self, *claims: Claim, cases: int | None = None, seed: int = 0) -> Any:
        """Evidence for the claims (one object for one claim), after asserting their verdicts.

        A claim has to stand, one of kind "must-be-refuted" has to be refuted. `cases` None is the
        default budget of `checker verify`. Claims over the same domain share their cases.

        Raises
        ------
        AssertionError
            If a verdict is not as expected.
        """
        __tracebackhide__ = True
        found = self._verified(claims, cases, seed)
        for evidence in found:
            self.record(row(evidence, seed))
        _require_expected(found)
        return found[0] if len(claims) == 1 else found

    def _verified(
        self, claims: Sequence[Claim], cases: int | None, seed: int
    ) -> Sequence[Evidence]:
        from checker.search.plan import default_cases
        from checker.search.verify import Plan, verify

        if self.profile.factor != 1:
            cases = self.profile.budget(cases or default_cases(claims[0].domain))
        found = verify(Plan(tuple(claims), cases=cases, seed=seed, jobs=1))
        if any(e.interrupted for e in found):
            raise KeyboardInterrupt
        return found


def row(evidence: Evidence, seed: int) -> dict[str, Any]:
    """A result as it travels between processes: the evidence, its seed, and a report to print."""
    from checker.claims.text import explanation
    from checker.explain.counterexample import report_lines
    from checker.report.evidence import claim_to_json

    report = None
    if not evidence.as_expected:
        report = explanation(evidence)
        if evidence.counterexample is not None and not evidence.claim.must_be_refuted:
            report = [report[0], *report_lines(evidence, _again(evidence.claim, seed))]
    return {**claim_to_json(evidence), "seed": seed, "report": report}


def _again(claim: Claim, seed: int) -> str:
    """How to get files of a counterexample outside the tests."""
    from checker.instances import escapes

    code = getattr(claim.formula, "__code__", None)
    file = "" if code is None else os.path.relpath(code.co_filename)
    # A file elsewhere belongs to a package, whose claims have entry points.
    named = claim.id if not file or file.startswith(os.pardir) else file
    command = ["checker", "verify", named, "--seed", str(seed), "--out", "DIR"]
    return f"`{escapes.shell(command)}` writes files that replay it"


def _require_expected(found: Sequence[Evidence]) -> None:
    __tracebackhide__ = True
    wrong = [e for e in found if not e.as_expected]
    if wrong:
        raise AssertionError("\n".join(line for e in wrong for line in _in_short(e)))


def _in_short(evidence: Evidence) -> Iterator[str]:
    """What happened and where; the whole report comes once per run, after the tests."""
    from checker.claims.text import explanation
    from checker.instances.text import one_line

    yield from explanation(evidence)[: 2 if evidence.reason else 1]
    found = evidence.counterexample
    if found is not None and not evidence.claim.must_be_refuted:
        yield f"counterexample: {one_line(found.instance)}"
