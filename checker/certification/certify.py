"""`certify` and `certify_head`: what is given, checked, and handed to `one_output` or `vector`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, overload

import numpy as np

from checker.arithmetic.checks.environment import require_sound_arithmetic
from checker.certification.adapters.losses import translated
from checker.certification.certificate import Certificate, Findings, unproved
from checker.certification.linear import coefficients
from checker.certification.network import Network
from checker.certification.one.one_output import certify_one
from checker.certification.several.certificate import VectorCertificate
from checker.certification.several.vector import certify_vector, matrices, usable_vector_loss
from checker.certification.source import as_array, open_source, widened
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss, check_convex, require_assumption_1
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import VectorLoss
from checker.landscape.oracle_loss import check_derivatives


@overload
def certify(
    X: Any,
    Z: Any = ...,
    y: Any = ...,
    w: Any = ...,
    V: Any = ...,
    loss: Loss | VectorLoss | str | None = ...,
    weights: Any = ...,
    *,
    W: None = None,
    output_bias: Any = ...,
    ridge: float = ...,
    against: Mapping[str, Any] = ...,
    start: Any = ...,
    features_given: bool = ...,
    seed: int = ...,
    brief: bool = ...,
) -> Certificate: ...
@overload
def certify(
    X: Any,
    Z: Any = ...,
    y: Any = ...,
    w: Any = ...,
    V: Any = ...,
    loss: Loss | VectorLoss | str | None = ...,
    weights: Any = ...,
    *,
    W: object,
    output_bias: Any = ...,
    ridge: float = ...,
    against: Mapping[str, Any] = ...,
    start: Any = ...,
    features_given: bool = ...,
    seed: int = ...,
    brief: bool = ...,
) -> VectorCertificate: ...
def certify(
    X: Any,
    Z: Any = None,
    y: Any = None,
    w: Any = None,
    V: Any = None,
    loss: Loss | VectorLoss | str | None = None,
    weights: Any = None,
    *,
    W: Any = None,
    output_bias: Any = None,
    ridge: float = 0.0,
    against: Mapping[str, Any] = MappingProxyType({}),
    start: Any = None,
    features_given: bool = True,
    seed: int = 0,
    brief: bool = False,
) -> Any:
    """What Shamir (2018) proves of the network x ↦ wᵀ(x + V z) at hand, or of x ↦ W(x + V z).

    Its parameters are those that are given, and no others: w or W, V and the output bias.

    Parameters
    ----------
    X, Z, y
        Inputs of the residual unit (n, d), its features z = f_θ(x) (n, m), labels (n,): arrays of
        any library with DLPack, memory-mapped files, nested lists. Or X alone: an iterable of
        blocks (X, Z, y) or (X, Z, y, weights) that can be read several times, or a function that
        returns one.
    w, V
        Parameters of the network, (d,) and (d, m).
    loss
        A loss or its name, convex and twice differentiable; or "bce", "mse", "ce", or a loss object
        or function of PyTorch such as `nn.CrossEntropyLoss()`.
    weights
        Non-negative sample weights (n,); None for 1/n each.
    W
        In place of w, the output layer of a network with K outputs, (K, d). Then y is (n, K), or
        classes as integers (n,), and the loss is `softmax`, `radial`, a `VectorLoss`, or a loss of
        one output, which stands for its sum over the outputs.
    output_bias
        The bias of the output layer, a number or (K,). Linear predictors then have one, too: the
        last entry of w*, (d+1,), or the last column of W*, (K, d+1). A bias of V is a feature that
        is 1 and the last column of V.
    ridge
        Weight decay r >= 0: the objective is the mean loss plus r/2 times the sum of the squares of
        all parameters, biases included. The theorems are not proved for it: see `WORSE`.
    against
        Further linear predictors to compare with, by name: vectors (d,) or matrices (K, d), with an
        entry or column more for the bias, or fitted linear models of scikit-learn.
    start
        Where the search for the best linear predictor starts, such as `w_star` or `W_star` of
        an earlier certificate, (d,) or (K, d); default 0.
    features_given
        Whether Z counts as exact. The theorems hold for arbitrary features, so the numbers that a
        network returned in any precision are a legal instance: the default. With False the
        certificate is to speak of the features without rounding, of which nothing is proved here:
        every guarantee is then "unproved".
    seed
        Of the start of the Lanczos iteration.
    brief
        Whether to leave out what takes most of the time: the search for a lower point (`escape` is
        None) and that for the comparator with the strongest bound (`minimised` is w*). For
        monitors.

    Returns
    -------
    Certificate, or VectorCertificate for W
        Every number with a proved error bound.

    Raises
    ------
    InputError
        For wrong shapes, illegal labels, numbers that are not finite, no data, or a loss outside
        Assumption 1.

    Examples
    --------
    >>> import numpy as np
    >>> from checker import certify
    >>> X = np.array([[1.0], [2.0], [-1.0]])
    >>> fitted = certify(X, np.tanh(X), y=X[:, 0], w=np.ones(1), V=np.zeros((1, 1)), loss="squared")
    >>> fitted.verdict.name
    'NO_WORSE'
    """
    layer = _layer(w, W, "w or V")
    if V is None:
        raise InputError(
            "w or V is missing",
            why="The network is wᵀ(x + V f(x)): V is the last linear layer of the residual unit",
            hint="An output layer without a unit is certified by certify_head",
        )
    options = {"output_bias": output_bias, "ridge": ridge, "against": against, "start": start}
    options |= {"brief": brief}
    return _certified(
        (X, Z, y, weights), layer, V, loss, W is not None, features_given, seed, **options
    )


def certify_head(
    X: Any,
    y: Any = None,
    w: Any = None,
    loss: Loss | VectorLoss | str | None = None,
    weights: Any = None,
    *,
    W: Any = None,
    output_bias: Any = None,
    ridge: float = 0.0,
    against: Mapping[str, Any] = MappingProxyType({}),
    start: Any = None,
    features_given: bool = True,
    seed: int = 0,
    brief: bool = False,
) -> Any:
    """An output layer on given features X: is it the best one? For every model that ends in one.

    The objective is convex in w (or W), so the point is no local minimum as soon as another output
    layer is better on the same features. Nothing is said of the layers before.

    Parameters
    ----------
    X, y
        What enters the output layer, (n, d), and labels; or X alone: blocks (X, y) or
        (X, y, weights).
    w, loss, weights, W, output_bias, ridge, against, start, features_given, seed, brief
        As for `certify`.

    Returns
    -------
    Certificate, or VectorCertificate for W
        With m = 0; `best` is the best output layer that was found.

    Examples
    --------
    >>> import numpy as np
    >>> from checker import certify_head
    >>> X = np.array([[1.0], [2.0], [-1.0]])
    >>> certify_head(X, X[:, 0], w=np.zeros(1), loss="squared").verdict.name
    'NOT_A_MINIMUM'
    """
    layer, several = _layer(w, W, "w"), W is not None
    options = {"output_bias": output_bias, "ridge": ridge, "against": against, "start": start}
    options |= {"brief": brief}
    return _certified(
        (X, None, y, weights), layer, None, loss, several, features_given, seed, **options
    )


def _layer(w: Any, W: Any, names: str) -> Any:
    if w is not None and W is not None:
        raise InputError(
            "both w and W are given",
            why="The output layer is w for one output, or W for several",
            hint="Leave one of them out",
        )
    if w is None and W is None:
        raise InputError(
            f"{names} is missing",
            hint="Pass the parameters of the network: w is its output layer, W that of several "
            "outputs",
        )
    return w if W is None else W


def _certified(
    data: tuple[Any, Any, Any, Any],
    layer: Any,
    V: Any,
    loss: Any,
    several: bool,
    features_given: bool,
    seed: int,
    *,
    output_bias: Any,
    ridge: float,
    against: Mapping[str, Any],
    start: Any,
    brief: bool,
) -> Any:
    """`certify` for one output or several, with a unit or (V is None) without."""
    require_sound_arithmetic()
    if not several and isinstance(loss, VectorLoss):
        raise InputError(f"the loss {loss.name} is one of several outputs", hint="Pass W, not w")
    w, last = matrices(layer, V) if several else _parameters(layer, V)
    meant = translated(loss, len(w) if several else None)
    chosen = usable_vector_loss(meant.loss) if several else _usable(meant.loss)
    net = _network(w, last, output_bias, ridge)
    X, Z, y, weights = data
    sizes = (w.shape[-1], 0 if V is None else last.shape[1])
    bias = output_bias is not None
    outputs = len(w) if several else None
    source = open_source(X, Z, y, weights, sizes, chosen, outputs, bias=bias)
    shape = net.w.shape
    with np.errstate(all="ignore"):
        others = {name: coefficients(u, name, shape, bias=bias) for name, u in against.items()}
        given = np.zeros(shape) if start is None else start
        first = coefficients(given, "start", shape, bias=bias)
        rng = np.random.default_rng(seed)
        found: Findings = (
            certify_vector(source, net, first, others, rng, brief=brief)
            if several
            else certify_one(source, net, first, others, rng, brief=brief)
        )
    found = replace(found, said=meant.said)
    return found if features_given else unproved(found)


def _network(w: FloatArray, V: FloatArray, output_bias: Any, ridge: float) -> Network:
    """The point with a coordinate for the bias; V has no row there, or none at all."""
    if not (isinstance(ridge, int | float) and 0 <= ridge < np.inf):
        raise InputError(
            f"ridge = {ridge!r} is not a weight decay",
            hint="Pass a number >= 0, such as the weight_decay of the optimiser",
        )
    frozen = 0 if len(V) else w.shape[-1]
    if output_bias is not None:
        bias = widened(as_array(output_bias, "output_bias"), "output_bias")
        if bias.size != w.size // w.shape[-1] or not np.isfinite(bias).all():
            raise InputError(
                f"output_bias has shape {bias.shape}, or entries that are not finite",
                why="It is one finite number per output",
            )
        w = np.concatenate([w, bias.reshape(*w.shape[:-1], 1)], axis=-1)
        frozen += 1
    zero = np.zeros((frozen, V.shape[1]))
    return Network(w, np.vstack([V, zero]), frozen, float(ridge))


def _usable(loss: Loss | str | None) -> Loss:
    if loss is None:
        raise InputError("no loss is given", hint="Pass a loss, or its name such as 'squared'")
    chosen = loss_named(loss) if isinstance(loss, str) else loss
    require_assumption_1(chosen)
    check_convex(chosen)
    check_derivatives(chosen)
    return chosen


def _parameters(w: Any, V: Any) -> tuple[FloatArray, FloatArray]:
    """w, (d,), and V, (d, m), or (0, 1) if there is no unit."""
    vector = widened(as_array(w, "w"), "w")
    matrix = np.zeros((0, 1)) if V is None else widened(as_array(V, "V"), "V")
    if vector.ndim == 2 and 1 in vector.shape:
        raise InputError(f"w has shape {vector.shape}, expected (d,)", hint="Pass w.ravel()")
    fits = vector.ndim == 1 and vector.size and matrix.ndim == 2
    if V is None and not fits:
        raise InputError(f"w has shape {vector.shape}, expected (d,)")
    if V is not None and not (fits and matrix.size and len(matrix) == len(vector)):
        turned = matrix.ndim == 2 and vector.ndim == 1 and matrix.shape[1] == len(vector)
        raise InputError(
            f"w has shape {vector.shape} and V has shape {matrix.shape}",
            why="The network is wᵀ(x + V f(x)): w is (d,) and V is (d, m)",
            hint="Pass V.T"
            if turned
            else "V is the last linear layer of the residual unit: its "
            "output is added to x, on which w acts",
        )
    for name, values in (("w", vector), ("V", matrix)):
        if not np.isfinite(values).all():
            raise InputError(f"{name} has entries that are not finite", why="It is not a point")
    return vector, matrix
