"""Plain functions, JAX and Flax as sources of a certificate, against the libraries themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import checker
from checker.certification.functions import ResidualFunction
from checker.errors import InputError

N, D, M, K = 24, 3, 4, 2
RNG = np.random.default_rng(0)
X, U, V = (RNG.standard_normal(shape) for shape in ((N, D), (D, M), (D, M)))
W, Y = RNG.standard_normal((K, D)), np.eye(K)[RNG.integers(K, size=N)]
BATCHES = [(X[i : i + 10], Y[i : i + 10]) for i in range(0, N, 10)]


def _features(x: Any) -> Any:
    return np.tanh(x @ U)


def _network(**changes: Any) -> ResidualFunction:
    return ResidualFunction(**{"features": _features, "V": V, "output": W} | changes)


def test_a_numpy_function() -> None:
    arrays = _network(predict=lambda x: (x + _features(x) @ V.T) @ W.T).arrays(BATCHES)
    assert np.array_equal(arrays["X"], X)
    assert np.array_equal(arrays["Z"], np.concatenate([_features(x) for x, _ in BATCHES]))
    found = checker.certify(**arrays, loss="softmax")
    direct = checker.certify(X, arrays["Z"], Y, W=W, V=V, loss="softmax")
    assert found.F == direct.F


def test_one_output_and_a_stem() -> None:
    network = _network(output=W[0], stem=lambda x: 2 * x)
    arrays = network.arrays([(x, y[:, :1]) for x, y in BATCHES])
    assert set(arrays) == {"X", "Z", "y", "w", "V"}
    assert np.array_equal(arrays["X"], 2 * X)
    assert arrays["y"].shape == (N,)


def test_biases_are_features_that_are_one() -> None:
    c, e = np.array([0.5, -1.0, 2.0]), np.array([0.25, -4.0])

    def predict(x: Any) -> Any:
        return (x + _features(x) @ V.T + c) @ W.T + e

    a = _network(V_bias=c, output_bias=e, predict=predict).arrays(BATCHES)
    rows = (a["X"] + a["Z"] @ a["V"].T) @ a["W"].T + a["output_bias"]
    assert np.abs(rows - predict(X)).max() <= 2.0**-45


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("biases", [True, False])
def test_a_lower_point_is_one_of_the_network(outputs: int, biases: bool) -> None:
    """What `apply` returns has the loss that the certificate says, by the parts and by predict."""
    bias = {"V_bias": np.ones(D), "output_bias": np.full(outputs, 0.5)} if biases else {}
    network = _network(output=W[:outputs], **bias)
    labels = 2 * Y[:, :1] - 1 if outputs == 1 else Y
    loss = "logistic" if outputs == 1 else "softmax"
    found = checker.certify(**network.arrays([(X, labels)]), loss=loss)
    lower = network.apply(found.escape)
    assert np.shape(lower.output) == (outputs, D)
    p = (X + _features(X) @ lower.V.T + (lower.V_bias if biases else 0.0)) @ lower.output.T
    p = p + (lower.output_bias if biases else 0.0)
    if outputs == 1:
        value = np.logaddexp(0, -labels * p).mean()
    else:
        value = (np.logaddexp(*p.T) - (Y * p).sum(1)).mean()
    assert abs(value - found.escape.F_after.value) <= 1e-12
    again = checker.certify(**lower.arrays([(X, labels)]), loss=loss)
    assert abs(again.F.value - value) <= 1e-12
    assert again.F.upper < found.F.lower


def test_classes_become_rows() -> None:
    classes = Y.argmax(1)
    arrays = _network().arrays([(X, classes)])
    assert np.array_equal(arrays["y"], Y)
    with pytest.raises(InputError, match="is the class 6"):
        _network().arrays([(X, classes + 5 * (classes > 0))])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"V": V.T}, "pass kernel.T"),
        ({"output": W.T}, "pass kernel.T"),
        ({"features": lambda x: _features(x)[0]}, "jax.vmap"),
        ({"features": lambda x: RNG.random((len(x), M))}, "differ between two calls"),
        ({"predict": lambda x: x @ W.T}, "does not return W"),
        ({"predict": lambda x: np.full((len(x), K), np.nan)}, "does not return W"),
        ({"predict": lambda x: (x + _features(x) @ V.T) @ W.T * (1 + 2.0**-40)}, "not return W"),
        ({"predict": lambda x: np.zeros((len(x), 3))}, "does not return W"),
        ({"V_bias": np.ones(2)}, "V_bias has shape (2,)"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        _network(**changes).arrays(BATCHES)
    assert message in str(raised.value)


def test_no_batches() -> None:
    with pytest.raises(InputError, match="no batches"):
        _network().arrays([])


def _jax() -> Any:
    return pytest.importorskip("jax", reason="needs the extra jax")


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_jax(kind: str) -> None:
    """Arrays of JAX through DLPack, jitted and mapped; bfloat16 is widened without a change."""
    jax = _jax()
    jnp = jax.numpy
    x, u, v, w = (jnp.asarray(a, dtype=kind) for a in (X, U, V, W))
    f = jax.jit(lambda x: jnp.tanh(x @ u))
    network = ResidualFunction(f, v, w, predict=lambda x: (x + f(x) @ v.T) @ w.T)
    arrays = network.arrays([(x, Y)])
    for name, given in {"X": x, "Z": f(x), "V": v, "W": w}.items():
        assert np.array_equal(arrays[name], np.asarray(given, dtype=np.float64)), name
        assert arrays[name].dtype == np.float64
    assert checker.certify(**arrays, loss="softmax").F.guarantee == "float-bound"


def test_jax_arrays_go_into_certify_directly() -> None:
    jnp = _jax().numpy
    given = {"X": X, "Z": _features(X), "y": Y, "W": W, "V": V}
    narrow = {name: jnp.asarray(a, dtype="float32") for name, a in given.items()}
    same = {name: np.asarray(a).astype(np.float64) for name, a in narrow.items()}
    first, second = (checker.certify(**a, loss="softmax") for a in (narrow, same))
    assert first.F == second.F


def test_the_gradient_is_that_of_jax() -> None:
    """‖∇F_θ‖ in double precision, from JAX's own differentiation."""
    jax = _jax()
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        jnp = jax.numpy
        z = jnp.asarray(_features(X))

        def F(parameters: Any) -> Any:
            w, v = parameters
            p = (jnp.asarray(X) + z @ v.T) @ w.T
            return (jax.nn.logsumexp(p, axis=1) - (jnp.asarray(Y) * p).sum(1)).mean()

        slopes = jax.grad(F)((jnp.asarray(W), jnp.asarray(V)))
        expected = float(jnp.sqrt(sum((s**2).sum() for s in slopes)))
        found = checker.certify(X, z, Y, W=W, V=V, loss="softmax")
    finally:
        jax.config.update("jax_enable_x64", before)
    # JAX's own rounding: sums of fewer than 100 terms of size below 10.
    assert abs(found.gradient.value - expected) <= 1000 * 2.0**-52


