"""The commands on claims, to argparse."""

from __future__ import annotations

from typing import Any

from checker.commands.options.shared import (
    add_budget,
    add_engine,
    add_gate_budget,
    add_jobs,
    add_output,
    positive,
    shard,
    size,
)


def add_list(commands: Any) -> None:
    """`checker list`."""
    parser = commands.add_parser(
        "list",
        help="list the installed claims",
        description="List claims: installed ones, or those of files.",
        epilog="examples:\n"
        "  checker list\n"
        "  checker list yun2019\n"
        "  checker list shamir2018.lemma1 --false\n"
        "  checker list --json | jq '.[].id'",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py",
        help="ids, what ids start with, or files with claims; default: every installed claim",
    )
    parser.add_argument("--false", action="store_true", help="the false neighbours of these")
    parser.add_argument(
        "--json", action="store_const", const="-", help="as JSON, with statements in LaTeX"
    )


def add_show(commands: Any) -> None:
    """`checker show`."""
    parser = commands.add_parser(
        "show",
        help="show a claim: statement, formula, assumptions, proof, where its code stands",
        description="Show everything that is known of a claim before any search.",
        epilog="examples:\n  checker show shamir2018.theorem1\n  checker show my_theorem.py",
    )
    parser.add_argument(
        "claims", nargs="+", metavar="ID|FILE.py", help="ids, what ids start with, or files"
    )


def add_new_paper(commands: Any) -> None:
    """`checker new-paper`."""
    parser = commands.add_parser(
        "new-paper",
        help="write a folder for the claims of a paper: a template that runs, and its tests",
        description="Write the folder KEY with a template of the claims of a paper, which runs as "
        "it is, and its tests. Replace its statement, its false neighbours and its docstring.",
        epilog="example:\n  checker new-paper author2024 && checker verify author2024/theorems.py",
    )
    parser.add_argument("key", metavar="KEY", help="name of the folder, as author2024")
    parser.add_argument(
        "--into", dest="folder", default=".", metavar="DIR", help="where the folder goes"
    )


def add_doctor(commands: Any) -> None:
    """`checker doctor`."""
    commands.add_parser(
        "doctor",
        help="test the installation: versions, floating point, ball arithmetic",
        description="Print the versions of everything that a verdict rests on, and test floating "
        "point and ball arithmetic on problems with known answers. Exit status 2 if anything is "
        "wrong.",
    )


def add_verify(commands: Any) -> None:
    """`checker verify`."""
    parser = commands.add_parser(
        "verify",
        help="search for counterexamples and judge the claims",
        description="Search for counterexamples to claims, prove each verdict, and report how "
        "close to equality the search came.",
        epilog="examples:\n"
        "  checker verify\n"
        "  checker verify shamir2018.theorem1 --cases 1000000 --json evidence.json\n"
        "  checker verify my_theorem.py::bound --seconds 60 --out results\n"
        "  checker verify --resume results\n"
        "  checker verify shamir2018 --shard 1/2 --out part1\n"
        "  checker verify shamir2018.theorem1 --engine processes\n"
        "  checker verify shamir2018 --data points.csv --target label",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py[::NAME]",
        help="ids, what ids start with, or files with claims; default: every installed claim",
    )
    add_budget(
        parser,
        "decided cases per claim, about (default: what the claim needs)",
        "time for the whole run, in seconds: at most with --cases, else all of it",
    )
    add_output(parser)
    detail = parser.add_mutually_exclusive_group()
    detail.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="every claim and false neighbour, and what was covered",
    )
    detail.add_argument("-q", "--quiet", action="store_true", help="only the result, in a sentence")
    parser.add_argument("--data", metavar="FILE.csv", help="draw the cases over your own sample")
    parser.add_argument("--target", metavar="COLUMN", help="column of --data that holds the labels")
    parser.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with the run that was interrupted in DIR, and end as it would have; everything "
        "but --jobs, --json and the time is taken from there",
    )
    parser.add_argument(
        "--shard",
        type=shard,
        metavar="K/N",
        help="only the K-th of N parts of the run, for another machine; with --out, "
        "for `checker merge`",
    )
    add_engine(parser)
    # So that a seed that was given is told from one that was not.
    parser.set_defaults(seed=None)


def add_merge(commands: Any) -> None:
    """`checker merge`."""
    parser = commands.add_parser(
        "merge",
        help="put the parts of a run together",
        description="Put the results of all `checker verify --shard K/N --out DIR` together: the "
        "evidence and the verdicts are those of the run without --shard.",
        epilog="example:\n"
        "  checker verify shamir2018.lemma1 --shard 1/2 --out part1\n"
        "  checker verify shamir2018.lemma1 --shard 2/2 --out part2\n"
        "  checker merge part1 part2 --out whole",
    )
    parser.add_argument("folders", nargs="+", metavar="DIR", help="the folder of each part")
    parser.add_argument("--out", metavar="DIR", required=True, help="write the whole run to DIR")
    parser.add_argument(
        "--json", metavar="FILE", help="write the evidence to FILE; - for standard output"
    )
    add_jobs(parser)
    detail = parser.add_mutually_exclusive_group()
    detail.add_argument(
        "-v", "--verbose", action="store_true", help="every claim and false neighbour"
    )
    detail.add_argument("-q", "--quiet", action="store_true", help="only the result, in a sentence")


def add_audit(commands: Any) -> None:
    """`checker audit`."""
    parser = commands.add_parser(
        "audit",
        help="test the search: refute false neighbours, and claims without an assumption",
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
        metavar="ID|FILE.py[::NAME]",
        help="claims whose neighbours to hunt for, or neighbours; default: every installed claim",
    )
    add_budget(parser, "candidates per hunt", "time per hunt at most, in seconds")
    add_output(parser)
    add_engine(parser)


