"""Feature maps: shapes, reproducibility, descriptions, and derivatives, for every kind."""

from __future__ import annotations

import json
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, make_vjp
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.arrays.guarded import Guarded, Open
from checker.arithmetic.ball import Ball, working_precision
from checker.errors import InputError
from checker.landscape.networks.activations import ACTIVATIONS
from checker.landscape.networks.attention import Attention, Transformer
from checker.landscape.networks.base import NETWORKS, Network, make_network, network_from, unpack
from checker.landscape.networks.basis import Maxout
from checker.landscape.networks.convolution import Conv1d, Conv2d, image_shape
from checker.landscape.networks.mlp import MLP
from checker.landscape.networks.normalised import EPSILON, BatchNorm, LayerNorm
from checker.landscape.networks.recurrent import LSTM, Recurrent
from checker.landscape.networks.residual import ResidualMLP

DIMS = [(1, 1), (3, 2), (2, 5)]
KINKED = {
    *("maxpool", "mlp_relu", "mlp_step", "mlp_leaky_relu", "mlp_selu", "mlp_hard_tanh"),
    *("resnet_mlp", "conv2d_maxpool", "batch_norm"),
}
EPS = np.finfo(float).eps


def _variants(d: int, m: int) -> list[Network]:
    """Hyperparameters that ``make_network`` never chooses."""
    return [
        Conv1d(d, m, filters=2, kernel=4, padding="zero"),
        MLP(d, m, activation="relu", hidden=()),
        Maxout(d, m, pieces=1),
        Conv2d(d, m, "silu", "max", filters=6, kernel_rows=1, kernel_columns=2),
        BatchNorm(d, m, "softplus", hidden=(2, 3)),
        LayerNorm(d, m, "relu", hidden=()),
        Transformer(d, m, width=1, heads=3, blocks=1),
    ]


# One shape by day, all of them by night.
CASES = [
    pytest.param(
        network, id=f"{name}-{d}-{m}", marks=[] if (d, m) == (3, 2) else pytest.mark.nightly
    )
    for d, m in DIMS
    for name, network in [
        *((kind, make_network(kind, d, m)) for kind in NETWORKS),
        *((f"{extra.kind}_variant", extra) for extra in _variants(d, m)),
    ]
]
every_network = pytest.mark.parametrize("network", CASES)


