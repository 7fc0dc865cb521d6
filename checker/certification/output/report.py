"""A certificate as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from checker.certification.certificate import Comparison, Enclosed, Escape, Findings, Verdict
from checker.certification.several.certificate import VectorCertificate
from checker.instances.rounding import at_least, nearest
from checker.instances.text import aligned

TITLES = {
    "F": "F(w, V, θ)",
    "F_at_zero": "F_lin(0)",
    "gradient": "‖∇F_θ‖",
    "gradient_w": "‖∂F/∂w‖",
    "gradient_V": "‖∂F/∂V‖",
    "w_norm": "‖w‖",
    "V_norm": "‖V‖",
    "least_eigenvalue": "λ_min(∇²F_θ)",
}

VECTOR_TITLES = {
    "F": "F(W, V, θ)",
    "F_at_zero": "F_lin(0)",
    "gradient": "‖∇F_θ‖",
    "gradient_W": "‖∂F/∂W‖",
    "gradient_V": "‖∂F/∂V‖",
    "W_norm": "‖W‖",
    "V_norm": "‖V‖",
    "sigma_min": "σ_min(W)",
    "least_eigenvalue": "λ_min(∇²F_θ)",
}


def titles_of(c: Findings) -> dict[str, str]:
    """The numbers of a certificate and their symbols."""
    return VECTOR_TITLES if isinstance(c, VectorCertificate) else TITLES


def certificate_lines(c: Findings, level: float = 0.0) -> list[str]:
    """What `checker certify` prints; a gap of at most `level` times F_lin(0) counts as none."""
    rows = [(title, _text(getattr(c, name))) for name, title in titles_of(c).items()]
    lines = [f"{c.verdict.name}: {c.sentence}", ""]
    sizes = f"n = {c.n:,}, d = {c.d:,}, m = {c.m:,}"
    if isinstance(c, VectorCertificate):
        sizes += f", K = {c.K:,}, rank W = {c.rank:,}"
    lines += [f"{sizes}, loss {c.loss}; {c.passes} passes", *assumed(c), ""]
    lines += aligned(rows)
    for symbol, compared in rivals(c):
        rows = _comparison_rows(compared, symbol)
        lines += ["", f"compared with {symbol}, {compared.name}:", *aligned(rows)]
    if c.escape is not None:
        lines += ["", f"lower point, along {c.escape.along}:"]
        lines += aligned([("F there", _text(c.escape.F_after))])
    return [*lines, "", *advice(c, level)]


def is_small(c: Findings, level: float) -> bool:
    """Whether F is at most `level` times F_lin(0) above F_lin(w*)."""
    return c.best.gap.upper <= level * abs(c.F_at_zero.lower)


def rivals(c: Findings) -> list[tuple[str, Comparison]]:
    """What the point is compared with, and its symbol: w* is the best one known and no other."""
    further = ([] if c.minimised is c.best else [c.minimised]) + list(c.others)
    return [(c.star, c.best), *zip(symbols(c.star), further, strict=False)]


def symbols(star: str) -> Iterator[str]:
    """u, u2, u3, ..., or in capitals."""
    letter = "U" if star == "W*" else "u"
    return (letter if i == 1 else f"{letter}{i}" for i in count(1))


def assumed(c: Findings) -> list[str]:
    """What the certificate takes for the parameters and for the objective, a sentence each."""
    said = []
    if c.alone:
        said.append("The output layer alone, on its inputs: nothing is said of the layers before.")
    if c.bias:
        said.append(f"The output has a bias, and so has {c.star}, as its last entry.")
    if c.said:
        said.append(c.said[0].upper() + c.said[1:] + ".")
    if c.ridge:
        said.append(
            f"F is the mean loss plus {c.ridge:g}/2 times the sum of squares of all parameters."
        )
    return said


def _text(x: Enclosed) -> str:
    return f"{x} [{x.guarantee}]"


def _comparison_rows(c: Comparison, star: str) -> list[tuple[str, str]]:
    rows = [(f"F_lin({star})", _text(c.F_lin)), (f"F - F_lin({star})", _text(c.gap))]
    rows += [(f"‖∇F_lin({star})‖", _text(c.gradient))]
    rows += [(f"duality gap, ‖u‖ <= {at_least(c.ball, 3)}", _text(c.duality_gap))]
    for name, bound in c.bounds.items():
        says = _bound(bound, c.gap) if isinstance(bound, Enclosed) else f"does not apply: {bound}"
        rows.append((f"{name}: gap <=", says))
    return rows


def _bound(bound: Enclosed, gap: Enclosed) -> str:
    """A bound, and how far above the gap it is, which is known anyway."""
    known = gap.lower > 0 and np.isfinite(bound.radius)
    if not known or bound.lower < 2 * gap.upper:
        return _text(bound)
    times = nearest(bound.value, 1) if not gap.value else nearest(bound.value / gap.value, 1)
    return f"{_text(bound)}: about {times} times the gap"


def advice(c: Findings, level: float = 0.0) -> list[str]:
    """What the verdict means for a training run, and what may be done, a sentence each."""
    if c.verdict in (Verdict.NOT_A_MINIMUM, Verdict.WORSE) and is_small(c, level):
        small = f"the gap is below {level:g} of F_lin(0), which is of no interest here."
        return [f"For the run: the network is as good as linear; {small}", _level_step(c)]
    meaning = {
        Verdict.NOT_A_MINIMUM: "For the run: it has not ended in a local minimum. In mid-training "
        "that is normal.",
        Verdict.WORSE: "For the run: a predictor without the unit has a lower objective; whether "
        "this is a minimum is not known.",
        Verdict.NO_WORSE: "For the run: the network is at least as good as linear. Whether it is a "
        "minimum is not said.",
        Verdict.LEVEL: "For the run: up to rounding the network is as good as linear.",
        Verdict.UNDECIDED: "For the run: nothing.",
    }
    step = {
        Verdict.NOT_A_MINIMUM: _step(c),
        Verdict.WORSE: _step(c),
        Verdict.NO_WORSE: "To do: nothing.",
        Verdict.LEVEL: _level_step(c),
        Verdict.UNDECIDED: "To do: scale the data, or lower the weights.",
    }
    return [meaning[c.verdict], step[c.verdict]]


def _level_step(c: Findings) -> str:
    way = "; the lower point is a way on" if c.escape is not None else ""
    return f"To do: nothing, or train longer for more than a linear predictor does{way}."


def _step(c: Findings) -> str:
    if c.best.F_lin.upper <= 1e-3 * c.F_at_zero.lower:
        return (
            "To do: train on. A linear predictor separates or fits these data, so its loss is "
            "near 0 and this verdict stays as long as the loss is positive."
        )
    if c.escape is not None:
        return (
            "To do: train on; if the loss stands still, load the lower point (`apply` of the "
            "adapter, points.npz) and go on from there."
        )
    return "To do: train on."


def to_json(c: Findings) -> dict[str, Any]:
    """The certificate as JSON objects; arrays are left out (see `checker certify --out`)."""
    plain = {
        name: getattr(c, name)
        for name in ("n", "d", "m", "loss", "passes", "bias", "ridge", "said")
    }
    if isinstance(c, VectorCertificate):
        plain |= {"K": c.K, "rank": c.rank}
    numbers = {name: _number(x) for name, x in vars(c).items() if isinstance(x, Enclosed)}
    return {
        "schema": 1,
        "verdict": c.verdict.name,
        "sentence": c.sentence,
        **plain,
        **numbers,
        "best": _comparison(c.best),
        "minimised": _comparison(c.minimised),
        "others": [_comparison(other) for other in c.others],
        "escape": None if c.escape is None else _escape(c.escape),
    }


def _number(x: Enclosed) -> dict[str, Any]:
    def finite(value: float) -> float | None:
        return value if np.isfinite(value) else None

    return {"value": finite(x.value), "radius": finite(x.radius), "guarantee": x.guarantee}


def _comparison(c: Comparison) -> dict[str, Any]:
    names = ("F_lin", "gap", "gradient", "duality_gap")
    bounds = {
        k: _number(b) if isinstance(b, Enclosed) else {"why_not": b} for k, b in c.bounds.items()
    }
    numbers = {name: _number(getattr(c, name)) for name in names}
    return {"name": c.name, **numbers, "ball": c.ball, "bounds": bounds}


def _escape(e: Escape) -> dict[str, Any]:
    return {"along": e.along, "F_before": _number(e.F_before), "F_after": _number(e.F_after)}
