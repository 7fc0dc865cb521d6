"""What the tests of theorems share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from checker.claims.claim import Claim, Domain

STRATA = 5


@pytest.fixture(scope="session")
def in_brief(nightly: bool) -> Callable[[Claim], Claim]:
    """By day a claim on some strata, those with equality among them, and on one shipped data set.

    Every stratum and every corner is visited, whatever the budget: by night.
    """
    domains: dict[int, tuple[Domain, Domain]] = {}

    def narrowed(domain: Domain) -> Domain:
        others = [name for name in domain.strata if name not in domain.told]
        told = [name for name in domain.strata if name in domain.told]
        names = [*others[:: -(-len(others) // STRATA) or 1], *told]
        strata = {name: domain.strata[name] for name in names}
        shipped = dict(islice(domain.shipped.items(), 1))
        return replace(domain, strata=strata, corners={}, shipped=shipped)

    def brief(claim: Claim) -> Claim:
        if nightly:
            return claim
        own = claim.domain
        # Claims over one domain go on sharing theirs; the own one is kept, so that its id is.
        _, narrow = domains.setdefault(id(own), (own, narrowed(own)))
        return replace(claim, domain=narrow)

    return brief
