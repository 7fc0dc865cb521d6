"""Claims as tests of your own suite: three lines, and profiles for how long they may take.

from checker.testing import claim_tests
import my_claims

test_claims = claim_tests(my_claims, cases=20_000)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

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

    Examples
    --------
    >>> from checker import claim, norm, vectors
    >>> from checker.testing import claim_tests
    >>> @claim
    ... def triangle(u: vectors("k"), v: vectors("k")):
    ...     return norm(u) + norm(v) >= norm(u + v)
    >>> test_claims = claim_tests(triangle, cases=2000)  # pytest collects it
    """
    claims = [c for source in sources for c in _claims(source)]
    if not claims:
        raise ValueError(
            f"no claims in {', '.join(getattr(s, '__name__', repr(s)) for s in sources) or 'these'}"
            ": give claims, or modules that define some with @claim"
        )

    budget: dict[str, Any] = {"cases": cases, "seed": seed}

    # On one line: what fails in it is shown as the line of the caller.
    def test(claim: Claim, check_claim: Checker) -> None: check_claim(claim, **budget)  # fmt: skip

    caller = sys._getframe(1)
    test.__code__ = test.__code__.replace(
        co_filename=caller.f_code.co_filename, co_firstlineno=caller.f_lineno
    )
    test.__module__ = caller.f_globals.get("__name__", __name__)
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
    cases
        Decided cases per claim where a test asks for no number; None is the default of
        `checker verify`.
    """

    profile: Profile
    record: Callable[[dict[str, Any]], None]
    cases: int | None = None

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
        found = self._refuted_again(claims) or self._verified(claims, cases, seed)
        for evidence in found:
            self.record(row(evidence, seed))
        _require_expected(found)
        return found[0] if len(claims) == 1 else found

    def __repr__(self) -> str:
        return "<check_claim>"

    def _refuted_again(self, claims: Sequence[Claim]) -> list[Evidence]:
        """What an earlier test has refuted, and is refuted by the same case still."""
        from checker.stored import refuted_again

        return [again for claim in claims if (again := refuted_again(claim)) is not None]

    def _verified(
        self, claims: Sequence[Claim], cases: int | None, seed: int
    ) -> Sequence[Evidence]:
        from checker.search.plan import default_cases
        from checker.search.verify import Plan, verify
        from checker.stored import store

        cases = cases or self.cases
        if self.profile.factor != 1:
            cases = self.profile.budget(cases or default_cases(claims[0].domain))
        found = verify(Plan(tuple(claims), cases=cases, seed=seed, jobs=1))
        if any(e.interrupted for e in found):
            raise KeyboardInterrupt
        for evidence in (e for e in found if not e.claim.must_be_refuted):
            store(evidence)
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
    return {
        **claim_to_json(evidence),
        "seed": seed,
        "report": report,
        "place": _place(evidence.claim),
    }


def _place(claim: Claim) -> list[Any]:
    """Where the formula stands: its file and line, for those who annotate it."""
    code = getattr(claim.formula, "__code__", None)
    return ["", 0] if code is None else [os.path.relpath(code.co_filename), code.co_firstlineno]


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
        name = "SURVIVED" if wrong[0].claim.must_be_refuted else wrong[0].verdict.name
        raise _failure(name)("\n".join(line for e in wrong for line in _in_short(e)))


@cache
def _failure(name: str) -> type[AssertionError]:
    """An error that pytest shows as `REFUTED: u=[-1] v=[1]`, also in its short summary.

    One class for each name: by it Hypothesis knows that it has found the same failure again.
    """
    return type(name, (AssertionError,), {"__module__": "builtins"})


def _in_short(evidence: Evidence) -> Iterator[str]:
    """What happened and where; the whole report comes once per run, after the tests."""
    from checker.claims.text import explanation
    from checker.instances.text import one_line

    found = evidence.counterexample
    if found is not None and not evidence.claim.must_be_refuted:
        yield one_line(found.instance)
    yield from explanation(evidence)[: 2 if evidence.reason else 1]


def assert_claim(claim: Claim, instance: Any = None, **fields: Any) -> None:
    """Decide one instance of a claim in a test of your own, such as one under `@given`.

    An instance outside the assumptions is passed over, as by `hypothesis.assume`. What is violated
    fails the test, and so does what cannot be decided.

    Parameters are those of `checker.decide`.

    Examples
    --------
    >>> from checker import claim, norm, vectors
    >>> from checker.testing import assert_claim
    >>> @claim
    ... def triangle(u: vectors("k"), v: vectors("k")):
    ...     return norm(u) + norm(v) >= norm(u + v)
    >>> assert_claim(triangle, u=[1, 2], v=[3, 4])
    """
    from checker.arithmetic.decide import Decision
    from checker.instances.text import one_line
    from checker.use import decide, made

    __tracebackhide__ = True
    at = made(claim, fields) if instance is None else instance
    result = decide(claim, at)
    if result.decision in (Decision.EXCLUDED, Decision.OUTSIDE):
        _pass_over(claim, one_line(at), result.missed)
    if result.decision not in (Decision.HOLDS, Decision.EQUAL) or result.unproved:
        name = "REFUTED" if result.refutes else "UNDECIDED"
        why = f" ({result.unproved})" if result.unproved else ""
        raise _failure(name)(f"{one_line(at)}\n{claim.id}: {result.decision.value}{why}")


def _pass_over(claim: Claim, instance: str, missed: str) -> NoReturn:
    """Let Hypothesis draw another case; what a test wrote itself should have been one."""
    from hypothesis import currently_in_test_context, reject

    from checker.errors import InputError

    if currently_in_test_context():
        reject()
    told = f" ({missed})" if missed else ""
    raise InputError(
        f"{claim.id} says nothing of {instance}: it lies outside the assumptions{told}"
    )
