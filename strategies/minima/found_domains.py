"""The domains of found points: what is searched, and what where an assumption is dropped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.landscape.data import SHIPPED
from checker.landscape.sample import Sample
from strategies.losses import losses_for
from strategies.minima.found_controls import (
    CONVEX,
    minima_at_kinks,
    minima_of,
    minima_with,
    saddles_without_skip,
)
from strategies.minima.found_data import HARD
from strategies.minima.found_points import (
    LARGE,
    MIDDLE,
    SMALL,
    FoundSaddles,
    Minima,
    SaddlesAtZero,
    Searches,
    searches,
)
from strategies.networks import FREE

# A point costs a minimisation and a proof: a campaign plans for this many.
CASES, AT_ZERO_CASES, DATA_CASES = 1000, 300, 8


def _over(sample: Sample, kind: type[Searches]) -> Domain:
    """The same over a given sample."""
    structure: st.SearchStrategy[Any] = st.builds(
        kind,
        data=st.just(sample.name),
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(1, 3),
        loss=losses_for(sample.y).filter(lambda loss: loss.kind not in ("affine", "quartic")),
        network=st.sampled_from(["linear", "mlp_relu", "mlp_tanh", "fourier"]),
        stratum=st.just(sample.name),
        sample=st.just(sample),
        max_batch=st.just(4),
    )
    return Domain(st.nothing(), {sample.name: structure}, cases=DATA_CASES, found=True)


@cache
def minima() -> Domain:
    """Minima of F_θ with w != 0, n up to 1000 and d, m up to 50."""
    strata: dict[str, dict[str, Any]] = {
        "θ gaussian": {"sizes": MIDDLE, "most": 200},
        "θ trained": {"sizes": SMALL, "most": 48, "training": 10, "max_batch": 6},
        "minimised over θ": {"sizes": SMALL, "most": 16, "training": 300, "max_batch": 2},
        "free features": {"sizes": MIDDLE, "most": 200, "network": FREE},
        "hard data": {"sizes": (*SMALL, 6, 12), "most": 200, "data": HARD},
        "n to 1000": {"sizes": LARGE, "most": 1000, "network": FREE, "max_batch": 1},
    }
    made = {name: searches(Minima, name, **settings) for name, settings in strata.items()}
    without: dict[str, Callable[[], Domain]] = {
        "convex_loss": partial(minima_of, "geman_mcclure"),
        "skip_connection": partial(minima_with, "no skip connection", CONVEX, skip=0.0),
        "no_regularisation": partial(minima_with, "ridge", CONVEX, ridge=0.5),
        "no_activation_after": partial(minima_with, "tanh after the sum", CONVEX, after="tanh"),
        "twice_differentiable_loss": minima_at_kinks,
    }
    on_data = partial(_over, kind=Minima)
    return Domain(
        st.nothing(),
        made,
        on_data=on_data,
        shipped=SHIPPED,
        cases=CASES,
        found=True,
        without=without,
    )


@cache
def saddles_at_w_zero() -> Domain:
    """Critical points with w = 0: the explicit family, and what searches for saddles end in."""
    strata = {
        "explicit family": searches(SaddlesAtZero, "explicit family", MIDDLE, 200),
        "θ trained": searches(SaddlesAtZero, "θ trained", SMALL, 48, training=10, max_batch=6),
        "hard data": searches(SaddlesAtZero, "hard data", MIDDLE, 200, data=HARD),
        "found saddle": searches(FoundSaddles, "found saddle", SMALL, 24, max_batch=6),
    }
    on_data = partial(_over, kind=SaddlesAtZero)
    without = {"skip_connection": saddles_without_skip}
    return Domain(
        st.nothing(),
        strata,
        on_data=on_data,
        shipped=SHIPPED,
        cases=AT_ZERO_CASES,
        found=True,
        without=without,
    )
