"""Text and formulas from data as LaTeX that says what they say, and does nothing else."""

from __future__ import annotations

import re
import unicodedata

from checker.instances.escapes import one_line

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "-": "-{}",
}
_SMALL = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
    "omega",
)
_CAPITAL = (
    *("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"),
)


def _greek(size: str, name: str) -> str:
    return unicodedata.lookup(f"GREEK {size} LETTER {name.replace('lambda', 'lamda')}")


_GREEK = {_greek("SMALL", name): rf"\{name}" for name in _SMALL}
_GREEK |= {_greek("CAPITAL", name): rf"\{name.capitalize()}" for name in _CAPITAL}
_SIGNS = {
    "≥": r"\ge", "≤": r"\le", "≠": r"\ne", "±": r"\pm", "·": r"\cdot", "×": r"\times",
    "→": r"\to", "∞": r"\infty", "∇": r"\nabla", "∂": r"\partial", "√": r"\surd", "‖": r"\|",
    "∈": r"\in", "⟨": r"\langle", "⟩": r"\rangle", "ℓ": r"\ell", "²": "{}^2", "³": "{}^3",
    "ᵀ": r"{}^\top", "⁺": "{}^+", "⁻": "{}^-", "½": r"\tfrac12", "−": "-", "≈": r"\approx",
}  # fmt: skip
_TYPES = {"–": "--", "—": "---", "…": r"\ldots{}", "“": "``", "”": "''", "’": "'", "\u00a0": "~"}


def text(value: object) -> str:
    """Running text. A character that LaTeX has no name for is told by its number."""
    return "".join(map(_character, one_line(value)))


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _GREEK or character in _SIGNS:
        return rf"\ensuremath{{{(_GREEK | _SIGNS)[character]}}}"
    if character in _TYPES:
        return _TYPES[character]
    # The letters of Western Europe are known to every LaTeX that reads UTF-8.
    known = character.isascii() or ("\u00c0" <= character <= "\u00ff")
    return character if known else rf"\texttt{{U+{ord(character):04X}}}"


def typewriter(value: object) -> str:
    """An id or a name, which may be broken after dots and underscores."""
    escaped = re.sub(r"(\\_|\.)(?=\w)", r"\1\\allowbreak{}", text(value))
    return rf"\texttt{{{escaped}}}"


def formula(latex: str) -> str:
    """A statement in mathematics, as it is where it can do nothing but draw, else as text."""
    if not latex.strip():
        return ""
    return f"${latex.strip()}$" if is_harmless(latex) else rf"\texttt{{{text(latex)}}}"


# What draws; of these a formula may be made.
_COMMANDS = frozenset([*_SMALL, *(name.capitalize() for name in _CAPITAL)])
for _line in (
    "varepsilon vartheta varphi ell partial nabla infty top perp hat bar tilde dot vec overline",
    "underline mathbb mathrm mathbf mathcal mathit text operatorname frac tfrac dfrac sqrt binom",
    "sum prod int max min sup inf lim log ln exp sin cos tanh det dim ker arg Pr langle rangle",
    "lVert rVert lvert rvert lceil rceil lfloor rfloor left right big Big bigg Bigg bigl bigr",
    "Bigl Bigr biggl biggr mid vert Vert le leq ge geq ne neq approx equiv sim ll gg in",
    "notin subset subseteq cup cap setminus forall exists neg land lor to mapsto implies iff",
    "Rightarrow rightarrow Leftarrow pm mp cdot cdots ldots dots vdots ddots times circ ast star",
    "otimes oplus odot succeq preceq succ prec quad qquad textstyle displaystyle begin end colon",
    "prime",
):
    _COMMANDS |= frozenset(_line.split())
_ENVIRONMENTS = frozenset(("matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "cases"))
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}])|([%#$~`\"]|[^\x20-\x7e])", re.DOTALL)
_DELIMITER = r"\s*([][()|./]|\\[{}|]|\\(langle|rangle|[lr]Vert|[lr]vert|[lr]ceil|[lr]floor)\b)"
_ESCAPED = frozenset(r",;:!|{}\ _")


def is_harmless(latex: str) -> bool:
    """Whether a formula is made of known commands and closed groups: it draws, and ends."""
    depth, lefts = 0, 0
    for found in _TOKEN.finditer(latex):
        command, brace, forbidden = found.groups()
        if forbidden or (command and not _is_known(command, latex[found.end() :])):
            return False
        depth += {"{": 1, "}": -1}.get(brace or "", 0)
        lefts += {"left": 1, "right": -1}.get(command or "", 0)
        if depth < 0 or lefts < 0:
            return False
    return depth == 0 and lefts == 0 and _environments_match(latex) and not _doubled(latex)


def _is_known(command: str, rest: str) -> bool:
    if command in ("begin", "end"):
        name = re.match(r"\{(\w+)\}", rest)
        return name is not None and name[1] in _ENVIRONMENTS
    if command in ("left", "right"):
        return re.match(_DELIMITER, rest) is not None
    return command in _COMMANDS if command.isalpha() else command in _ESCAPED


def _environments_match(latex: str) -> bool:
    """Whether each environment ends; & and line breaks stand inside of one."""
    opened: list[str] = []
    for found in re.finditer(r"\\(begin|end)\{(\w+)\}|\\\\|(?<!\\)&", latex):
        if found[1] == "begin":
            opened.append(found[2])
        elif found[1] == "end":
            if not opened or opened.pop() != found[2]:
                return False
        elif not opened:
            return False
    return not opened


def _doubled(latex: str) -> bool:
    """Whether an index follows an index of its kind, or nothing does."""
    return re.search(r"[_^]\s*([_^]|$|\\right|\})", latex) is not None or bool(
        re.search(r"([_^])\s*(\w|\{[^{}]*\})\s*\1", latex)
    )
