"""References for every claim, paper by paper, from the statements and plain numbers alone."""

from soundness.papers import (
    dynamics,
    example1,
    found,
    hardt_hu,
    kawaguchi,
    linear_landscapes,
    nonlinearities,
    online,
    rates,
    section4,
    shamir,
    shamir_vector,
    theorem3,
    units,
    yun,
    yun_examples,
    zou,
)
from soundness.papers.registry import REFERENCES, WITHOUT, Sides

MODULES = (
    dynamics,
    example1,
    found,
    hardt_hu,
    kawaguchi,
    linear_landscapes,
    nonlinearities,
    online,
    rates,
    section4,
    shamir,
    shamir_vector,
    theorem3,
    units,
    yun,
    yun_examples,
    zou,
)

__all__ = ["MODULES", "REFERENCES", "WITHOUT", "Sides"]
