"""Which theorem in Coq proves which claim.

A table stands beside the proofs, not in the claims: a false neighbour is made of a claim with one
thing changed, and would take the claim's proof along.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from checker.claims.files import module_of
from checker.claims.registry import loaded_modules
from checker.errors import InputError
from checker.proofs.bridge import Bridge

# Under this name Coq finds the proofs beside a Python file of one's own.
OWN = "own"


@dataclass(frozen=True, eq=False)
class Proof:
    """A theorem in Coq that proves a claim.

    Attributes
    ----------
    claim
        Its id.
    theorem
        `package.folder.File.theorem`: the file is folder/File.v in the package. Of proofs beside a
        file of one's own the package is called `own`.
    bridge
        How the claim's formula follows from the theorem, computed from the formula itself; None
        where only a reader can compare both.
    note
        What a reader has to know to compare both.
    folder
        Where `own` is: `Path(__file__).parent`.
    """

    claim: str
    theorem: str
    bridge: Bridge | None = None
    note: str = ""
    folder: Path | None = None

    @property
    def module(self) -> str:
        """The file of the theorem, as Coq calls it."""
        return self.theorem.rpartition(".")[0]

    @property
    def package(self) -> str:
        """The package that the proof belongs to."""
        return self.theorem.partition(".")[0]

    @property
    def root(self) -> Path:
        """The folder of that package."""
        if self.folder is not None:
            return self.folder
        spec = importlib.util.find_spec(self.package) if self.package != OWN else None
        if spec is None or not spec.submodule_search_locations:
            raise InputError(
                f"the proof of {self.claim} is in {self.package}, which is not a package",
                hint="For proofs beside your file: Proof(..., folder=Path(__file__).parent)",
            )
        return Path(next(iter(spec.submodule_search_locations)))

    def source(self, module: str) -> Path:
        """The file of a module of the package."""
        return self.root.joinpath(*module.split(".")[1:]).with_suffix(".v")


def installed_proofs() -> dict[str, Proof]:
    """Claim id -> proof, of the installed packages."""
    return {proof.claim: proof for module in loaded_modules() for proof in _proofs_in(module)}


def proofs_of(file: str) -> dict[str, Proof]:
    """Claim id -> proof, of a file that `load_file` has run: others prove nothing of it."""
    module = module_of(file)
    return {} if module is None else {proof.claim: proof for proof in _proofs_in(module)}


def proofs_for(ids: Sequence[str], files: Sequence[str]) -> dict[str, Proof]:
    """Claim id -> proof, of what a command line names: installed ones only where it names some, or
    nothing, since loading them takes seconds."""
    found = installed_proofs() if ids or not files else {}
    for file in files:
        found |= proofs_of(file)
    return found


def _proofs_in(module: ModuleType) -> list[Proof]:
    """Those in a variable, or in a tuple or list of them."""
    values = [v for name, v in vars(module).items() if not name.startswith("__")]
    listed = [x for v in values for x in (v if isinstance(v, tuple | list) else (v,))]
    return [x for x in listed if isinstance(x, Proof)]
