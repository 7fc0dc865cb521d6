"""Domains of small classes of instances: every corner that their annotations tell, and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.domains import domains_of
from checker.instances.fields import Batch, FloatArray, dims_of, unchecked
from checker.landscape.data import SHIPPED
from checker.landscape.sample import Sample, require_equal_weights
from strategies.deep_residual.motivating import Numbers

# The papers whose statements are over such domains.
PAPERS = (
    "hardt2017",
    "baldi1989",
    "kawaguchi2016",
    "laurent2018",
    "du2018",
    "bartlett2018",
    "arora2019",
    "hu2020",
    "yun2018",
    "lewkowycz2020",
    "mulayoff2020",
    "dinh2017",
    "karimi2016",
    "ghadimi2013",
    "soudry2016",
    "nguyen2017",
    "fukumizu2000",
    "recht2012",
    "safran2018",
    "yun2019b",
)

# Cases of a statement in a few small matrices or numbers: every corner several times.
CASES = 1500

# Of identities, every case of which is decided in exact numbers.
IDENTITIES = 40

# Over a data set.
DATA_CASES = 8

# How many are drawn of one structure, at most.
AT_ONCE, IDENTITIES_AT_ONCE = 96, 2

Fill = Callable[[np.random.Generator, int], dict[str, Any]]


def domain_of(
    kind: type,
    told: Mapping[str, Fill] | None = None,
    without: Mapping[str, Fill] | None = None,
    cases: int = CASES,
    **others: st.SearchStrategy[Any],
) -> Domain:
    """The domain of a class, with further strata.

    Parameters
    ----------
    kind
        A dataclass whose arrays are annotated with `Dims`.
    told
        Name of a stratum in which equality is attained -> what fills the fields of its cases: a
        function of (rng, size), arrays with the cases last. Hidden from the guided search.
    without
        Name of an assumption -> what fills a further stratum where that is dropped.
    cases
        Budget of a campaign.
    others
        Strategies for fields that hold no numbers.
    """
    told, derived = dict(told or {}), _capped(Domain.of(kind, **others), AT_ONCE)
    strata = {**derived.strata, **_filled(kind, told)}
    wider = {
        name: partial(_widened, kind, derived, name, fill) for name, fill in (without or {}).items()
    }
    return replace(derived, strata=strata, cases=cases, told=frozenset(told), without=wider)


@dataclass(frozen=True, eq=False)
class Capped:
    """A structure of which only so many cases are drawn at a time."""

    structure: Any
    max_batch: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` cases."""
        drawn: Batch = self.structure.batch(rng, size)
        return drawn


def _capped(domain: Domain, most: int) -> Domain:
    strata = {name: s.map(partial(Capped, max_batch=most)) for name, s in domain.strata.items()}
    return replace(domain, strata=strata)


def identities_of(kind: type, **others: st.SearchStrategy[Any]) -> Domain:
    """The domain of a class for identities: a generic case says all, and each costs a proof."""
    derived = _capped(Domain.of(kind, **others), IDENTITIES_AT_ONCE)
    return replace(derived, cases=IDENTITIES)


@dataclass(frozen=True, eq=False)
class OverData:
    """Instances some of whose fields are a data set; the others are drawn as ever."""

    kind: type
    stratum: str
    data: Mapping[str, FloatArray]
    sizes: Mapping[str, int]

    max_batch = 4

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` cases."""
        domains, fields = domains_of(self.kind), dict[str, FloatArray]()
        for name, dims in dims_of(self.kind).items():
            domain = domains[name]
            if name in self.data:
                fields[name] = np.repeat(self.data[name][..., None], size, axis=-1)
            elif domain is not None:
                fields[name] = domain.drawn(rng, (*dims.shape(self.sizes), size))
        made: Any = unchecked(self.kind, **fields)
        return Batch(made, size, self.stratum, self.stratum)


def over_data(
    domain: Domain, kind: type, data: Callable[[Sample], Mapping[str, FloatArray]], **sizes: int
) -> Domain:
    """The domain, which a data set may take the place of: `data` makes fields of a sample, `sizes`
    are those of the dimensions that the sample leaves open."""

    def on_data(sample: Sample) -> Domain:
        require_equal_weights(sample, f"instances of {kind.__name__}")
        fields = data(sample)
        known = dict(sizes)
        for name, array in fields.items():
            known |= dict(zip(dims_of(kind)[name].names, array.shape, strict=True))
        structure = OverData(kind, sample.name, fields, known)
        return Domain(st.nothing(), {sample.name: st.just(structure)}, cases=DATA_CASES)

    return replace(domain, on_data=on_data, shipped=SHIPPED)


def nonzero(domain: Domain, *fields: str) -> Domain:
    """Without the corners in which one of these fields is 0, where the formula is not defined."""
    zero = {f"{name} = 0": f"the formula is not defined for {name} = 0" for name in fields}
    strata = {name: s for name, s in domain.strata.items() if name not in zero}
    return replace(domain, strata=strata, left_out={**domain.left_out, **zero})


def _filled(kind: type, fills: Mapping[str, Fill]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.just(Numbers(kind, name, fill)) for name, fill in fills.items()}


def _widened(kind: type, derived: Domain, name: str, fill: Fill) -> Domain:
    beyond = _filled(kind, {f"without {name.replace('_', ' ')}": fill})
    return replace(derived, strata={**derived.strata, **beyond}, cases=CASES)


def everywhere_in(domain: Domain) -> frozenset[str]:
    """The strata of a domain: for statements whose equality cases any of them may hit."""
    return frozenset(domain.strata)
