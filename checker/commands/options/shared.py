"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import math
import os
from typing import Any

# Processes for each CPU at most, and on any machine: more only wait for each other.
JOBS_PER_CPU = 4

MIN_MOST_JOBS = 8


def add_budget(parser: argparse.ArgumentParser, cases: str, seconds: str) -> None:
    """--cases and what belongs to every run."""
    parser.add_argument("--cases", type=at_least(1), metavar="N", help=cases)
    add_run(parser, seconds)


def add_run(parser: argparse.ArgumentParser, seconds: str, budget: str = "--cases") -> None:
    """--seconds, --seed and --jobs."""
    parser.add_argument("--seconds", type=positive, metavar="S", help=seconds)
    parser.add_argument(
        "--seed",
        type=at_least(0),
        default=0,
        metavar="N",
        help=f"with {budget}, fixes the result whatever --jobs is (default: 0)",
    )
    add_jobs(parser)


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """--jobs."""
    most = max(JOBS_PER_CPU * available_cpus(), MIN_MOST_JOBS)
    parser.add_argument(
        "--jobs",
        type=at_least(1, most, capped=True),
        default=available_cpus(),
        metavar="N",
        help="processes (default: all %(default)s available CPUs; "
        f"more than {most} would only wait for each other, so {most} it is then)",
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """--engine."""
    parser.add_argument(
        "--engine",
        default="local",
        metavar="NAME[://ADDRESS]",
        help="what does the work: local, processes, dask, ray, mpi, dask://HOST:PORT, "
        "ray://HOST:PORT; the result is the same (default: %(default)s)",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """--out and --json."""
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="write evidence.json and a file for each counterexample, named by the claim's id",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the evidence to FILE; - for standard output"
    )


def add_gate_budget(parser: argparse.ArgumentParser) -> None:
    """What a new baseline may change."""
    for name, least, text in (
        ("cases", 1, "decided cases per claim"),
        ("evaluations", 1, "candidates per false neighbour"),
        ("seed", 0, "seed"),
    ):
        parser.add_argument(
            f"--{name}",
            dest="baseline_seed" if name == "seed" else name,
            type=at_least(least),
            metavar="N",
            help=f"with --update: {text} of this baseline",
        )


def available_cpus() -> int:
    """CPUs that this process may use."""
    # Not cpu_count: a container or taskset may leave us fewer.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# Budgets beyond this take longer than anybody lives; seeds and file formats keep 64 bits.
_MOST = 2**63 - 1


def at_least(least: int, most: int = _MOST, *, capped: bool = False) -> Any:
    """The type of a whole number from `least` to `most`; `capped` takes more for `most`."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(
                f"{_short(text)} is not a whole number of at least {least}"
            )
        if value > most and not capped:
            raise argparse.ArgumentTypeError(f"{_short(text)} is more than {most}")
        return min(value, most)

    return number


def size(text: str) -> tuple[str, int]:
    """The type of NAME=N, the size of a dimension."""
    name, _, number = text.partition("=")
    if not (name and number.isdecimal() and 1 <= int(number) <= 100):
        raise argparse.ArgumentTypeError(f"{_short(text)} is not NAME=N with N from 1 to 100")
    return name, int(number)


def positive(text: str) -> float:
    """The type of a finite number greater than 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{_short(text)} is not a finite number greater than 0")
    return value


def _short(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:37]!r}..."


def shard(text: str) -> tuple[int, int]:
    """The type of K/N, the K-th of N parts."""
    first, slash, last = text.partition("/")
    numbers = text.isascii() and first.isdecimal() and last.isdecimal()
    if not (slash and numbers and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"{_short(text)} is not K/N, as in 3/64")
    k, n = int(first), int(last)
    if not 1 <= k <= n:
        raise argparse.ArgumentTypeError(f"{text}: of {n} parts there is no part {k}")
    return k, n


def not_negative(text: str) -> float:
    """The type of a finite number from 0 on."""
    return 0.0 if text.strip() in ("0", "0.0") else positive(text)
