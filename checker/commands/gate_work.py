"""What `checker gate` is asked to do: the baseline, the claims, the corpus, the budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.commands.choice import chosen
from checker.commands.options import Options
from checker.errors import InputError
from checker.gate.corpus import read_corpus
from checker.gate.measure import Work
from checker.gate.state import GateBudget, State, read_baseline
from checker.report.outputs import Output, require_writable


@dataclass(frozen=True)
class Gate:
    """A command line, checked.

    Attributes
    ----------
    path
        Of the baseline.
    before
        The baseline, or the part of it that the run can be compared with.
    new
        Whether there is no baseline yet.
    work
        What is to be run.
    restricted
        Whether only a part of the baseline is compared.
    """

    path: Path
    before: State
    new: bool
    work: Work
    restricted: bool


def gate_of(options: Options) -> Gate:
    """What to run and what to compare it with.

    Raises
    ------
    InputError
        For a baseline, a corpus or options that nothing can be compared with.
    """
    path = Path(options.baseline)
    before, named = _baseline(path, options), _named(options)
    known = {**load_claims(), **{c.id: c for c in chosen(options)}}
    ids = {c.id for c in named}
    if options.update:
        claims = named or [c for c in known.values() if c.of is None]
        _require_whole({c.id for c in claims}, before, known)
    else:
        claims = named or [known[name] for name in before.claims if name in known]
        _require_common(ids, before)
    corpus = read_corpus(Path(options.corpus or path.parent / "corpus"), known)
    work = Work(claims, list(known.values()), corpus, before.seed, before.budget, options.jobs)
    restricted = bool(named) and not options.update
    # What no longer exists has vanished, whatever was named.
    part = _part(before, ids | set(before.claims) - set(known)) if restricted else before
    return Gate(path, part, not before.claims, work, part != before)


def _named(options: Options) -> list[Claim]:
    """The claims of the command line without their neighbours; none if it names none."""
    if not options.ids and not options.files:
        return []
    found = chosen(options)
    claims = [c for c in found if c.of is None]
    if not claims:
        raise InputError(
            f"there is no claim but neighbours among {', '.join(c.id for c in found)}",
            why="Neighbours are hunted for with the claim that they are neighbours of",
            hint="Name that claim",
        )
    return claims


def _require_whole(ids: set[str], before: State, known: dict[str, Claim]) -> None:
    """An update drops a claim only if it no longer exists."""
    dropped = set(before.claims) & set(known) - ids
    if dropped:
        raise InputError(
            f"the update would drop {', '.join(sorted(dropped))} from the baseline",
            why="A baseline is written as a whole",
            hint="Name these claims, too, or leave out all names, or write another baseline",
        )


def _require_common(ids: set[str], before: State) -> None:
    if ids and not ids & set(before.claims):
        raise InputError(
            f"none of {', '.join(sorted(ids))} is in the baseline",
            why="Nothing would be compared, and the gate would pass",
            hint="Add them with --update",
        )


def _baseline(path: Path, options: Options) -> State:
    """The baseline, or with --update an empty one if there is none."""
    if options.update:
        before = read_baseline(path) if path.is_file() else State()
        require_writable([Output(path, "baseline.json", "--baseline")])
        return _with_budget(before, options)
    if (options.baseline_seed, options.cases, options.evaluations) != (None, None, None):
        raise InputError(
            "--seed, --cases and --evaluations belong to --update",
            why="A run can be compared with a baseline of the same seed and budgets only",
        )
    return read_baseline(path)


def _with_budget(state: State, options: Options) -> State:
    budget = state.budget
    if options.cases is not None:
        budget = replace(budget, cases=options.cases)
    if options.evaluations is not None:
        open_ones = min(options.evaluations, GateBudget().open_evaluations)
        budget = replace(budget, evaluations=options.evaluations, open_evaluations=open_ones)
    seed = state.seed if options.baseline_seed is None else options.baseline_seed
    return replace(state, seed=seed, budget=budget)


def _part(state: State, ids: set[str]) -> State:
    """The part of a baseline that a run on these claims compares; the corpus is run as a whole."""
    return replace(
        state,
        claims={name: c for name, c in state.claims.items() if name in ids},
        audit={of: a for of, a in state.audit.items() if of in ids},
        throughput={name: r for name, r in state.throughput.items() if name in ids},
    )