def add_prove(commands: Any) -> None:
    """`checker prove`."""
    parser = commands.add_parser(
        "prove",
        help="prove claims: by the Coq proof assistant, or on the box of their arguments",
        description="Compile the proof of each claim with Coq, show the axioms that it rests on, "
        "and derive from it the formula that the checker evaluates, at fixed sizes. A claim of "
        "your own without such a proof is proved by enclosures, if its arguments lie in intervals.",
        epilog="examples:\n"
        "  checker prove\n"
        "  checker prove shamir2018.theorem1 --json proof.json\n"
        "  checker prove my_theorem.py::bound --size k=3 --out results\n\n"
        "exit status: 0 all proved, 2 bad input or no coqc, 3 not proved, or no proof is\n"
        "known",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py[::NAME]",
        help="ids, what ids start with, or files with claims; default: all with a known proof",
    )
    parser.add_argument(
        "--seconds",
        type=positive,
        default=300.0,
        metavar="S",
        help="time limit for each file, or each claim on a box (default: %(default)g)",
    )
    parser.add_argument(
        "--size",
        dest="sizes",
        type=size,
        action="append",
        metavar="NAME=N",
        help="on a box, the size of a named dimension (default: all 1, then all 2)",
    )
    parser.add_argument("--out", metavar="DIR", help="write the result and certificates to DIR")
    parser.add_argument("--json", metavar="FILE", help="write the result; - for standard output")


def add_sharpen(commands: Any) -> None:
    """`checker sharpen`."""
    parser = commands.add_parser(
        "sharpen",
        help="find the best value of a claim's constants",
        description="For each named constant of a claim find the infimum for which the claim "
        "survives: a proved witness on the failing side, a survived hunt on the other.",
        epilog="examples:\n"
        "  checker sharpen shamir2018.theorem1\n"
        "  checker sharpen shamir2018.theorem1 --constant a --cases 1000000",
    )
    parser.add_argument("claims", nargs=1, metavar="ID|FILE.py[::NAME]", help="one claim")
    parser.add_argument("--constant", metavar="NAME", help="only this constant (default: all)")
    add_budget(parser, "candidates per hunt", "time per hunt at most, in seconds")
    add_output(parser)
    add_engine(parser)


def add_replay(commands: Any) -> None:
    """`checker replay`."""
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
    parser.add_argument(
        "--out", metavar="DIR", help="write each counterexample as a theorem for Coq: DIR/NAME.v"
    )


def add_report(commands: Any) -> None:
    """`checker report`."""
    parser = commands.add_parser(
        "report",
        help="make an HTML report of a run, or LaTeX for a paper",
        description="Make one HTML file of a finished run, DIR/report.html, which needs no "
        "network. An audit.json or sharpen.json in DIR is used, too. Nothing that DIR names is "
        "run. With --latex: a table, counterexamples as matrices, and a sentence on each claim.",
        epilog="examples:\n"
        "  checker verify --out results && checker report results\n"
        "  checker audit --out results && checker report results --out page.html\n"
        "  checker report results --before last_week\n"
        "  checker report results --claim shamir2018.theorem1\n"
        "  checker report results --latex table.tex",
    )
    parser.add_argument(
        "folder", metavar="DIR", help="the --out of verify, audit, sharpen, certify or census"
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE.py", help="files whose instances draw themselves"
    )
    parser.add_argument("--out", metavar="FILE.html", help="default: DIR/report.html")
    parser.add_argument(
        "--claim", metavar="ID", help="a page of this claim alone, to be cited: DIR/ID.html"
    )
    parser.add_argument(
        "--latex",
        nargs="?",
        const="",
        metavar="FILE.tex",
        help="write LaTeX instead, to be read by \\input (default: named as the page)",
    )
    parser.add_argument("--before", metavar="OLDDIR", help="say what differs from this earlier run")
    parser.add_argument(
        "--pictures", action="store_true", help="write the pictures to DIR/pictures, too (SVG)"
    )


def add_gate(commands: Any) -> None:
    """`checker gate`."""
    parser = commands.add_parser(
        "gate",
        help="compare a run with a baseline, for CI",
        description="Decide a corpus of known cases again, verify and audit the claims of a "
        "baseline with its seed and budgets, measure the throughput, and fall (exit status 1) "
        "when anything is worse than the baseline says.",
        epilog="examples:\n"
        "  checker gate --baseline ci/baseline.json\n"
        "  checker gate --baseline ci/baseline.json --update\n"
        '  checker gate --baseline ci/baseline.json --markdown "$GITHUB_STEP_SUMMARY"\n\n'
        "exit status: 0 passed, 1 fell, 2 bad input, 3 interrupted, and nothing fell so\n"
        "far",
    )
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID|FILE.py[::NAME]",
        help="only these claims, or those of files (default: all claims of the baseline)",
    )
    parser.add_argument("--baseline", required=True, metavar="FILE", help="what to compare with")
    parser.add_argument(
        "--update", action="store_true", help="show the difference, then write the baseline"
    )
    parser.add_argument(
        "--corpus", metavar="DIR", help="folder of known cases (default: corpus, next to FILE)"
    )
    add_gate_budget(parser)
    add_jobs(parser)
    add_engine(parser)
    parser.add_argument("--json", metavar="FILE", help="write the result; - for standard output")
    parser.add_argument("--markdown", metavar="FILE", help="write the table as Markdown")