def _point(
    network: Network, rows: int = 32, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta, X, and positive feature weights R."""
    rng = np.random.default_rng(seed)
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
    """Equal to the last bit: the sums of a row are the same whatever the other rows hold."""
    theta, X, _ = _point(network)
    F = network.features(theta, X)
    for index in (0, 13, 31):
        others = np.random.default_rng(index).standard_normal(X.shape)
        others[index] = X[index]
        assert np.array_equal(network.features(theta, others)[index], F[index])


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


@pytest.mark.parametrize("network", [case for case in CASES if case.values[0].differentiable])
def test_gradient_in_x_has_quadratic_taylor_remainder(network: Network) -> None:
    theta, X, R = _point(network)

    def phi(X: np.ndarray) -> Any:
        # A sine, since features that are linear in x would leave no remainder.
        return anp.sum(R * anp.sin(network.features(theta, X)))

    V = np.random.default_rng(2).standard_normal(X.shape)
    slope = float(np.sum(grad(phi)(X) * V))
    steps = 2.0 ** -np.arange(6, 13)
    remainder = [abs(phi(X + t * V) - phi(X) - t * slope) for t in steps]
    if network.kind == "constant":
        assert remainder == [0.0] * len(steps)
        return
    assert round(np.polyfit(np.log(steps), np.log(remainder), 1)[0]) == 2


@every_network
def test_differentiable_is_declared_as_it_is(network: Network) -> None:
    """Largest third difference along a line: O(h^3) if smooth, O(h^2) if only f' is continuous,
    O(h) at kinks, O(1) at jumps."""
    theta, X, R = _point(network)
    # Short enough for the steepest parts of a normalisation to look smooth on the finer grid.
    v = network.initial(np.random.default_rng(2), scale=0.25)

    def largest(h: float) -> float:
        lines = [network.features(theta + t * v, X) for t in np.arange(-0.5, 0.5, h)]
        # Features within [-1, 1], and a sine so that kinds linear in theta curve too.
        values = np.sum(R * np.sin(lines / np.max(np.abs(lines))), axis=(1, 2))
        return float(np.max(np.abs(np.diff(values, 3))))

    # Where a kink lies between grid points changes its third difference by up to a factor of 2;
    # refining by 2^4 keeps that error of the rate below 1/4.
    rate = np.log2(largest(2.0**-6) / largest(2.0**-10)) / 4.0
    assert network.differentiable == (rate > 1.5)


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
    # A unit of relu may be 0 at all inputs, hence several theta.
    idle = set(range(network.size))
    for seed in range(1, 9):
        theta, X, _ = _point(network, 64, seed)
        F = network.features(theta, X)
        for index in list(idle):
            moved = theta.copy()
            moved[index] += 8.0
            idle -= {index} if not np.array_equal(F, network.features(moved, X)) else set()
    assert not idle


@pytest.mark.parametrize("kind", ["attention", "multihead_attention", "transformer"])
def test_attention_survives_huge_logits(kind: str) -> None:
    network = make_network(kind, 3, 2)
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
        {"kind": "resnet_mlp", "d": 1, "m": 1, "activation": "relu"}
        | {"blocks": 2, "width": 1, "inner": 1}
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
    network = Attention(2, 1, width=1, heads=1)
    # Tokens are x; query = key = value = identity, read-out 1.
    x = np.array([[0.0, 1.0]])
    F = network.features(np.array([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), x)
    expected = (0.5 + np.e / (1.0 + np.e)) / 2.0
    # A handful of roundings of numbers below e.
    assert abs(F[0, 0] - expected) < 8 * EPS


def test_attention_divides_by_the_root_of_the_width() -> None:
    """Tokens, queries, keys and values are (x, 0, 0, 0), so that logits are x_i x_j / 2."""
    first = np.diag([1.0, 0.0, 0.0, 0.0]).ravel()
    theta = np.concatenate([[1.0, 0.0, 0.0, 0.0], np.zeros(8), first, first, first, np.ones(4)])
    F = Attention(2, 1, width=4, heads=1).features(theta, np.array([[0.0, 2.0]]))
    expected = (1.0 + 2.0 * np.exp(2.0) / (1.0 + np.exp(2.0))) / 2.0
    assert abs(F[0, 0] - expected) < 8 * EPS


def test_transformer_block_token_by_token() -> None:
    network = make_network("transformer", 3, 2)
    theta, X, _ = _point(network, 1)
    embedding, positions, *squares, read_out = unpack(theta, network.layout)

    def normal(t: np.ndarray) -> np.ndarray:
        return (t - t.mean()) / np.sqrt(t.var() + EPSILON)

    tokens = [x * embedding + p for x, p in zip(X[0], positions, strict=True)]
    for Q, K, V, outward, A, B in (squares[:6], squares[6:]):
        seen, added = [normal(t) for t in tokens], []
        for t in seen:
            heads = []
            for part in (slice(0, 2), slice(2, 4)):
                odds = [np.exp((Q @ t)[part] @ (K @ s)[part] / np.sqrt(2)) for s in seen]
                parts = (w * (V @ s)[part] for w, s in zip(odds, seen, strict=True))
                heads.append(sum(parts) / sum(odds))
            added.append(outward @ np.concatenate(heads))
        tokens = [t + a for t, a in zip(tokens, added, strict=True)]
        tokens = [t + B @ ACTIVATIONS["gelu"].value(A @ normal(t)) for t in tokens]
    expected = read_out @ np.mean(tokens, axis=0)
    # Some hundred roundings, enlarged where a normalisation divides by a small deviation.
    assert np.abs(network.features(theta, X)[0] - expected).max() < 1e4 * EPS


def test_heads_are_attentions_side_by_side() -> None:
    """Two heads whose matrices are block diagonal are two single heads, added by the read-out."""
    rng = np.random.default_rng(3)
    singles = [Attention(3, 2, width=2, heads=1) for _ in range(2)]
    thetas = [network.initial(rng) for network in singles]
    parts = zip(*(unpack(theta, singles[0].layout) for theta in thetas), strict=True)
    embedding, positions, *squares, read_out = parts
    joined = [
        np.concatenate(embedding),
        np.concatenate(positions, axis=1),
        *(np.block([[one, np.zeros((2, 2))], [np.zeros((2, 2)), two]]) for one, two in squares),
        np.concatenate(read_out, axis=1),
    ]
    X = rng.standard_normal((4, 3))
    theta = np.concatenate([part.ravel() for part in joined])
    together = Attention(3, 2, width=2, heads=2).features(theta, X)
    apart = [net.features(theta, X) for net, theta in zip(singles, thetas, strict=True)]
    # A few dozen roundings of numbers of order 1.
    assert np.abs(together - apart[0] - apart[1]).max() < 100 * EPS


def test_radial_basis_by_hand() -> None:
    network = make_network("rbf", 2, 1)
    # Centre (1, -1), sharpness 1/2, distance² 1 + 4.
    F = network.features(np.array([1.0, -1.0, 0.5]), np.array([[2.0, 1.0]]))
    assert F == [[np.exp(-1.25)]]


@pytest.mark.parametrize(("d", "shape"), [(1, (1, 1)), (3, (1, 3)), (5, (2, 3)), (30, (5, 6))])
def test_images_hold_all_entries(d: int, shape: tuple[int, int]) -> None:
    assert image_shape(d) == shape


def test_convolution_of_an_image_by_hand() -> None:
    """Five pixels and one that is 0; the filter reads the pixel above and the pixel itself."""
    x = np.array([[1.0, 5.0, -2.0, 4.0, 3.0]])
    # [1 5 -2; 4 3 0] becomes [1 5 -2; 14 53 -20] with ten times the pixel above.
    theta = np.array([10.0, 1.0, 0.0, 1.0, 100.0])
    cells = {"average": ([1, 5, 14, 53], [-2, -2, -20, -20]), "max": ([53], [-2])}
    for pooling, (left, right) in cells.items():
        network = Conv2d(5, 1, "leaky_relu", pooling, 1, kernel_rows=2, kernel_columns=1)
        means = [np.mean([v if v > 0 else 0.01 * v for v in cell]) for cell in (left, right)]
        F = network.features(theta, x)
        assert abs(F[0, 0] - means[0] - 100 * means[1]) < 16 * EPS * 100


def test_recurrence_by_hand() -> None:
    # h_1 = tanh(2 - 1), h_2 = tanh(3 h_1 + 1 - 1), read-out 5.
    F = Recurrent(2, 1, width=1).features(np.array([3.0, 2.0, -1.0, 5.0]), np.array([[1.0, 0.5]]))
    assert abs(F[0, 0] - 5 * np.tanh(3 * np.tanh(1.0))) < 16 * EPS


def test_recurrence_of_two_units() -> None:
    """The second unit hears the first, not the other way round."""
    theta = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    F = Recurrent(2, 1, width=2).features(theta, np.array([[2.0, 7.0]]))
    assert abs(F[0, 0] - np.tanh(np.tanh(2.0))) < 8 * EPS


def test_lstm_by_hand() -> None:
    """Gates keep, write, new, show; the recurrence reaches the cell only, biases open or shut."""
    theta = np.concatenate(
        [[0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 50.0, 0.0, 50.0], [1.0]]
    )
    F = LSTM(2, 1, width=1).features(theta, np.array([[1.0, 3.0]]))
    first = np.tanh(1.0)
    expected = np.tanh(first / 2 + np.tanh(2 * np.tanh(first) + 3.0))
    assert abs(F[0, 0] - expected) < 16 * EPS


@pytest.mark.parametrize("kind", [LayerNorm, BatchNorm])
def test_normalised_layers_by_hand(kind: type[LayerNorm] | type[BatchNorm]) -> None:
    """W = diag(1, 3), γ = (1, 2), β = (0, 1), relu; then the sum of both units."""
    theta = np.array([1.0, 0.0, 0.0, 3.0, 1.0, 2.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    z = np.array([2.0, 6.0])
    if kind is LayerNorm:
        normal = (z - 4) / np.sqrt(4 + EPSILON)
    else:  # the reference batch ±√2 e_i has variances 1 and 9 after W
        normal = z / np.sqrt(np.array([1, 9]) + EPSILON)
    expected = np.maximum(normal * [1, 2] + [0, 1], 0).sum()
    F = kind(2, 1, "relu", (2,)).features(theta, np.array([[2.0, 2.0]]))
    assert abs(F[0, 0] - expected) < 32 * EPS


def test_a_normalised_layer_ignores_the_scale_of_its_weights() -> None:
    for kind in (LayerNorm, BatchNorm):
        network = kind(3, 2, "tanh", (4,))
        theta, X, _ = _point(network)
        scaled = theta.copy()
        scaled[:12] *= 1e6
        doubled = scaled.copy()
        doubled[:12] *= 2
        # ε is what is left of the scale: below 1e-15 of variances around 1e12.
        apart = np.abs(network.features(scaled, X) - network.features(doubled, X)).max()
        assert (
            apart < 1e-12 < np.abs(network.features(theta, X) - network.features(scaled, X)).max()
        )


def test_deep_residual_networks_keep_their_scale() -> None:
    network = make_network("resnet_mlp_20", 4, 3)
    assert isinstance(network, ResidualMLP)
    assert network.blocks == 20
    F = np.array([np.abs(network.features(*_point(network, seed=s)[:2])).mean() for s in range(40)])
    assert 0.1 < np.median(F) < 10


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


# -- balls and Taylor series ----------------------------------------------------------------------


def _enclosed(network: Network, theta: Any, X: np.ndarray) -> np.ndarray:
    features = network.features_of(Guarded.array(theta), Guarded.array(type(theta).constant(X)))
    return Guarded.bare(features)


@every_network
def test_balls_enclose_floats(network: Network) -> None:
    """40 bits: what balls lose in a step is more than what floats lose in it."""
    theta, X, _ = _point(network, 3)
    F = network.features(theta, X)
    with working_precision(40):
        balls = _enclosed(network, Ball.constant(theta), X)
    for index, value in np.ndenumerate(F):
        assert balls[index].contains(float(value)), index
        assert float(balls[index].rad()) < 1e-4 * (1 + np.abs(F).max())


@every_network
def test_gradient_over_balls_agrees_with_taylor_series(network: Network) -> None:
    """Two enclosures of d/dt Σ R f(theta + t v): backwards by autograd, forwards by series."""
    theta, X, R = _point(network, 2)
    v = np.random.default_rng(2).integers(-4, 5, network.size).astype(float)
    with working_precision(256):
        boxed = Guarded.array(Ball.constant(theta))
        inputs = Guarded.array(Ball.constant(X))
        pull, _ = make_vjp(lambda t: network.features_of(t, inputs))(boxed)
        gradient = Guarded.bare(pull(Guarded.array(Ball.constant(R))))
        backwards = sum((g * step for g, step in zip(gradient, v, strict=True)), arb(0))
        line = _enclosed(network, Taylor.line(theta, v), X)
        forwards = sum(arb(r) * line[index][1] for index, r in np.ndenumerate(R))
        assert backwards.overlaps(forwards)
        assert float((backwards - forwards).rad()) < 1e-50 * (1 + abs(float(backwards.mid())))
        if network.differentiable:
            reference = network.pullback(theta, X, R)
            apart = max(abs(float(g.mid()) - x) for g, x in zip(gradient, reference, strict=True))
            assert apart <= 1e5 * EPS * (1 + np.abs(reference).max())


@pytest.mark.parametrize("kind", [k for k in NETWORKS if not k.endswith(("elu", "hard_tanh"))])
def test_smooth_networks_run_on_balls_at_zero(kind: str) -> None:
    """Pre-activations that are exactly 0 are no reason to give up, unless there is a kink."""
    network = make_network(kind, 2, 1)
    theta, X = np.zeros(network.size), np.zeros((1, 2))
    with working_precision(64):
        if network.differentiable:
            ball = _enclosed(network, Ball.constant(theta), X)[0, 0]
            assert arb(ball).contains(float(network.features(theta, X)[0, 0]))
        else:
            with pytest.raises(Open):
                _enclosed(network, Ball.constant(theta), X)


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


@every_network
def test_forward_gives_the_features_and_the_pullback_to_the_last_bit(network: Network) -> None:
    theta, X, R = _point(network)
    features, pull = network.forward(theta, X)
    assert np.array_equal(features, network.features(theta, X))
    assert np.array_equal(pull(R), network.pullback(theta, X, R))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backpropagation_through_several_layers(activation: str) -> None:
    network = MLP(3, 2, activation, (4, 3))
    theta, X, R = _point(network)
    reference = grad(lambda t: anp.sum(R * network.features(t, X)))(theta)
    assert np.abs(network.pullback(theta, X, R) - reference).max() <= 1e5 * EPS
    assert activation == "step" or np.count_nonzero(reference) > network.size // 2
