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
from checker.gate.partial import Partial, partial_of
from checker.gate.state import GateBudget, State, read_baseline
from checker.instances.text import counted
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
    rest
        The part of it that was not asked for, which an update leaves as it is.
    restricted
        Whether only a part of the baseline is compared.
    partial
        Where an update keeps what it has done.
    """

    path: Path
    before: State
    rest: State
    new: bool
    work: Work
    restricted: bool
    partial: Partial | None


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
    else:
        claims = named or [known[name] for name in before.claims if name in known]
        _require_common(ids, before)
    corpus = read_corpus(Path(options.corpus or path.parent / "corpus"), known)
    asked = before.seed, before.budget, options.jobs, before.throughput
    work = Work(claims, list(known.values()), corpus, *asked)
    # What no longer exists has vanished, whatever was named.
    unnamed = set(before.claims) & set(known) - ids if named else set()
    if options.update:
        _require_one_budget(unnamed, options)
    part = _part(before, (set(before.claims) | ids) - unnamed) if named else before
    rest = replace(_part(before, unnamed), corpus={})
    partial = partial_of(path, before, claims, options.files) if options.update else None
    return Gate(path, part, rest, not before.claims, work, part != before, partial)


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


def _require_one_budget(unnamed: set[str], options: Options) -> None:
    """What an update keeps of a baseline has to be of the same run."""
    if unnamed and _has_budgets(options):
        raise InputError(
            "--seed, --cases and --evaluations are those of a whole baseline",
            why=f"{counted(len(unnamed), 'claim', 'claims')} in it would be of another run",
            hint="Leave out the names to write all of it anew, or name another baseline",
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
    if _has_budgets(options):
        raise InputError(
            "--seed, --cases and --evaluations belong to --update",
            why="A run can be compared with a baseline of the same seed and budgets only",
        )
    return read_baseline(path)


def _has_budgets(options: Options) -> bool:
    return (options.baseline_seed, options.cases, options.evaluations) != (None, None, None)


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
