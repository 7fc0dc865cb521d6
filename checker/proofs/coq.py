"""Running Coq's compiler on proofs, in a folder of its own and with a time limit.

What Coq is asked for goes to files of that folder, not to its output, so that no proof can print
what looks like an answer.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checker.errors import InputError

# The axioms on which the real numbers of Coq's standard library rest, and classical logic: as Coq
# prints them -> their places in the library.
STANDARD_AXIOMS = {
    "ClassicalDedekindReals.sig_forall_dec": "Coq.Reals",
    "ClassicalDedekindReals.sig_not_dec": "Coq.Reals",
    "FunctionalExtensionality.functional_extensionality_dep": "Coq.Logic",
    "Classical_Prop.classic": "Coq.Logic",
}

# Coq prints the shortest name that is not ambiguous: a file of one's own that is called like one of
# the library's must not lend its axioms a good name.
_GENUINE = "\n".join(
    [
        "Require Coq.Reals.Reals Coq.Logic.Classical_Prop.",
        *(f"Check (eq_refl : {a} = {place}.{a})." for a, place in STANDARD_AXIOMS.items()),
    ]
)

_CLOSED = "Closed under the global context"
_REQUIRE = re.compile(r"From\s+([\w.]+)\s+Require\s+(?:Import\s+|Export\s+)?([\w.\s]+?)\.(?:\s|$)")

# A loaded machine may take seconds to start coqc.
_VERSION_SECONDS = 60.0


class NotProved(Exception):
    """Why Coq did not accept something, in a sentence."""


@dataclass
class Coq:
    """Coq's compiler, working in one folder.

    Attributes
    ----------
    folder
        Where proofs are copied to and compiled.
    seconds
        Time limit for each call of `compiled` or `answers`, None for no limit.
    sources
        Module -> its file, and what was read of it: that is what was compiled, and so what is
        reviewed and hashed.
    """

    folder: Path
    seconds: float | None = None
    program: str = field(default_factory=lambda: _program())
    sources: dict[str, tuple[Path, bytes]] = field(default_factory=dict)
    _done: dict[str, NotProved | None] = field(default_factory=dict)
    _answered: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """As in 8.16.1; `unknown` if coqc does not say, for that loses no proof."""
        try:
            shown = self._run(["--version"], _VERSION_SECONDS)
        except NotProved:
            return "unknown"
        found = re.search(r"version\s+(\S+)", shown.stdout)
        return found.group(1) if found else "unknown"

    def compiled(self, module: str, sources: Mapping[str, Path]) -> None:
        """Compile the file of a module, and before it those of the same packages that it requires.

        `sources` maps packages to their folders. Raises NotProved.
        """
        if module not in self._done:
            self._done[module] = self._failure(module, sources)
        failure = self._done[module]
        if failure is not None:
            raise failure

    def _failure(self, module: str, sources: Mapping[str, Path]) -> NotProved | None:
        package, *below = module.split(".")
        source = sources[package].joinpath(*below).with_suffix(".v")
        try:
            content = source.read_bytes()
            text = content.decode("utf-8")
        except OSError as error:
            return NotProved(f"there is no proof {source}: {error.strerror}")
        except UnicodeDecodeError as error:
            return NotProved(f"{source} is not text in UTF-8: {error.reason}")
        self._done[module] = NotProved(f"{module} requires itself")
        try:
            for needed in required(text):
                if needed.partition(".")[0] in sources:
                    self.compiled(needed, sources)
            self.sources[module] = source, content
            self._compile(Path(package, *below).with_suffix(".v"), text)
        except NotProved as failure:
            return failure
        return None

    def answers(self, text: str, questions: Mapping[str, str]) -> dict[str, str]:
        """Compile a text, then ask commands of Coq: name -> answer. Raises NotProved.

        The same text is compiled once: with biases a claim has the formula that it has without.
        """
        asked = [f'Redirect "{name}" {command}.' for name, command in questions.items()]
        key = (text, *asked)
        if key not in self._answered:
            self._compile(Path("question.v"), "\n".join([text, _GENUINE, *asked, ""]))
            self._answered[key] = {name: self._answer(name) for name in questions}
        return self._answered[key]

    def _answer(self, name: str) -> str:
        place = self.folder / f"{name}.out"
        if not place.exists():
            raise NotProved(f"coqc did not answer what the {name.partition('_')[0]} are")
        text = place.read_text(encoding="utf-8")
        place.unlink()
        return text

    def _compile(self, place: Path, text: str) -> None:
        target = self.folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        packages = sorted(p.name for p in self.folder.iterdir() if p.is_dir())
        paths = [x for p in packages for x in ("-Q", p, p)]
        ended = self._run(["-q", "-w", "none", *paths, str(place)], self.seconds)
        if ended.returncode < 0:
            raise NotProved(f"coqc was killed by signal {-ended.returncode} on {place}")
        if ended.returncode > 0:
            raise NotProved(_sentence(ended.stderr, place))

    def _run(self, options: list[str], seconds: float | None) -> subprocess.CompletedProcess[str]:
        """Without COQPATH: a library that somebody left there must not be found."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("COQ")}
        start = time.monotonic()
        try:
            return subprocess.run(
                [self.program, *options],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            spent = time.monotonic() - start
            raise NotProved(f"coqc was stopped after {spent:.0f} s on {options[-1]}") from error
        except OSError as error:
            raise NotProved(f"coqc did not start: {error.strerror}") from error


def _program() -> str:
    found = shutil.which("coqc")
    if found is None:
        raise InputError(
            "coqc is not installed",
            why="Proofs are checked by the Coq proof assistant",
            hint="apt-get install coq libcoq-interval",
        )
    return found


def required(text: str) -> Iterator[str]:
    """The modules that a file requires by `From package.folder Require Import File ...`."""
    for prefix, names in _REQUIRE.findall(text):
        yield from (f"{prefix}.{name}" for name in names.split())


def _sentence(errors: str, place: Path) -> str:
    """Where and what, of Coq's message."""
    where = re.search(r"line (\d+)", errors)
    what = re.search(r"Error:(.*)", errors, re.DOTALL)
    lines = (what.group(1) if what else errors).split()
    text = " ".join(lines)
    shown = text if len(text) < 300 else f"{text[:300]} ..."
    return f"{place}{f', line {where.group(1)}' if where else ''}: {shown}"


def axioms_in(answer: str) -> list[str]:
    """The axioms of an answer to `Print Assumptions`. Raises NotProved for what is no axiom.

    Besides axioms Coq names what it was told not to check: then nothing is proved.
    """
    lines = answer.strip().splitlines()
    if lines == [_CLOSED]:
        return []
    if not lines or lines[0] != "Axioms:":
        raise NotProved(f"it rests on more than axioms: {' '.join(answer.split())}")
    heads = [line for line in lines[1:] if line and not line[0].isspace()]
    names = [re.match(r"([\w.']+)(?:\s*:(?!$)|$)", head) for head in heads]
    if not all(names):
        unread = next(h for h, n in zip(heads, names, strict=True) if n is None)
        raise NotProved(f"it rests on more than axioms: {unread}")
    return sorted(name.group(1) for name in names if name)
