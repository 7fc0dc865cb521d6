"""Arora, Bartlett, Hu, Mulayoff, Lewkowycz, Dinh: against dense computations in floats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power

from catalogue.drawn import drawn, floats, gradient, hessian
from properties.arora2019 import theorems as arora
from properties.bartlett2018 import theorems as bartlett
from properties.dinh2017 import theorems as dinh
from properties.hu2020 import theorems as hu
from properties.lewkowycz2020 import theorems as lewkowycz
from properties.mulayoff2020 import theorems as mulayoff


def test_arora_layers_are_balanced_and_move_their_product_as_stated() -> None:
    at = drawn(arora.BALANCED, 2, d=2)
    W = [floats(w) for w in at.layers]
    assert np.allclose(W[1].T @ W[1], W[0] @ W[0].T)
    product, G = W[2] @ W[1] @ W[0], floats(at.G)
    assert np.allclose(product - floats(at.Phi), G)
    outer = [fractional_matrix_power(product @ product.T, (2 - j) / 3) for j in range(3)]
    inner = [fractional_matrix_power(product.T @ product, j / 3) for j in range(3)]
    stated = sum(o @ G @ i for o, i in zip(outer, inner, strict=True))
    slopes = gradient(lambda w: ((w[2] @ w[1] @ w[0] - floats(at.Phi)) ** 2).sum() / 2, np.array(W))
    eta = 1e-6
    moved = [w - eta * g for w, g in zip(W, slopes, strict=True)]
    assert np.allclose((product - moved[2] @ moved[1] @ moved[0]) / eta, stated, atol=1e-3)
    assert np.allclose((slopes**2).sum(axis=(1, 2)), [floats(g) for g in at.squares], atol=1e-4)


def test_bartlett_descent_on_matrices() -> None:
    at = drawn(bartlett.STARTS, 1, d=2)
    U, lam, eta = floats(at.U), floats(at.lam), floats(at.eta)
    Phi, W = U @ np.diag(lam) @ U.T, np.array([np.eye(2)] * at.depth)

    def loss(W: np.ndarray) -> float:
        product = np.eye(2)
        for layer in W:
            product = layer @ product
        return float(((product - Phi) ** 2).sum() / 2)

    assert np.isclose(loss(W), floats(at.loss(0)))
    W = W - eta * gradient(loss, W)
    assert np.allclose(W, floats(at.layers(1)[0]), atol=1e-6)
    assert np.isclose(loss(W), floats(at.loss(1)), rtol=1e-5)


def test_hu_products_and_gradients() -> None:
    at = drawn(hu.NEAR, 3, d=2, n=2)
    layers = [floats(o + m) for o, m in zip(at.start, at.moves, strict=True)]
    assert np.allclose(layers[2] @ layers[1] @ layers[0], floats(at.product))
    assert all(np.allclose(floats(o) @ floats(o).T, np.eye(2)) for o in at.start)
    norms = [np.linalg.norm(floats(m), 2) for m in at.moves]
    assert np.isclose(max(norms), floats(at.rho))


@pytest.mark.parametrize("L", [2, 3])
def test_mulayoff_sharpness_is_that_of_the_dense_hessian(L: int) -> None:
    at = drawn(mulayoff.SCALARS, 4, L=L)
    a, w = floats(at.a), floats(at.w)
    H = hessian(lambda z: (np.prod(z) - w) ** 2 / 2, a)
    assert np.isclose(np.linalg.eigvalsh(H)[-1], floats(at.sharpness), rtol=1e-4)


def test_mulayoff_curvature_of_matrices_is_below_the_sharpness() -> None:
    at = drawn(mulayoff.MINIMA, 4, L=2, d=2)
    W, u, v = floats(at.W), floats(at.u), floats(at.v)
    M = W[1] @ W[0]

    def loss(z: np.ndarray) -> float:
        w = z.reshape(2, 2, 2)
        return float(((w[1] @ w[0] - M) ** 2).sum() / 2)

    H = hessian(loss, W.reshape(-1))
    pulled = gradient(
        lambda z: u @ z.reshape(2, 2, 2)[1] @ z.reshape(2, 2, 2)[0] @ v, W.reshape(-1)
    )
    assert np.isclose(floats(at.curvature), (pulled**2).sum(), rtol=1e-5)
    assert np.linalg.eigvalsh(H)[-1] >= floats(at.curvature) - 1e-5
    assert np.isclose(floats(at.size), u @ M @ v)


def test_lewkowycz_step_is_gradient_descent() -> None:
    at = drawn(lewkowycz.MODELS, 2, n=3)
    u, v, eta = floats(at.u), floats(at.v), floats(at.eta)

    def loss(z: np.ndarray) -> float:
        return float((z[:3] @ z[3:]) ** 2 / 6)

    z = np.concatenate([u, v])
    z = z - eta * gradient(loss, z)
    assert np.allclose(z, np.concatenate([floats(at.next.u), floats(at.next.v)]), atol=1e-6)
    kernel = (u @ u + v @ v) / 3
    assert np.isclose(kernel, floats(at.curvature))


def test_dinh_derivatives_are_those_of_the_network() -> None:
    at = drawn(dinh.NETS, 2, n=2, d=2, h=2)
    X, W, a, e = (floats(x) for x in (at.X, at.W, at.a, at.e))

    def output(z: np.ndarray) -> np.ndarray:
        return np.maximum(X @ z[:4].reshape(2, 2).T, 0) @ z[4:]

    z = np.concatenate([W.reshape(-1), a])
    rows = np.array([gradient(lambda z, i=i: output(z)[i], z) for i in range(2)])
    kernels = rows[:, :4] @ rows[:, :4].T, rows[:, 4:] @ rows[:, 4:].T
    assert all(np.allclose(k, floats(own)) for k, own in zip(kernels, at.kernels, strict=True))
    in_W, in_a = (floats(g) for g in at.slopes)
    assert np.allclose(e @ rows, np.concatenate([in_W.reshape(-1), in_a]), atol=1e-5)
    assert np.allclose(output(z), floats(at.image.output))
