"""The options of the command line: argparse, and what it cannot check by itself."""

from __future__ import annotations

import argparse
import math
import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Options:
    """The command line, parsed. What a command has no use for keeps its default."""

    command: str
    ids: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    cases: int | None = None
    seconds: float | None = None
    seed: int = 0
    jobs: int = 1
    out: str | None = None
    json: str | None = None
    data: str | None = None
    target: str | None = None
    saved: str = ""
    claim: str | None = None
    constant: str | None = None
    folder: str = ""
    loss: str | None = None
    pictures: bool = False
    network: str = "mlp_tanh"
    features: int = 2
    hidden: int = 3
    starts: int = 0
    skip: bool = True
    ridge: float = 0.0
    baseline: str = ""
    baseline_seed: int | None = None
    evaluations: int | None = None
    update: bool = False
    corpus: str | None = None
    markdown: str | None = None


def parse(arguments: Sequence[str] | None, version: str) -> Options:
    """Parse the command line; on bad usage print a message and exit with status 2."""
    values = vars(_parser(version).parse_args(arguments))
    named = values.pop("claims", [])
    files = [*values.pop("files", []), *(n for n in named if _is_file(n))]
    ids = [name for name in named if not _is_file(name)]
    return Options(ids=tuple(ids), files=tuple(dict.fromkeys(files)), **values)


def _is_file(name: str) -> bool:
    return name.endswith(".py") or os.sep in name or Path(name).is_file()


