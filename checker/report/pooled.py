"""The pooled test of a claim about probabilities, as JSON and as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from checker.arithmetic.binomial import NOTICED, Trials
from checker.claims.pooled import Drawn, Pooled
from checker.instances.text import counted


def pooled_to_json(pooled: Pooled | None) -> dict[str, Any] | None:
    """The test and the seeds of its experiments, those of one task in one entry."""
    if pooled is None:
        return None
    noticed = pooled.noticed
    return {
        "complete": pooled.complete,
        "refutes": pooled.refutes,
        "runs": pooled.runs,
        "failures": pooled.failures,
        "proved": pooled.proved,
        "critical": pooled.critical if pooled.complete else None,
        "odds": [odds for _, odds in pooled.groups],
        "level_bits": pooled.level_bits,
        "noticed": None if noticed is None else float(noticed),
        "noticed_with": float(NOTICED),
        "experiments": drawn_to_json(pooled.experiments),
    }


def drawn_to_json(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Experiments by their seeds, those of one task in one entry."""
    return [_task(list(group)) for _, group in groupby(drawn, _of_one_task)]


def drawn_from_json(saved: Sequence[Mapping[str, Any]]) -> Iterator[Drawn]:
    """What `drawn_to_json` has written, as it was checked by `records.Experiments`."""
    for task in saved:
        trials = Trials(task["runs"], task["odds"], task["level_bits"])
        rows = zip(task["index"], task["failures"], task["checksums"], strict=True)
        for index, failures, checksum in rows:
            yield Drawn(task["stratum"], tuple(task["seed"]), index, trials, failures, checksum)


def _of_one_task(drawn: Drawn) -> tuple[Any, ...]:
    return drawn.stratum, drawn.seed, drawn.trials


def _task(drawn: list[Drawn]) -> dict[str, Any]:
    first = drawn[0]
    return {
        "stratum": first.stratum,
        "seed": list(first.seed),
        "runs": first.trials.runs,
        "odds": first.trials.odds,
        "level_bits": first.trials.level_bits,
        "index": [e.index for e in drawn],
        "failures": [e.failures for e in drawn],
        "checksums": [e.checksum for e in drawn],
    }


def pooled_line(entry: Mapping[str, Any]) -> str:
    """The test in one sentence, with the failure rate that it would have noticed."""
    size = sum(len(task["index"]) for task in entry["experiments"])
    experiments = counted(size, "experiment", "experiments")
    if not entry["complete"]:
        return f"not tested together: the run ended after {experiments}, before its plan did"
    rates = ", ".join(f"1/{odds}" for odds in entry["odds"])
    return (
        f"{entry['failures']:,} of {entry['runs']:,} runs of {experiments} failed{_proved(entry)}; "
        f"at δ = {rates} more than {entry['critical']:,} have probability 2^-{entry['level_bits']} "
        f"at most; {_noticed(entry)}"
    )


def _proved(entry: Mapping[str, Any]) -> str:
    return f", {entry['proved']:,} of them proved by balls" if entry["refutes"] else ""


def _noticed(entry: Mapping[str, Any]) -> str:
    if entry["noticed"] is None:
        return "so few runs would have noticed no failure rate"
    return (
        f"a failure rate of {entry['noticed']:g} δ would have been noticed with probability "
        f"{entry['noticed_with']:g} at least"
    )
