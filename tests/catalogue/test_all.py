"""Every paper of the catalogue: its statements stand, its false neighbours fall."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from catalogue.drawn import claims_of
from checker.claims.claim import Claim
from checker.claims.neighbours import variants
from checker.claims.verdict import Tally, Verdict
from checker.instances.draws import draw_last
from checker.landscape.data import SHIPPED
from checker.search.campaign import Task, run_task
from checker.search.guided.hunt import Budget, hunt
from checker.search.verify import Plan, verify
from strategies.catalogue import PAPERS

MODULES = {key: import_module(f"properties.{key}.theorems") for key in PAPERS}
CLAIMS = {key: claims_of(module) for key, module in MODULES.items()}
FALSE = [c for claims in CLAIMS.values() for c in claims.values() if c.must_be_refuted]


def own(key: str) -> list[Claim]:
    return [c for c in CLAIMS[key].values() if c.of is None]


@pytest.mark.nightly
@pytest.mark.parametrize("key", PAPERS)
def test_statements_stand(key: str) -> None:
    for evidence in verify(Plan(tuple(own(key)), seed=1)):
        assert evidence.verdict is Verdict.STANDS, (evidence.claim.id, evidence.reason)


@pytest.mark.parametrize("key", PAPERS)
def test_no_case_of_a_few_strata_is_in_doubt(key: str, nightly: bool) -> None:
    tallies: dict[str, Tally] = {c.id: Tally() for c in own(key)}
    for domain in {id(c.domain): c.domain for c in own(key)}.values():
        claims = [c for c in own(key) if c.domain is domain]
        names, step = list(domain.strata), 6 if nightly else 12
        for index, name in enumerate(dict.fromkeys([*names[::step], *names[-2:], *domain.told])):
            for i, tally in run_task(claims, domain, Task(name, 0, (1, index))).items():
                tallies[i].merge(tally)
    for name, tally in tallies.items():
        assert tally.fault is None, (name, tally.fault)
        assert tally.worst is None, name
        assert tally.unexpected_ties == 0, name
        assert tally.cases > 0, name
    assert sum(tally.nontrivial for tally in tallies.values()) > 0


@pytest.mark.parametrize("data", SHIPPED)
@pytest.mark.parametrize("key", ["yun2018", "laurent2018", "karimi2016"])
def test_statements_stand_over_data_and_say_something(key: str, data: str) -> None:
    claims = [c for c in own(key) if c.domain.on_data is not None]
    assert claims == own(key)
    sample = SHIPPED[data]()
    domain = claims[0].domain.on_data(sample)
    case = draw_last(domain.strata[data], 1).batch(np.random.default_rng(0), 2).case(1)
    inputs = case.A if key == "karimi2016" else case.X.T
    assert np.array_equal(inputs, sample.X[: len(inputs)])
    assert len(inputs) == (sample.d // 2 if key == "karimi2016" else sample.n)
    tallies = run_task(claims, domain, Task(data, 0, (1, 1)))
    for name, tally in tallies.items():
        assert tally.fault is None, (name, tally.fault)
        assert tally.cases > 0, name
        assert tally.worst is None, name
    assert sum(tally.nontrivial for tally in tallies.values()) > 0


@pytest.mark.parametrize("key", PAPERS)
def test_every_statement_has_three_false_variants_of_its_own_formula(key: str) -> None:
    few = {c.id: len(variants(c, CLAIMS[key].values())) for c in own(key)}
    assert min(few.values()) >= 3, few


@pytest.mark.parametrize("key", PAPERS)
def test_false_neighbours_fall(key: str) -> None:
    for claim in (c for c in FALSE if c.id.startswith(f"{key}.")):
        found = hunt(claim, (0, 1), Budget(evaluations=100_000), reduce=False).found
        assert found is not None, claim.id
        assert found.result.refutes, claim.id
