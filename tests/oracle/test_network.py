"""Feature maps: shapes, reproducibility, descriptions, and derivatives, for every kind."""

from __future__ import annotations

import json

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from checker.errors import InputError
from checker.landscape.network import NETWORKS, Network, make_network, network_from
from checker.landscape.network_zoo import MLP, Attention, Conv1d, Maxout

DIMS = [(1, 1), (3, 2), (2, 5)]
KINKED = {"maxpool", "mlp_relu", "mlp_step", "resnet_mlp"}
EPS = np.finfo(float).eps


def _variants(d: int, m: int) -> list[Network]:
    """Hyperparameters that ``make_network`` never chooses."""
    return [
        Conv1d(d, m, filters=2, kernel=4, padding="zero"),
        MLP(d, m, activation="relu", hidden=()),
        Maxout(d, m, pieces=1),
    ]


CASES = [
    pytest.param(network, id=f"{name}-{d}-{m}")
    for d, m in DIMS
    for name, network in [
        *((kind, make_network(kind, d, m)) for kind in NETWORKS),
        *((f"{extra.kind}_variant", extra) for extra in _variants(d, m)),
    ]
]
every_network = pytest.mark.parametrize("network", CASES)


def _point(network: Network, rows: int = 32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta, X, and positive feature weights R."""
    rng = np.random.default_rng(1)
    theta, X = network.initial(rng), rng.standard_normal((rows, network.d))
    return theta, X, rng.uniform(1.0, 2.0, (rows, network.m))


def _objective(network: Network, X: np.ndarray, R: np.ndarray):
    # The square keeps the second derivative away from 0 for kinds that are linear in theta.
    return lambda theta: anp.sum(R * network.features(theta, X) ** 2)


@every_network
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_shapes(network: Network, rows: int) -> None:
    theta, X, _ = _point(network, rows)
    F = network.features(theta, X)
    assert theta.shape == (network.size,)
    assert F.shape == (rows, network.m)
    assert theta.dtype == F.dtype == np.float64


@every_network
def test_same_generator_and_theta_give_same_numbers(network: Network) -> None:
    theta, X, _ = _point(network)
    again, _, _ = _point(network)
    F = network.features(theta, X)
    assert np.array_equal(theta, again)
    assert np.array_equal(F, network.features(again.copy(), X.copy()))
    assert np.all(np.isfinite(F))


@every_network
def test_scale_multiplies_initial_theta(network: Network) -> None:
    unit, enlarged = (network.initial(np.random.default_rng(3), scale) for scale in (1.0, 4.0))
    # Exact: 4 is a power of two.
    assert np.array_equal(4.0 * unit, enlarged)


def test_initial_layer_has_variance_one_over_fan_in() -> None:
    network = make_network("linear", 25, 4000)
    second_moment = np.mean(network.initial(np.random.default_rng(5)) ** 2)
    # Mean of n squares of variance 1/d: standard deviation sqrt(2/n)/d; 6 of these never happen.
    assert abs(second_moment * 25 - 1.0) < 6.0 * np.sqrt(2.0 / network.size)


@every_network
def test_description_round_trip(network: Network) -> None:
    copy = network_from(json.loads(json.dumps(network.describe())))
    theta, X, _ = _point(network)
    assert copy == network
    assert type(copy) is type(network)
    assert np.array_equal(copy.features(theta, X), network.features(theta, X))


def test_numpy_integers_are_described_as_json() -> None:
    network = MLP(np.int64(2), np.int64(1), "tanh", (np.int64(3),))
    assert network_from(json.loads(json.dumps(network.describe()))) == network


@every_network
def test_rows_do_not_see_each_other(network: Network) -> None:
    theta, X, _ = _point(network)
    together = network.features(theta, X)
    alone = np.vstack([network.features(theta, row[None, :]) for row in X])
    # BLAS may order the at most size + d additions per entry differently for other batch sizes.
    # Every layer passes errors on, enlarged by at most its norm; in attention x enters thrice.
    norms = [np.abs(part).reshape(part.shape[0], -1).sum(axis=1).max() for part in _parts(network)]
    gain = np.prod([1.0 + norm for norm in norms]) * (1.0 + np.abs(X).max()) ** 3
    bound = (network.size + network.d) * EPS * gain
    assert bound < 1e-3 * max(np.ptp(together), 1.0), "the bound would hide real differences"
    assert np.max(np.abs(together - alone)) <= bound


def _parts(network: Network) -> list[np.ndarray]:
    theta, _, _ = _point(network)
    ends = np.cumsum([block.size for block in network.layout])
    pieces = np.split(theta, ends[:-1])
    return [p.reshape(block.shape) for p, block in zip(pieces, network.layout, strict=True)]


@pytest.mark.parametrize("network", [case for case in CASES if case.values[0].differentiable])
def test_gradient_has_quadratic_taylor_remainder(network: Network) -> None:
    theta, X, R = _point(network)
    phi = _objective(network, X, R)
    v = np.random.default_rng(2).standard_normal(network.size)
    slope = float(np.dot(grad(phi)(theta), v))
    steps = 2.0 ** -np.arange(6, 13)
    remainder = [abs(phi(theta + t * v) - phi(theta) - t * slope) for t in steps]
    rate = np.polyfit(np.log(steps), np.log(remainder), 1)[0]
    # A wrong gradient leaves a remainder of first order.
    assert round(rate) == 2


@every_network
def test_differentiable_is_declared_as_it_is(network: Network) -> None:
    """Largest third difference along a line: O(h^3) if smooth, O(h) at kinks, O(1) at jumps."""
    theta, X, R = _point(network)
    v = network.initial(np.random.default_rng(2))

    def largest(h: float) -> float:
        lines = [network.features(theta + t * v, X) for t in np.arange(-0.5, 0.5, h)]
        # Features within [-1, 1], and a sine so that kinds linear in theta curve too.
        values = np.sum(R * np.sin(lines / np.max(np.abs(lines))), axis=(1, 2))
        return float(np.max(np.abs(np.diff(values, 3))))

    # Where a kink lies between grid points changes its third difference by up to a factor of 2;
    # refining by 2^4 keeps that error of the rate below 1/4.
    rate = np.log2(largest(2.0**-6) / largest(2.0**-10)) / 4.0
    assert network.differentiable == (rate > 2.0)


@pytest.mark.parametrize("kind", NETWORKS)
def test_kinds_with_kinks_are_declared(kind: str) -> None:
    assert make_network(kind, 3, 2).differentiable == (kind not in KINKED)


@every_network
def test_only_constant_ignores_x(network: Network) -> None:
    theta, X, _ = _point(network)
    F = network.features(theta, 4.0 * X)
    assert np.all(np.ptp(F, axis=0) > 0.0) == (network.kind != "constant")


@pytest.mark.parametrize(("d", "m"), [(3, 2), (2, 5)])
@pytest.mark.parametrize("kind", NETWORKS)
def test_every_parameter_matters(kind: str, d: int, m: int) -> None:
    # Not at d = 1, where softmax over one token ignores query and key.
    network = make_network(kind, d, m)
    theta, X, _ = _point(network, 256)
    F = network.features(theta, X)
    for index in range(network.size):
        values = []
        for move in (-8.0, 8.0):
            moved = theta.copy()
            moved[index] += move
            values.append(network.features(moved, X))
        assert any(not np.array_equal(F, value) for value in values), index


def test_attention_survives_huge_logits() -> None:
    network = make_network("attention", 3, 2)
    theta, X, _ = _point(network)
    with np.errstate(over="raise", invalid="raise"):
        assert np.all(np.isfinite(network.features(1e6 * theta, X)))


def test_formulas_by_hand() -> None:
    x = np.array([[1.0, -2.0]])
    parts = {
        "constant": ([3.0, 4.0, 5.0], [3.0, 4.0, 5.0]),
        "scaling": ([3.0, 4.0, 5.0], [3.0, -8.0, 5.0]),
        "linear": ([1.0, 0.0, 1.0, 1.0, 0.0, 2.0], [1.0, -1.0, -4.0]),
    }
    for kind, (theta, expected) in parts.items():
        F = make_network(kind, 2, 3).features(np.array(theta), x)
        assert np.array_equal(F, [expected]), kind
    maxout = Maxout(2, 1, pieces=2).features(np.array([1.0, 0.0, 0.0, 1.0, 0.0, 4.0]), x)
    assert maxout == [[2.0]]
    fourier = make_network("fourier", 2, 1).features(np.array([2.0, 1.0, 0.5]), x)
    assert fourier == [[np.cos(0.5)]]


def test_mlp_by_hand() -> None:
    theta = np.array([1.0, 1.0, 2.0, 0.0, 0.0, 0.5, 1.0, 10.0, 0.25])
    x = np.array([[1.0, -2.0]])
    # Hidden pre-activations (-1, 2.5); read-out (1, 10) + 0.25.
    relu = MLP(2, 1, "relu", (2,)).features(theta, x)
    step = MLP(2, 1, "step", (2,)).features(theta, x)
    assert (relu, step) == ([[25.25]], [[10.25]])


def test_residual_block_by_hand() -> None:
    network = network_from(
        {"kind": "resnet_mlp", "d": 1, "m": 1, "blocks": 2, "width": 1, "inner": 1}
    )
    # h = 2 x; then h + 3 relu(h), h + 4 relu(-h); read-out 7.
    F = network.features(np.array([2.0, 1.0, 3.0, -1.0, 4.0, 7.0]), np.array([[1.0], [-1.0]]))
    assert np.array_equal(F, [[56.0], [42.0]])


@pytest.mark.parametrize(("padding", "first"), [("circular", 4.0), ("zero", 0.0)])
def test_convolution_padding(padding: str, first: float) -> None:
    network = Conv1d(4, 1, filters=1, kernel=3, padding=padding)
    # The filter reads the left neighbour, the read-out position 0.
    theta = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    assert network.features(theta, np.array([[1.0, 2.0, 3.0, 4.0]])) == [[np.tanh(first)]]


def test_attention_by_hand() -> None:
    network = Attention(2, 1, width=1)
    # Tokens are x; query = key = value = identity, read-out 1.
    x = np.array([[0.0, 1.0]])
    F = network.features(np.array([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), x)
    expected = (0.5 + np.e / (1.0 + np.e)) / 2.0
    # A handful of roundings of numbers below e.
    assert abs(F[0, 0] - expected) < 8 * EPS


def test_names_and_classes_agree() -> None:
    for name, network in NETWORKS.items():
        built = make_network(name, 2, 2)
        assert type(built) is network is NETWORKS[built.kind]


@every_network
def test_wrong_shapes_are_refused(network: Network) -> None:
    theta, X, _ = _point(network)
    wide = network.d + 1
    with pytest.raises(InputError, match=rf"\(32, {wide}\), expected \(N, {network.d}\)"):
        network.features(theta, np.ones((32, wide)))
    with pytest.raises(InputError, match="inputs X"):
        network.features(theta, X[0])
    with pytest.raises(InputError, match=rf"{network.size + 1},\), expected \({network.size},\)"):
        network.features(np.append(theta, 0.0), X)
    with pytest.raises(InputError, match="parameters theta"):
        network.features(theta[None, :], X)


GOOD = {"kind": "mlp", "d": 2, "m": 1, "activation": "tanh", "hidden": [3]}
CONV = {"kind": "conv1d", "d": 2, "m": 1, "filters": 1, "kernel": 1, "padding": "reflect"}


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (GOOD | {"kind": "perceptron"}, "perceptron"),
        (GOOD | {"kind": ["mlp"]}, "Unknown kind"),
        ({"d": 2, "m": 1}, "Unknown kind"),
        ("mlp", "mapping"),
        ({k: v for k, v in GOOD.items() if k != "hidden"}, "lacks \\['hidden'\\]"),
        (GOOD | {"depth": 2}, "unknown \\['depth'\\]"),
        (GOOD | {"d": 0}, "d = 0"),
        (GOOD | {"d": "2"}, "d = '2'"),
        (GOOD | {"m": 1.0}, "m = 1.0"),
        (GOOD | {"m": True}, "m = True"),
        (GOOD | {"hidden": 3}, "hidden = 3"),
        (GOOD | {"hidden": [3, -1]}, "hidden"),
        (GOOD | {"hidden": "33"}, "hidden"),
        (GOOD | {"activation": "swish"}, "swish"),
        (GOOD | {"activation": ["tanh"]}, "activation"),
        (CONV, "reflect"),
    ],
)
def test_bad_descriptions_are_refused(description: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        network_from(description)


@pytest.mark.parametrize(("kind", "d", "m"), [("nope", 1, 1), ("mlp", 0, 1), ("conv1d", 1, -1)])
def test_make_network_refuses(kind: str, d: int, m: int) -> None:
    with pytest.raises(InputError):
        make_network(kind, d, m)
    with pytest.raises(InputError):
        make_network("mlp", "2", 1)


@every_network
def test_pullback_is_the_gradient_by_autograd(network: Network) -> None:
    theta, X, R = _point(network)
    reference = grad(lambda t: anp.sum(R * network.features(t, X)))(theta)
    scale = np.abs(R).sum() * (1 + np.abs(X).max()) ** 2 * (1 + np.abs(theta).max()) ** 4
    assert np.abs(network.pullback(theta, X, R) - reference).max() <= 1000 * EPS * scale


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "sin", "step"])
def test_backpropagation_through_several_layers(activation: str) -> None:
    network = MLP(3, 2, activation, (4, 3))
    theta, X, R = _point(network)
    reference = grad(lambda t: anp.sum(R * network.features(t, X)))(theta)
    assert np.abs(network.pullback(theta, X, R) - reference).max() <= 1e5 * EPS
    assert activation == "step" or np.count_nonzero(reference) > network.size // 2
