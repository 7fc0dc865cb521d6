"""Models of PyTorch to certify, and their derivatives over all trainable parameters by autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra torch")
nn = torch.nn


class Unit(nn.Module):  # type: ignore[misc,name-defined]
    """x + last(inner(x)), or what `add` makes of x and last(inner(x))."""

    def __init__(
        self, inner: Any, last: Any, add: Callable[[Any, Any], Any] = lambda x, v: x + v
    ) -> None:
        super().__init__()
        self.inner, self.last, self.add = inner, last, add

    def forward(self, x: Any) -> Any:
        return self.add(x, self.last(self.inner(x)))


def named(**parts: Any) -> Any:
    """A chain of modules with names, in eval mode."""
    model = nn.Sequential()
    for name, part in parts.items():
        model.add_module(name, part)
    return model.eval()


def dense(d: int = 4, m: int = 5, K: int = 1, *, bias: bool = True, **unit: Any) -> Any:
    """stem, unit, head on vectors, with random weights and biases in float64."""
    inner = nn.Sequential(nn.Linear(d, m), nn.Tanh())
    model = named(
        stem=nn.Linear(d, d),
        unit=Unit(inner, nn.Linear(m, d, bias=bias), **unit),
        head=nn.Linear(d, K, bias=bias),
    )
    return model.double()


def derivatives(
    model: Any, inputs: Any, objective: Callable[[Any], Any], names: list[str] | None = None
) -> tuple[float, Any, Any]:
    """Objective, gradient and Hessian in the named parameters; all trainable ones by default."""
    everything = {k: p for k, p in model.named_parameters() if p.requires_grad}
    chosen = {k: everything[k] for k in names} if names else everything
    sizes = [p.numel() for p in chosen.values()]

    def value(theta: Any) -> Any:
        parts = theta.split(sizes)
        own = {k: v.reshape(p.shape) for (k, p), v in zip(chosen.items(), parts, strict=True)}
        return objective(torch.func.functional_call(model, own, (inputs,)))

    theta = torch.cat([p.detach().reshape(-1) for p in chosen.values()])
    jacobian = torch.autograd.functional.jacobian(value, theta)
    return value(theta).item(), jacobian, torch.autograd.functional.hessian(value, theta)
