"""Networks of which two units are copies: a subspace of θ that every descent stays in."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.landscape.networks.base import Network, unpack
from checker.landscape.networks.mlp import MLP


def copied_units(network: Network, rng: np.random.Generator) -> Any:
    """For every parameter the number of the free parameter that it equals, (size,).

    Two random units of a hidden layer compute the same, or two features where nothing is hidden; no
    two where every layer has one unit. What the next layer makes of each is free.
    """
    free = np.arange(network.size, dtype=np.float64)
    blocks = unpack(free, network.layout)
    if isinstance(network, MLP) and max(network.hidden, default=1) > 1:
        wide = [i for i, width in enumerate(network.hidden) if width > 1]
        layer = int(rng.choice(wide))
        one, other = rng.choice(network.hidden[layer], 2, replace=False)
        for block in blocks[2 * layer : 2 * layer + 2]:
            block[other] = block[one]
    elif network.m > 1:
        one, other = rng.choice(network.m, 2, replace=False)
        for block, shape in zip(blocks, network.layout, strict=True):
            if shape.shape[0] == network.m:
                block[other] = block[one]
    return np.unique(free, return_inverse=True)[1]
