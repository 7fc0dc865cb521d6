"""False neighbours of the theorems: each must be refuted, or the search has no teeth.

Every mutant says what was changed and why the result is false. They are controls: a run in which
one survives does not count as evidence for the theorem next to it. They are written down by what
was changed, a module each, and gathered here.
"""

from __future__ import annotations

from checker.claim import Claim
from properties import (
    mutants_assumptions,
    mutants_constants,
    mutants_curvature,
    mutants_gradient,
    mutants_network,
)

MODULES = (
    mutants_gradient,
    mutants_curvature,
    mutants_network,
    mutants_assumptions,
    mutants_constants,
)

# The registry takes claims from a module's names.
globals().update(
    {name: c for module in MODULES for name, c in vars(module).items() if isinstance(c, Claim)}
)