def test_flax() -> None:
    """Kernels of Flax are transposed, and its dropout is refused in training mode."""
    jax = _jax()
    nn = pytest.importorskip("flax.linen", reason="needs flax")

    class Unit(nn.Module):  # type: ignore[misc,name-defined]
        @nn.compact
        def __call__(self, x: Any, train: bool = False) -> Any:
            return nn.Dropout(0.5, deterministic=not train)(nn.tanh(nn.Dense(M)(x)))

    class Whole(nn.Module):  # type: ignore[misc,name-defined]
        @nn.compact
        def __call__(self, x: Any) -> Any:
            h = x + nn.Dense(D, name="last")(Unit(name="unit")(x))
            return nn.Dense(K, name="head")(h)

    x = jax.numpy.asarray(X, dtype="float32")
    model, unit = Whole(), Unit()
    parameters = model.init(jax.random.PRNGKey(0), x)["params"]
    inner = {"params": parameters["unit"]}

    def network(features: Any) -> ResidualFunction:
        return ResidualFunction(
            features,
            V=parameters["last"]["kernel"].T,
            output=parameters["head"]["kernel"].T,
            V_bias=parameters["last"]["bias"],
            output_bias=parameters["head"]["bias"],
            predict=lambda x: model.apply({"params": parameters}, x),
        )

    arrays = network(lambda x: unit.apply(inner, x)).arrays([(x, Y)])
    predicted = (arrays["X"] + arrays["Z"] @ arrays["V"].T) @ arrays["W"].T + arrays["output_bias"]
    assert np.abs(predicted - np.asarray(model.apply({"params": parameters}, x))).max() <= 2.0**-18
    keys = iter(jax.random.split(jax.random.PRNGKey(1)))

    def noisy(x: Any) -> Any:
        return unit.apply(inner, x, train=True, rngs={"dropout": next(keys)})

    with pytest.raises(InputError, match="deterministic=True"):
        network(noisy).arrays([(x, Y)])
