"""The documentation as a static site, from README.md, docs/, the docstrings and the claims.

    pip install ".[docs]" && python ci/site/build.py SITE

A link that leads nowhere, or a name without a docstring, is an error. Nothing is fetched: the pages
work from a folder, without a network.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import checker.threads  # noqa: E402  # before NumPy
from checker import _HOMES  # noqa: E402
from checker.claims.claim import Claim  # noqa: E402
from checker.claims.registry import load_claims  # noqa: E402
from checker.proofs.table import installed_proofs  # noqa: E402
from checker.report.html.rendering import statement  # noqa: E402
from checker.report.terminal.description import described  # noqa: E402

assert checker.threads

# Characters in a line of a page's code.
_WIDTH = 84

# Module -> its public names, as the reference has them.
REFERENCE = {
    **_HOMES,
    "checker.testing": "assert_claim claim_tests",
    "checker.certification.functions": "ResidualFunction",
    "checker.certification.monitor": "Monitor",
    "checker.landscape.deep_linear.conditions": "conditions require_conditions",
    "checker.landscape.losses.base": "Loss",
    "checker.landscape.networks.base": "Network",
}

PAGES = {
    "Start": ("index", "tutorial", "kinds", "howto", "gallery", "faq", "glossary"),
    "Use": ("functions", "certify", "census", "ci", "files", "proofs"),
    "Trust": ("rigor", "tolerances", "audit", "variants", "falsification", "performance"),
    "Papers": ("papers", "errata", "shamir2018", "zou2020"),
    "Project": ("changelog", "contributing", "security"),
}


def main() -> int:
    """Write the site into a folder; the exit status is that of mkdocs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("site", help="a folder that is replaced")
    site = Path(parser.parse_args().site).resolve()
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "docs"
        write_pages(pages)
        config = Path(folder) / "mkdocs.yml"
        config.write_text(configuration(pages), encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", site]
        return subprocess.run(command, check=False).returncode


def write_pages(folder: Path) -> None:
    """All pages in Markdown."""
    shutil.copytree(ROOT / "docs", folder)
    (folder / "index.md").write_text(
        (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "]("), encoding="utf-8"
    )
    for page in folder.glob("*.md"):
        page.write_text(_inside(page.read_text(encoding="utf-8")), encoding="utf-8")
    examples = _examples((ROOT / "docs" / "functions.md").read_text(encoding="utf-8"))
    for home, names in REFERENCE.items():
        lines = [f"# {home}", ""]
        for name in names.split():
            known = getattr(import_module(home), name)
            is_record = known.__doc__ == type(known).__doc__
            shown = examples.get(name, ("", ""))
            lines.append("\n\n".join([f"::: {home}.{name}", *(shown if is_record else shown[1:])]))
        _write(folder / "reference" / f"{home}.md", "\n\n".join(lines))
    papers: dict[str, list[Claim]] = {}
    for claim in load_claims().values():
        papers.setdefault(claim.id.partition(".")[0], []).append(claim)
    proofs = installed_proofs()
    for paper, claims in papers.items():
        lines = [f"# {paper}"]
        for claim in (c for c in claims if c.of is None):
            neighbours = [c for c in claims if c.of == claim.id]
            text = _wrapped(described(claim, neighbours, proofs.get(claim.id)))
            lines += [f"## {claim.id}", str(statement(claim.statement)), "```text", *text, "```"]
        _write(folder / "claims" / f"{paper}.md", "\n".join(_spaced(lines)))


def _examples(page: str) -> dict[str, tuple[str, str]]:
    """Function of a formula -> what the table of the page says, and its examples as a session.

    Those that are records, not Python functions, have no docstring of their own.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for name, what, example, gives in _ROW.findall(page):
        found.setdefault(name, (what, []))[1].append(f">>> print({example})\n{gives}")
    return {
        name: (f"{what[0].upper()}{what[1:]}.", "\n".join(["```pycon", *lines, "```"]))
        for name, (what, lines) in found.items()
    }


_ROW = re.compile(r"^\| `(\w+)` \| (.+) \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        kept = textwrap.wrap(
            line, _WIDTH, subsequent_indent=indent, drop_whitespace=False, break_long_words=False
        )
        yield from (part.rstrip() for part in kept or [""])


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith(("#", "<", "```text")):
            yield ""
        yield line
        if line.startswith(("#", "<")):
            yield ""


def _inside(text: str) -> str:
    """Links to the sources as their names: the site has no sources."""
    text = text.replace("](../README.md)", "](index.md)")
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def configuration(folder: Path) -> str:
    """mkdocs.yml: what is on the site, in which order."""
    lines = ["nav:"]
    for title, names in PAGES.items():
        lines += [f"  - {title}:", *(f"      - {name}.md" for name in names)]
    for title in ("claims", "reference"):
        names = sorted(p.name for p in (folder / title).glob("*.md"))
        lines += [f"  - {title.title()}:", *(f"      - {title}/{name}" for name in names)]
    head = Path(__file__).with_name("mkdocs.yml").read_text(encoding="utf-8")
    return head.replace("ROOT", str(ROOT)).replace("PAGES", str(folder)) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
