"""A run of the gate: the corpus, the claims, float64 bounds, the audit, the throughput."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence, Verdict
from checker.errors import Fault
from checker.gate.budgets import THROUGHPUT_SHARE
from checker.gate.changes import Change, Reason
from checker.gate.corpus import Case, check
from checker.gate.outcomes import audit_states, claim_state
from checker.gate.rungs import probes
from checker.gate.state import AuditState, ClaimState, GateBudget, State
from checker.gate.throughput import throughput
from checker.search.audit import Audited, Item, audit, items_of
from checker.search.guided.hunt import Budget
from checker.search.plan import Progress
from checker.search.verify import Plan, verify

# Step of a run, as text, and how many things of how many are done.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Work:
    """What a run of the gate looks at.

    Attributes
    ----------
    claims
        Claims to verify and to audit; no neighbours.
    known
        All claims, among which neighbours are looked for.
    ratios
        Throughput of the baseline, by claim and reference.
    executor
        What does the work instead of `jobs` processes, but for the corpus and the throughput.
    """

    claims: Sequence[Claim]
    known: Sequence[Claim]
    corpus: Sequence[Case]
    seed: int
    budget: GateBudget
    jobs: int
    ratios: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    executor: Executor | None = None


@dataclass
class Measured:
    """What a run found.

    Attributes
    ----------
    faults
        What needs no baseline to be seen.
    cut
        Whether it was interrupted: `state` then holds only what was done to the end.
    """

    state: State
    faults: list[Change] = field(default_factory=list)
    cut: bool = False


def measure(
    work: Work,
    report: Report = lambda *_: None,
    done: State | None = None,
    keep: Callable[[State], None] = lambda _: None,
) -> Measured:
    """Run everything, or as much as there is time for until somebody interrupts.

    Paper by paper; `keep` is told of all that is done after each one without a fault, and what is
    `done` already is not run again.

    Raises
    ------
    InputError
        For a case of the corpus that cannot be read, a claim that cannot be computed, or a killed
        worker.
    """
    found = _Found() if done is None else _Found.going_on(done)
    try:
        _corpus(work, found, report)
        for claims in _papers(work.claims).values():
            if not {c.id for c in claims} <= found.claims.keys():
                _paper(replace(work, claims=claims), found, report)
                if not found.faults:
                    keep(found.state(work))
    except KeyboardInterrupt:
        stopping.acknowledge()
        found.cut = True
    return Measured(found.state(work), found.faults, found.cut)


def _papers(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    """Claims by the first part of their ids."""
    papers: dict[str, list[Claim]] = {}
    for claim in claims:
        papers.setdefault(claim.id.partition(".")[0], []).append(claim)
    return papers


def _paper(work: Work, found: _Found, report: Report) -> None:
    _claims(work, found, report)
    _audited(work, found, report)
    _throughput(work, found)


@dataclass
class _Found:
    """Grows as the run goes on."""

    claims: dict[str, ClaimState] = field(default_factory=dict)
    audit: dict[str, AuditState] = field(default_factory=dict)
    corpus: dict[str, str] = field(default_factory=dict)
    throughput: dict[str, dict[str, float]] = field(default_factory=dict)
    faults: list[Change] = field(default_factory=list)
    cut: bool = False

    @classmethod
    def going_on(cls, done: State) -> _Found:
        """With what an interrupted run had done."""
        ratios = {name: dict(found) for name, found in done.throughput.items()}
        return cls(dict(done.claims), dict(done.audit), throughput=ratios)

    def state(self, work: Work) -> State:
        known = {name: ratios for name, ratios in self.throughput.items() if ratios}
        return State(work.seed, work.budget, self.claims, self.audit, self.corpus, known)


def _throughput(work: Work, found: _Found) -> None:
    for claim in work.claims:
        stopping.raise_if_asked()
        found.throughput[claim.id] = _confirmed(claim, work)


def _confirmed(claim: Claim, work: Work) -> dict[str, float]:
    """Throughput; where it is too low to pass, the better of two measurements."""
    found, before = throughput(claim, work.seed), work.ratios.get(claim.id, {})
    if all(found.get(k, 0) >= THROUGHPUT_SHARE * ratio for k, ratio in before.items()):
        return found
    again = throughput(claim, work.seed)
    return {k: max(ratio, again.get(k, 0)) for k, ratio in found.items()}


def _corpus(work: Work, found: _Found, report: Report) -> None:
    for number, case in enumerate(work.corpus):
        stopping.raise_if_asked()
        report("corpus", number, len(work.corpus))
        decision, changes = check(case)
        found.corpus[case.name] = decision
        found.faults += changes


# -- claims -----------------------------------------------------------------------------------


def _claims(work: Work, found: _Found, report: Report) -> None:
    """Verdicts and coverage, and float64 bounds that do not contain what they bound."""
    bounds = _bounds(work, found, report)
    for evidence in _evidence(work, report):
        name = evidence.claim.id
        found.claims[name] = claim_state(evidence, bounds.get(name, False))


def _bounds(work: Work, found: _Found, report: Report) -> dict[str, bool]:
    """By claim id, whether float64 knew both sides in most cases; faults are added to `found`."""
    known = [c for c in work.claims if not c.domain.found]
    report("bounds", 0, len(known))
    bounds = {}
    for number, probed in probes(known, work.seed, work.jobs, work.executor):
        claim = known[number]
        bounds[claim.id] = 2 * probed.known >= 1
        # One of a kind is enough to see what is wrong.
        found.faults += [Change(Reason.BOUND, claim.id, "", text) for text in probed.bounds[:1]]
        texts = probed.disagreements[:1]
        found.faults += [Change(Reason.DISAGREEMENT, claim.id, "", text) for text in texts]
    return bounds


def _evidence(work: Work, report: Report) -> Iterator[Evidence]:
    """Evidence on all claims, those with the same number of cases together.

    Raises
    ------
    KeyboardInterrupt
        Where the search has caught it, after what it had done to the end.
    """
    for number in (work.budget.cases, None, work.budget.found_cases):
        claims = [c for c in work.claims if _cases(c, work.budget) == number]
        plan = Plan(tuple(claims), cases=number, seed=work.seed, jobs=work.jobs)
        found = verify(plan, partial(_tell, report), executor=work.executor)
        _require_computable(e.tally.fault for e in found if e.verdict is Verdict.ERROR)
        yield from (e for e in found if not e.interrupted)
        if any(e.interrupted for e in found):
            raise KeyboardInterrupt


def _tell(report: Report, step: Progress) -> None:
    report(step.claims[0], step.done, step.planned)


def _require_computable(faults: Iterable[Fault | None]) -> None:
    """Raise the first fault: no baseline says what a claim that cannot be computed is worth."""
    for fault in faults:
        if fault is not None:
            raise fault.exception


def _cases(claim: Claim, budget: GateBudget) -> int | None:
    """None for a claim whose domain plans for fewer cases than the budget: it gets those."""
    if claim.domain.found:
        # Some searches end nowhere: a budget that is about the domain's own leaves too few.
        few = claim.domain.cases is not None and 2 * claim.domain.cases <= 3 * budget.found_cases
        return None if few else budget.found_cases
    planned = claim.domain.cases
    return None if planned is not None and planned < budget.cases else budget.cases


# -- audit ------------------------------------------------------------------------------------


def _audited(work: Work, found: _Found, report: Report) -> None:
    items = items_of(work.claims, work.known)
    results: list[Audited] = []
    try:
        hunts = audit(
            items, work.seed, _budget(work), work.jobs, reduce=False, executor=work.executor
        )
        for result in hunts:
            report(result.item.claim.id, len(results), len(items))
            _require_computable([result.hunt.fault])
            results.append(result)
            texts = result.hunt.contradictions
            name = result.item.claim.id
            found.faults += [Change(Reason.CONTRADICTION, name, "", t) for t in texts[:1]]
    finally:
        found.audit |= audit_states(_whole(results, items))


def _whole(results: Sequence[Audited], items: Sequence[Item]) -> list[Audited]:
    """The results on claims all of whose hunts are over."""
    over = Counter(r.item.of for r in results if r.refuted or not r.hunt.cut)
    planned = Counter(item.of for item in items)
    return [r for r in results if over[r.item.of] == planned[r.item.of]]


def _budget(work: Work) -> Callable[[Item], Budget]:
    def budget(item: Item) -> Budget:
        false = item.claim.must_be_refuted
        return Budget(work.budget.evaluations if false else work.budget.open_evaluations)

    return budget