def _parser(version: str) -> argparse.ArgumentParser:
    parser = _ArgumentParser(
        prog="checker",
        description="Find out whether a claim about a loss landscape is true, how tight it is, and "
        "what the smallest counterexample is when it is not.",
        epilog="examples:\n"
        "  checker list                         which claims there are\n"
        "  checker verify                       all of them\n"
        "  checker verify shamir2018 --jobs 4   those of one paper, on four processes\n"
        "  checker verify my_theorem.py         those in your own file\n"
        "  checker audit shamir2018.theorem1    its false neighbours and assumptions\n"
        "  checker sharpen shamir2018.theorem1  the best value of its constants\n"
        "  checker certify network.npz          what is proved of a trained network\n"
        "  checker replay out/evidence.json     decide the saved cases again\n"
        "  checker report out                   an HTML page of the run\n\n"
        "exit status: 0 everything stands, 1 a claim was refuted or the gate fell,\n"
        "2 bad usage or input, 3 undecided, vacuous, broken oracle, interrupted, or a\n"
        "control that survived",
    )
    parser.add_argument("--version", action="version", version=f"checker {version}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_list(commands)
    _add_verify(commands)
    _add_audit(commands)
    _add_sharpen(commands)
    _add_census(commands)
    _add_certify(commands)
    _add_replay(commands)
    _add_gate(commands)
    _add_report(commands)
    return parser


class _ArgumentParser(argparse.ArgumentParser):
    """Keeps the line breaks of examples, and refuses abbreviated options.

    An abbreviation that works today may be ambiguous in the next version.
    """

    def __init__(self, **settings: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        settings["description"] = textwrap.fill(settings["description"], 78)
        super().__init__(formatter_class=formatter, allow_abbrev=False, **settings)


def _add_list(commands: Any) -> None:
    parser = commands.add_parser(
        "list",
        help="list the installed claims",
        description="List the installed claims.",
        epilog="example:\n  checker list --json | jq '.[].id'",
    )
    parser.add_argument(
        "--json", action="store_const", const="-", help="as JSON, with statements in LaTeX"
    )


def _add_verify(commands: Any) -> None:
    parser = commands.add_parser(
        "verify",
        help="search for counterexamples and judge the claims",
        description="Search for counterexamples to claims, prove each verdict, and report how "
        "close to equality the search came.",
        epilog="examples:\n"
        "  checker verify\n"
        "  checker verify shamir2018.theorem1 --cases 1000000 --json evidence.json\n"
        "  checker verify my_theorem.py --seconds 60 --out results\n"
        "  checker verify shamir2018 --data points.csv --target label",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py",
        help="ids, what ids start with, or files with claims; default: every installed claim",
    )
    _add_budget(parser, "decided cases per claim (about)", "time for the whole run, in seconds")
    _add_output(parser)
    parser.add_argument("--data", metavar="FILE.csv", help="draw the cases over your own sample")
    parser.add_argument("--target", metavar="COLUMN", help="column of --data that holds the labels")


def _add_audit(commands: Any) -> None:
    parser = commands.add_parser(
        "audit",
        help="show that the search has teeth: false neighbours, dropped assumptions",
        description="Hunt for a counterexample to every known neighbour of the claims, and to the "
        "claims without each of their assumptions. A false neighbour that survives fails the "
        "audit.",
        epilog="examples:\n"
        "  checker audit\n"
        "  checker audit shamir2018.theorem1 --json audit.json\n"
        "  checker audit my_theorem.py --seconds 60",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py",
        help="claims whose neighbours to hunt for, or neighbours; default: every installed claim",
    )
    _add_budget(parser, "candidates per hunt", "time per hunt, in seconds")
    _add_output(parser)


def _add_sharpen(commands: Any) -> None:
    parser = commands.add_parser(
        "sharpen",
        help="find the best value of a claim's constants",
        description="For each named constant of a claim find the infimum for which the claim "
        "survives: a proved witness on the failing side, a survived hunt on the other.",
        epilog="examples:\n"
        "  checker sharpen shamir2018.theorem1\n"
        "  checker sharpen shamir2018.theorem1 --constant a --cases 1000000",
    )
    parser.add_argument("claims", nargs=1, metavar="ID|FILE.py", help="one claim")
    parser.add_argument("--constant", metavar="NAME", help="only this constant (default: all)")
    _add_budget(parser, "candidates per hunt", "time per hunt, in seconds")
    _add_output(parser)


def _add_census(commands: Any) -> None:
    parser = commands.add_parser(
        "census",
        help="find, classify and draw the critical points of one training problem",
        description="Search for critical points of F over (w, V, θ) from many starts, enclose "
        "value, gradient and least curvature of each, and prove the local minima among them.",
        epilog="examples:\n"
        "  checker census diabetes\n"
        "  checker census breast_cancer --loss logistic --ridge 0.01 --starts 60\n"
        "  checker census points.csv --target label --network mlp_relu --out census\n"
        "  checker census diabetes --no-skip    without the skip connection: bad minima\n\n"
        "With --out, a census that was stopped goes on where it was.\n"
        "exit status: 0 no local minimum above the linear level, 1 one was proved,\n"
        "2 bad input, 3 interrupted, or no point was found",
    )
    parser.add_argument("data", metavar="DATA", help="diabetes, breast_cancer, or a CSV file")
    parser.add_argument("--target", metavar="COLUMN", help="column of the file with the labels")
    parser.add_argument("--loss", metavar="NAME", help="default: squared, or logistic for ±1")
    parser.add_argument("--network", metavar="NAME", default="mlp_tanh", help="f_θ (%(default)s)")
    parser.add_argument(
        "--features", type=_at_least(1), default=2, metavar="M", help="of f_θ (%(default)s)"
    )
    parser.add_argument(
        "--hidden", type=_at_least(1), default=3, metavar="H", help="units of an MLP (%(default)s)"
    )
    parser.add_argument("--no-skip", dest="skip", action="store_false", help="x -> wᵀ V f_θ(x)")
    parser.add_argument(
        "--ridge", type=_not_negative, default=0.0, metavar="λ", help="λ/2 (||w||² + ||V||²)"
    )
    parser.add_argument(
        "--starts", type=_at_least(1), default=50, metavar="N", help="(%(default)s)"
    )
    _add_run(parser, "time for the whole census, in seconds", "--starts")
    parser.add_argument("--out", metavar="DIR", help="write census.json; go on where it stopped")
    parser.add_argument(
        "--json", metavar="FILE", help="write the census to FILE; - for standard output"
    )
    parser.add_argument("--pictures", action="store_true", help="draw census.svg into --out")


def _add_certify(commands: Any) -> None:
    parser = commands.add_parser(
        "certify",
        help="what the theorems say of a trained network",
        description="Compare a network wᵀ(x + V f(x)) with the best linear predictor, enclose its "
        "gradient and least curvature, and say whether it can be a local minimum.",
        epilog="The file holds the arrays X (n, d), Z = f(X) (n, m), y (n,), w (d,), V (d, m),\n"
        "and may hold weights (n,) and loss. For K outputs: W (K, d) instead of w,\n"
        "and y (n, K).\n"
        "\nexamples:\n"
        "  checker certify network.npz --loss logistic\n"
        "  checker certify folder_of_npy_files --out results\n\n"
        "exit status: 0 no worse than linear, 1 cannot be a local minimum, 2 bad input,\n"
        "3 beyond the range of float64",
    )
    parser.add_argument("saved", metavar="FILE.npz", help="or a folder of .npy files")
    parser.add_argument("--loss", metavar="NAME", help="default: the array `loss` of the file")
    parser.add_argument(
        "--seed", type=_at_least(0), default=0, metavar="N", help="of Lanczos (default: 0)"
    )
    parser.add_argument("--out", metavar="DIR", help="write certificate.json and points.npz")
    parser.add_argument(
        "--json", metavar="FILE", help="write the certificate to FILE; - for standard output"
    )


def _add_budget(parser: argparse.ArgumentParser, cases: str, seconds: str) -> None:
    parser.add_argument("--cases", type=_at_least(1), metavar="N", help=cases)
    _add_run(parser, seconds)


def _add_run(parser: argparse.ArgumentParser, seconds: str, budget: str = "--cases") -> None:
    parser.add_argument("--seconds", type=_positive, metavar="S", help=seconds)
    parser.add_argument(
        "--seed",
        type=_at_least(0),
        default=0,
        metavar="N",
        help=f"with {budget}, fixes the result whatever --jobs is (default: 0)",
    )
    _add_jobs(parser)


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=_at_least(1),
        default=_available_cpus(),
        metavar="N",
        help="processes (default: all %(default)s available CPUs)",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="write evidence.json and a file for each counterexample, named by the claim's id",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the evidence to FILE; - for standard output"
    )


def _add_replay(commands: Any) -> None:
    parser = commands.add_parser(
        "replay",
        help="decide saved cases again, exactly",
        description="Decide saved cases again from their exact numbers, and compare with what is "
        "on file.",
        epilog="examples:\n"
        "  checker replay results/evidence.json\n"
        "  checker replay results/my_theorem.bound.counterexample.json my_theorem.py",
    )
    parser.add_argument("saved", metavar="FILE.json", help="a run, a counterexample or an instance")
    parser.add_argument(
        "files", nargs="*", metavar="FILE.py", help="files that define the claims and instances"
    )
    parser.add_argument(
        "--claim", metavar="ID", help="the claim to decide a single case for (default: on file)"
    )


def _add_report(commands: Any) -> None:
    parser = commands.add_parser(
        "report",
        help="make an HTML report of a run",
        description="Make one HTML file of a finished run, DIR/report.html, which needs no "
        "network. An audit.json or sharpen.json in DIR is used, too.",
        epilog="examples:\n"
        "  checker verify --out results && checker report results\n"
        "  checker audit --out results && checker report results --out page.html",
    )
    parser.add_argument("folder", metavar="DIR", help="the --out of `checker verify`")
    parser.add_argument("--out", metavar="FILE.html", help="default: DIR/report.html")
    parser.add_argument(
        "--pictures", action="store_true", help="write the pictures to DIR/pictures, too (SVG)"
    )


def _add_gate(commands: Any) -> None:
    parser = commands.add_parser(
        "gate",
        help="compare a run with a baseline, for CI",
        description="Decide a corpus of known cases again, verify and audit the claims of a "
        "baseline with its seed and budgets, measure the throughput, and fall (exit status 1) "
        "when anything is worse than the baseline says.",
        epilog="examples:\n"
        "  checker gate --baseline ci/baseline.json\n"
        "  checker gate --baseline ci/baseline.json --update\n"
        '  checker gate --baseline ci/baseline.json --markdown "$GITHUB_STEP_SUMMARY"',
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py",
        help="only these claims, or those of files (default: all claims of the baseline)",
    )
    parser.add_argument("--baseline", required=True, metavar="FILE", help="what to compare with")
    parser.add_argument(
        "--update", action="store_true", help="show the difference, then write the baseline"
    )
    parser.add_argument(
        "--corpus", metavar="DIR", help="folder of known cases (default: corpus, next to FILE)"
    )
    _add_gate_budget(parser)
    _add_jobs(parser)
    parser.add_argument("--json", metavar="FILE", help="write the result; - for standard output")
    parser.add_argument("--markdown", metavar="FILE", help="write the table as Markdown")


def _add_gate_budget(parser: argparse.ArgumentParser) -> None:
    for name, least, text in (
        ("cases", 1, "decided cases per claim"),
        ("evaluations", 1, "candidates per false neighbour"),
        ("seed", 0, "seed"),
    ):
        parser.add_argument(
            f"--{name}",
            dest="baseline_seed" if name == "seed" else name,
            type=_at_least(least),
            metavar="N",
            help=f"with --update: {text} of this baseline",
        )


def _available_cpus() -> int:
    # Not cpu_count: a container or taskset may leave us fewer.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return value

    return number


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number greater than 0")
    return value


def _not_negative(text: str) -> float:
    return 0.0 if text.strip() in ("0", "0.0") else _positive(text)
