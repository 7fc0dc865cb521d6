"""Domains are retractions, corners stay in them, and formulas see the objects that they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checker.arithmetic.above.complex import Complex
from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import sq
from checker.arithmetic.lifting import VALUES, lifted
from checker.claims.claim import Domain
from checker.errors import InputError
from checker.instances.corners import Structure, strata_of
from checker.instances.domains import DOMAINS, NumberDomain, interval, number_domain, whole
from checker.instances.draws import draw_last
from checker.instances.fields import Dims, FloatArray, single
from checker.instances.legal import fault, is_legal

EVERY = [
    *DOMAINS.values(),
    *(interval(0, 1), interval(-3, 0.5), interval(2, np.inf), interval(-np.inf, -2)),
    *(whole(1, 60), whole(None, 3), whole(2, None)),
]


def _shape(domain: NumberDomain) -> tuple[int, ...]:
    last = (2,) if domain.complex else (3,)
    return (*(3,) * ((domain.axes or 1) - 1), *last, 4)


@pytest.mark.parametrize("domain", EVERY, ids=lambda d: d.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_domain_is_a_retraction(domain: NumberDomain, data: Any) -> None:
    finite = st.floats(-1e300, 1e300)
    a = data.draw(arrays(float, _shape(domain), elements=finite))
    inside = domain.into(a)
    assert domain.holds(inside).all()
    assert np.array_equal(domain.into(inside), inside)
    unchanged = (inside == a).all(axis=tuple(range(a.ndim - 1)))
    assert np.array_equal(domain.holds(a), unchanged)


@pytest.mark.parametrize("domain", EVERY, ids=lambda d: d.name)
def test_nan_and_infinity_lie_in_no_domain(domain: NumberDomain) -> None:
    a = domain.drawn(np.random.default_rng(0), _shape(domain))
    for wrong in (np.nan, np.inf, -np.inf):
        spoiled = a.copy()
        spoiled[(0,) * (a.ndim - 1)] = wrong
        assert not domain.holds(spoiled).any()


OUTSIDE = {
    "positive": [0.0, 1.0, 2.0],
    "nonnegative": [-1e-300, 1.0, 2.0],
    "integer": [0.5, 1.0, 2.0],
    "sign": [0.0, 1.0, -1.0],
    "boolean": [0.5, 1.0, 0.0],
    "unit interval": [1.0 + 2**-52, 0.0, 0.5],
    "sorted": [1.0, 1.0, 0.0],
    "simplex": [0.0, 0.0, 0.0],
    "symmetric": [[1.0, 2.0], [3.0, 1.0]],
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_is_refused(name: str) -> None:
    assert not DOMAINS[name].holds(np.array(OUTSIDE[name])[..., None]).any()


def test_names_that_mean_no_domain() -> None:
    assert number_domain("label") is None
    with pytest.raises(InputError, match="no domain 'postive'"):
        number_domain("postive")
    for low, high in ((1, 1), (2, 1), (np.inf, np.inf)):
        with pytest.raises(InputError, match="not an interval"):
            interval(low, high)
    for end in (np.nan, "1", 2**53 + 1, None):
        with pytest.raises(InputError, match=r"not a float|not the end"):
            interval(0, end)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Everything:
    """A field of every domain."""

    p: Annotated[FloatArray, Dims("k", domain="simplex")]
    Q: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]
    u: Annotated[FloatArray, Dims("k", domain="unit vector")]
    G: Annotated[FloatArray, Dims("k", "k", domain="positive semidefinite")]
    S: Annotated[FloatArray, Dims("k", "k", domain="symmetric")]
    z: Annotated[FloatArray, Dims("k", 2, domain="complex")]
    H: Annotated[FloatArray, Dims("k", "k", 2, domain="hermitian")]
    t: Annotated[FloatArray, Dims(domain="unit interval")]
    x: Annotated[FloatArray, Dims("k")]
    y: Annotated[FloatArray, Dims("k")]
    path: Annotated[FloatArray, Dims("T+1", domain="sorted")]


def _small(rng: np.random.Generator) -> Everything:
    k = int(rng.integers(1, 4))
    whole = {
        "p": rng.integers(0, 3, k), "Q": rng.integers(-1, 2, (k, k)), "u": rng.integers(-2, 3, k),
        "z": rng.integers(-2, 3, (k, 2)), "H": rng.integers(-2, 3, (k, k, 2)),
        "G": rng.integers(-2, 3, (k, k)), "x": rng.integers(-2, 3, k), "y": rng.integers(-2, 3, k),
    }  # fmt: skip
    floats = {name: a.astype(float) for name, a in whole.items()}
    for name, domain in (("p", "simplex"), ("H", "hermitian")):
        floats[name] = DOMAINS[domain].into(floats[name][..., None])[..., 0]
    upper = np.triu(rng.integers(-2, 3, (k, k))).astype(float)
    floats["S"] = upper + np.triu(upper, 1).T
    return Everything(**floats, t=np.array(0.5), path=np.sort(rng.integers(0, 5, 3)) * 1.0)


def _is_zero(x: Any) -> bool:
    return bool(x.item.known and x.item.sign == 0)


def test_formulas_see_what_the_parameters_stand_for() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        at = _small(rng)
        e: Any = lifted(at, Exact.constant)
        shares = [e.p[i] for i in range(len(at.x))]
        assert _is_zero(sum(shares[1:], shares[0]) - 1), at
        assert _is_zero(sq(e.u) - 1), at
        assert _is_zero(sq(e.Q @ e.x) - sq(e.x)), at
        assert (e.x @ (e.G @ e.x)).item.sign >= 0
        assert _is_zero((e.z.conj() @ (e.H @ e.z)).imag), at


def test_every_arithmetic_sees_the_same() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        at = _small(rng)
        ball: Any = lifted(at, Ball.constant)
        floats: Any = lifted(single(at, "").instances, Bounded)
        for name in VALUES_IN:
            for have, known in zip(
                *(_parts(getattr(x, name)) for x in (floats, ball)), strict=True
            ):
                for index in np.ndindex(have.value.shape[:-1]):
                    want = float(known[index].item.mid())
                    assert abs(have.value[index][0] - want) <= have.radius[index][0] + 2e-16


def _parts(x: Any) -> list[Any]:
    return [x.real, x.imag] if isinstance(x, Complex) else [x]


VALUES_IN = {"p": "simplex", "Q": "orthogonal", "u": "unit vector", "G": "positive semidefinite"}
VALUES_IN |= {"z": "complex", "H": "hermitian"}


def test_complex_numbers_have_two_parts() -> None:
    @dataclass(frozen=True, eq=False)
    class Wrong:
        z: Annotated[FloatArray, Dims("k", domain="complex")]

    with pytest.raises(InputError, match=r"the last axis of Wrong\.z has to be 2"):
        Domain.of(Wrong)


def test_every_domain_with_parameters_is_tested() -> None:
    assert set(VALUES_IN.values()) == set(VALUES) == {d.name for d in EVERY if not d.plain}


def test_corners_are_legal_and_what_they_are_called() -> None:
    rng = np.random.default_rng(0)
    strata = strata_of(Everything)
    for name, structures in strata.items():
        structure = draw_last(structures, 5)
        assert isinstance(structure, Structure)
        batch = structure.batch(rng, 6)
        assert (batch.size, batch.stratum) == (6, name)
        for index in range(batch.size):
            assert not fault(batch.case(index)), name
    case = draw_last(strata["x orthogonal to y"], 1).batch(rng, 8).instances  # type: ignore[union-attr]
    assert not (case.x * case.y).sum(axis=0).any()
    case = draw_last(strata["x = -y"], 1).batch(rng, 8).instances  # type: ignore[union-attr]
    assert np.array_equal(case.x, -case.y)
    case = draw_last(strata["G of rank 1"], 1).batch(rng, 1).case(0)  # type: ignore[union-attr]
    assert np.linalg.matrix_rank(case.G @ case.G.T) == 1


def test_corners_that_a_domain_rules_out_are_not_promised() -> None:
    @dataclass(frozen=True, eq=False)
    class Rates:
        a: Annotated[FloatArray, Dims("k", domain="positive")]
        b: Annotated[FloatArray, Dims("k", domain="positive")]
        n: Annotated[FloatArray, Dims("k", domain="integer")]

    names = set(strata_of(Rates))
    assert {"a = b", "a tiny", "a huge", "n = 0", "k = 1", "small whole numbers"} <= names
    assert not names & {"a = 0", "a = -b", "n tiny", "a orthogonal to b"}


def test_a_class_with_an_unknown_field_says_which() -> None:
    @dataclass(frozen=True, eq=False)
    class Fit:
        x: Annotated[FloatArray, Dims("k")]
        loss: str

    with pytest.raises(InputError, match=r"what Fit.loss may be"):
        Domain.of(Fit)
    assert "x = 0" in Domain.of(Fit, loss=st.just("squared")).strata


@dataclass(frozen=True, eq=False)
class Shares:
    """Its constructor refuses what its annotations allow."""

    x: Annotated[FloatArray, Dims("k")]

    def __post_init__(self) -> None:
        if self.x.sum() > 1:
            raise ValueError("the shares exceed 1")


def test_the_constructor_has_a_say() -> None:
    assert is_legal(Shares(np.array([0.5, 0.5])))
    far = Shares(np.array([0.5]))
    object.__setattr__(far, "x", np.array([1.5]))
    assert fault(far) == "Shares refuses it: the shares exceed 1"
    batch = draw_last(strata_of(Shares)["gaussian"], 2).batch(np.random.default_rng(0), 50)  # type: ignore[union-attr]
    assert 0 < batch.size < 50
    assert all(batch.case(i).x.sum() <= 1 for i in range(batch.size))


def test_fields_that_share_a_dimension_are_equally_long() -> None:
    @dataclass(frozen=True, eq=False)
    class Pair:
        u: Annotated[FloatArray, Dims("k")]
        v: Annotated[FloatArray, Dims("k")]

    assert "share the dimension 'k', and have 2 and 3 of it" in fault(Pair(np.ones(2), np.ones(3)))
    assert "field u of Pair has shape (1, 1)" in fault(Pair(np.ones((1, 1)), np.ones(1)))


def test_one_third_is_a_share() -> None:
    @dataclass(frozen=True, eq=False)
    class Point:
        p: Annotated[FloatArray, Dims("k", domain="simplex")]

    third: Any = lifted(Point(np.array([1.0, 2.0])), Exact.constant)
    assert _is_zero(3 * third.p[0] - 1)
