"""Baldi and Hornik, Kawaguchi, Yun, Du, Laurent: their formulas against losses on samples."""

from __future__ import annotations

import numpy as np

from catalogue.drawn import drawn, floats, gradient, hessian
from properties.baldi1989 import theorems as baldi
from properties.du2018 import theorems as du
from properties.kawaguchi2016 import theorems as kawaguchi
from properties.laurent2018 import theorems as laurent
from properties.yun2018 import theorems as yun


def test_baldi_critical_points_by_the_eigenvectors_of_sigma() -> None:
    """Σ from its definition, for a random X; its projections are critical in A and B."""
    at = drawn(baldi.CRITICAL, 5, k=3)
    Y, A, H = floats(at.Y), floats(at.A), floats(at.H)
    X = np.random.default_rng(0).standard_normal((3, 3))
    sigma = (Y @ X.T) @ np.linalg.inv(X @ X.T) @ (X @ Y.T)
    values, vectors = np.linalg.eigh(sigma)
    assert np.allclose(values, np.sort(floats(at.s) ** 2))
    projection = A @ np.linalg.pinv(A)
    assert np.allclose(projection @ sigma, sigma @ projection)
    B = H @ np.linalg.inv(X)
    slopes = (gradient(lambda a: ((Y - a @ B @ X) ** 2).sum(), A),)
    slopes += (gradient(lambda b: ((Y - A @ b @ X) ** 2).sum(), B),)
    assert all(np.abs(g).max() < 1e-6 for g in slopes)
    kept = [v for v, u in zip(values, vectors.T, strict=True) if np.linalg.norm(A.T @ u) > 1e-9]
    assert np.isclose(((Y - A @ H) ** 2).sum(), (Y**2).sum() - sum(kept))


def test_baldi_losses_in_the_bases_of_the_labels() -> None:
    at = drawn(baldi.LOW_RANK, 2, k=3, p=2)
    Y = floats(at.U) @ np.diag(np.cumsum(floats(at.steps))) @ floats(at.Q).T
    assert np.isclose(floats(at.loss), ((Y - floats(at.A) @ floats(at.H)) ** 2).sum())


def test_baldi_best_output_layer_between_critical_points() -> None:
    """At A = c (u_1 + ε u_2) least squares finds the value of the closed form."""
    at = drawn(baldi.TURNED, 1, k=2)
    U, Q, s, eps = (floats(x) for x in (at.U, at.Q, at.s, at.eps))
    Y, A = U @ np.diag(s) @ Q.T, (U[:, 0] + eps * U[:, 1])[:, None]
    best = np.linalg.lstsq(A, Y, rcond=None)[0]
    assert np.isclose(floats(at.loss(at.eps)), ((Y - A @ best) ** 2).sum())


def test_kawaguchi_gradients_and_the_origin() -> None:
    at = drawn(kawaguchi.NETS, 4, L=3, d=2, n=2)
    W, X, Y = floats(at.W), floats(at.X), floats(at.Y)
    found = gradient(lambda w: ((w[2] @ w[1] @ w[0] @ X - Y) ** 2).sum() / 2, W)
    assert np.allclose(found, [floats(g) for g in at.slopes], atol=1e-5)

    def two(z: np.ndarray) -> float:
        first, second = z[:4].reshape(2, 2), z[4:].reshape(2, 2)
        return float(((second @ first @ X - Y) ** 2).sum() / 2)

    least = np.linalg.eigvalsh(hessian(two, np.zeros(8)))[0]
    assert np.isclose(least, -np.linalg.norm(Y @ X.T, 2), atol=1e-5)

    def three(z: np.ndarray) -> float:
        w = z.reshape(3, 2, 2)
        return float(((w[2] @ w[1] @ w[0] @ X - Y) ** 2).sum() / 2)

    assert np.abs(hessian(three, np.zeros(12), 1e-3)).max() < 1e-2


def test_yun_gradients_and_the_least_loss() -> None:
    """With labels of its own noise: the excess is over the least-squares fit."""
    at = drawn(yun.LINEAR, 6, h=3, d=2, k=2, n=3)
    W1, W2, Phi, X = (floats(x) for x in (at.W1, at.W2, at.Phi, at.X))
    noise = np.random.default_rng(1).standard_normal((2, 3))
    Y = Phi @ X + noise - noise @ np.linalg.pinv(X) @ X

    def loss(W1: np.ndarray, W2: np.ndarray) -> float:
        return float(((W2 @ W1 @ X - Y) ** 2).sum() / 2)

    least = ((Y - Y @ np.linalg.pinv(X) @ X) ** 2).sum() / 2
    assert np.isclose(loss(W1, W2) - least, floats(at.excess))
    first, last = (gradient(lambda w: loss(w, W2), W1), gradient(lambda w: loss(W1, w), W2))
    assert np.isclose((first**2).sum(), floats(at.first), rtol=1e-4)
    assert np.isclose((last**2).sum(), floats(at.last), rtol=1e-4)
    singular = [np.linalg.svd(W, compute_uv=False)[1] ** 2 for W in (W2, W1)]
    assert np.allclose(singular, [floats(p) for p in at.passes])


def test_du_gradients_and_a_step() -> None:
    at = drawn(du.LAYERS, 2, h=2, d=3, k=2)
    W1, W2, G, eta = (floats(x) for x in (at.W1, at.W2, at.G, at.eta))
    slopes = (gradient(lambda w: (G * (W2 @ w)).sum(), W1),)
    slopes += (gradient(lambda w: (G * (w @ W1)).sum(), W2),)
    assert all(np.allclose(a, floats(b), atol=1e-6) for a, b in zip(slopes, at.slopes, strict=True))
    new1, new2 = W1 - eta * W2.T @ G, W2 - eta * G @ W1.T
    change = (new1 @ new1.T - new2.T @ new2) - (W1 @ W1.T - W2.T @ W2)
    assert np.allclose(change, eta**2 * floats(at.defect))


def test_du_gradients_of_relu_neurons() -> None:
    at = drawn(du.RELU, 2, n=3, d=2, h=2)
    X, W, a, e = (floats(x) for x in (at.X, at.W, at.a, at.e))
    in_W = gradient(lambda w: e @ (np.maximum(X @ w.T, 0) @ a), W)
    in_a = gradient(lambda v: e @ (np.maximum(X @ W.T, 0) @ v), a)
    rows, second = at.slopes
    assert np.allclose(in_W, [floats(r) for r in rows], atol=1e-6)
    assert np.allclose(in_a, floats(second), atol=1e-6)


def test_laurent_loss_and_slope() -> None:
    at = drawn(laurent.NETS, 3, h=2, d=2, k=2, n=3)
    X, Y, c = floats(at.X), floats(at.Y), floats(at.c)
    W = floats(at.product)

    def loss(W: np.ndarray) -> float:
        r = W @ X - Y
        return float(np.log(np.cosh(r)).sum() + c * (r**2).sum() / 2)

    assert np.isclose(loss(W), floats(at.loss(at.product)))
    assert np.allclose(gradient(loss, W), floats(at.slope(at.product)), atol=1e-5)
    assert np.abs(floats(at.u) @ floats(at.flattened)).max() < 1e-12
