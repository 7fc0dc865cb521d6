"""The options of the command line: argparse, and what it cannot check by itself."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.commands.options.claims import (
    add_audit,
    add_doctor,
    add_gate,
    add_list,
    add_merge,
    add_new_paper,
    add_prove,
    add_replay,
    add_report,
    add_sharpen,
    add_show,
    add_verify,
)
from checker.commands.options.config import WrongDefaults, apply_defaults
from checker.commands.options.networks import add_census, add_certify


@dataclass(frozen=True)
class Options:
    """The command line, parsed. What a command has no use for keeps its default.

    Of a file that is named as `FILE.py::NAME` the claims of that name are `picked`. With `resume`
    that folder is `out`, too.
    """

    command: str
    ids: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    picked: tuple[tuple[str, str], ...] = ()
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
    key: str = ""
    loss: str | None = None
    pictures: bool = False
    network: str = "mlp_tanh"
    features: int = 2
    hidden: int = 3
    starts: int = 0
    skip: bool = True
    ridge: float | None = None
    level: float = 1e-6
    unfinished: bool = False
    baseline: str = ""
    baseline_seed: int | None = None
    evaluations: int | None = None
    update: bool = False
    corpus: str | None = None
    sizes: Sequence[tuple[str, int]] | None = None
    markdown: str | None = None
    verbose: bool = False
    quiet: bool = False
    false: bool = False
    before: str | None = None
    latex: str | None = None
    arguments: tuple[str, ...] = ()
    resume: str | None = None
    shard: tuple[int, int] | None = None
    engine: str = "local"
    folders: tuple[str, ...] = ()
    seed_given: bool = True


def parse(arguments: Sequence[str] | None, version: str) -> Options:
    """Parse the command line; on bad usage print a message and exit with status 2."""
    parser = _parser(version)
    try:
        apply_defaults(_commands(parser), Path.cwd())
    except (WrongDefaults, OSError) as error:
        parser.error(str(error))
    try:
        values = vars(parser.parse_args(arguments))
    except ValueError as error:
        parser.error(f"the options cannot be read: {error}")
    for name, value in values.items():
        # What argparse makes of `--cases=--`.
        if value == [] and name not in ("claims", "files"):
            parser.error(f"argument --{name}: expected one argument")
    _complete(values, parser)
    named, files = values.pop("claims", []), values.pop("files", [])
    files += [name for name in named if _is_file(name.partition(_WITHIN)[0])]
    ids = [name for name in named if not _is_file(name.partition(_WITHIN)[0])]
    parts = [name.partition(_WITHIN) for name in dict.fromkeys(files)]
    whole = {file for file, within, _ in parts if not within}
    picked = tuple((file, name) for file, within, name in parts if within and file not in whole)
    paths = tuple(dict.fromkeys(file for file, *_ in parts))
    given = tuple(sys.argv[1:] if arguments is None else arguments)
    return Options(ids=tuple(ids), files=paths, picked=picked, arguments=given, **values)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(next(actions).choices)


def _complete(values: dict[str, Any], parser: argparse.ArgumentParser) -> None:
    """What follows from other options."""
    values["seed_given"] = values.get("seed") is not None
    if "seed" in values:
        values["seed"] = values["seed"] or 0
    if "folders" in values:
        values["folders"] = tuple(values["folders"])
    if values.get("resume") is not None:
        if values["out"] not in (None, values["resume"]):
            parser.error("argument --out: a run that goes on stays in the folder of --resume")
        values["out"] = values["resume"]


# Between a file and one of its claims.
_WITHIN = "::"


def _is_file(name: str) -> bool:
    if name.endswith(".py") or os.sep in name:
        return True
    try:
        return Path(name).is_file()
    # Too long for a file's name, or with a character that none has.
    except (OSError, ValueError):
        return False


def _parser(version: str) -> argparse.ArgumentParser:
    parser = _ArgumentParser(
        prog="checker",
        description="Find out whether a claim about a loss landscape is true, how tight it is, and "
        "what the smallest counterexample is when it is not.",
        epilog="examples:\n"
        "  checker list                         which claims there are\n"
        "  checker show shamir2018.theorem1     what one of them says\n"
        "  checker verify                       search for counterexamples to all of them\n"
        "  checker verify shamir2018 --jobs 4   those of one paper, on four processes\n"
        "  checker verify my_theorem.py         those in your own file\n"
        "  checker audit shamir2018.theorem1    its false neighbours and assumptions\n"
        "  checker prove shamir2018.theorem1    its proof, checked by Coq\n"
        "  checker sharpen shamir2018.theorem1  the best value of its constants\n"
        "  checker certify network.npz          what is proved of a trained network\n"
        "  checker replay out/evidence.json     decide the saved cases again\n"
        "  checker merge part1 part2 --out all  put the parts of a run together\n"
        "  checker report out                   an HTML page of the run\n"
        "  checker doctor                       whether this installation works\n"
        "  checker new-paper author2024         a folder for the claims of a paper\n\n"
        "exit status: 0 everything stands, 1 a claim was refuted or the gate fell,\n"
        "2 bad usage or input, or a claim that cannot be computed, 3 undecided, vacuous,\n"
        "broken oracle, interrupted, a false neighbour that survived, or a report that\n"
        "could not be written",
    )
    parser.add_argument("--version", action="version", version=f"checker {version}")
    parser.add_argument(
        "--print-completion",
        choices=("bash", "zsh", "tcsh"),
        action=_Completion,
        default=argparse.SUPPRESS,
        help="print the completion of this command for a shell",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_list(commands)
    add_show(commands)
    add_verify(commands)
    add_merge(commands)
    add_audit(commands)
    add_prove(commands)
    add_sharpen(commands)
    add_census(commands)
    add_certify(commands)
    add_replay(commands)
    add_gate(commands)
    add_report(commands)
    add_doctor(commands)
    add_new_paper(commands)
    return parser


class _Completion(argparse.Action):
    """Prints what a shell needs to complete our options: by shtab, where it is installed."""

    def __call__(
        self, parser: argparse.ArgumentParser, _namespace: Any, shell: Any, _option: Any = None
    ) -> None:
        """Print, and end with status 0."""
        try:
            import shtab
        except ImportError:
            parser.error('this needs shtab: pip install "landscape-checker[completion]"')
        print(shtab.complete(parser, shell))
        parser.exit()


class _ArgumentParser(argparse.ArgumentParser):
    """Keeps the line breaks of examples, and refuses abbreviated options.

    An abbreviation that works today may be ambiguous in the next version.
    """

    def __init__(self, **settings: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        settings["description"] = textwrap.fill(settings["description"], 78)
        super().__init__(formatter_class=formatter, allow_abbrev=False, **settings)
