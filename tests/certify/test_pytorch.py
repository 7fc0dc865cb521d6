"""The PyTorch adapter against PyTorch itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import network
from checker.certification.certificate import UNPROVED
from checker.errors import InputError

torch = pytest.importorskip("torch", reason="needs the extra torch")
from checker.certification.pytorch import ResidualNetwork  # noqa: E402

D, HIDDEN, M, N = 4, 6, 5, 64


class Unit(torch.nn.Module):  # type: ignore[misc,name-defined]
    """A pre-activation residual unit x + V f(x)."""

    def __init__(self, bias: bool, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(D)
        self.first = torch.nn.Linear(D, M)
        self.drop = torch.nn.Dropout(dropout)
        self.last = torch.nn.Linear(M, D, bias=bias)

    def forward(self, x: Any) -> Any:
        return x + self.last(torch.tanh(self.drop(self.first(torch.relu(self.norm(x))))))


def _model(bias: bool = True, dropout: float = 0.0, dtype: Any = torch.float32) -> Any:
    torch.manual_seed(0)
    parts = {"stem": torch.nn.Linear(3, D), "unit": Unit(bias, dropout)}
    parts["head"] = torch.nn.Linear(D, 1, bias=bias)
    model = torch.nn.Sequential()
    for name, part in parts.items():
        model.add_module(name, part)
    return model.to(dtype)


def _batches(dtype: Any = torch.float32) -> list[Any]:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(N, 3, generator=generator).to(dtype)
    labels = torch.sign(torch.randn(N, generator=generator))
    return [(inputs[i : i + 16], labels[i : i + 16]) for i in range(0, N, 16)]


def _named(model: Any, **changes: Any) -> ResidualNetwork:
    names = {"unit": "unit", "last": "unit.last", "output": "head"} | changes
    return ResidualNetwork(model, **names)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_captured_arrays_predict_what_the_model_does(dtype: str, bias: bool) -> None:
    kind = getattr(torch, dtype)
    model, batches = _model(bias, dtype=kind).eval(), _batches(kind)
    arrays = _named(model).arrays(batches)
    predicted = (arrays["X"] + arrays["Z"] @ arrays["V"].T) @ arrays["w"]
    predicted = predicted + arrays.get("output_bias", 0.0)
    with torch.no_grad():
        actual = torch.cat([model(inputs)[:, 0] for inputs, _ in batches]).double().numpy()
    assert np.abs(predicted - actual).max() <= 32 * torch.finfo(kind).eps
    assert arrays["X"].shape == (N, D)
    assert arrays["Z"].shape == (N, M + bias)
    found = checker.certify(**arrays, loss="logistic")
    assert found.F.guarantee != UNPROVED


def test_objective_and_gradient_are_those_of_autograd() -> None:
    model, batches = _model(bias=False, dtype=torch.float64).eval(), _batches(torch.float64)
    found = checker.certify(**_named(model).arrays(batches), loss="logistic")
    inputs, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    loss = torch.nn.functional.softplus(-labels * model(inputs)[:, 0]).mean()
    loss.backward()
    in_w = model.head.weight.grad.norm().item()
    in_V = model.unit.last.weight.grad.norm().item()
    for enclosed, value in ((found.F, loss.item()), (found.gradient_w, in_w)):
        assert abs(enclosed.value - value) <= 1e-13
    assert abs(found.gradient_V.value - in_V) <= 1e-13


def test_least_eigenvalue_is_that_of_autograd() -> None:
    """The dense Hessian in (w, V) by PyTorch's own second derivatives."""
    model, batches = _model(bias=False, dtype=torch.float64).eval(), _batches(torch.float64)
    arrays = _named(model).arrays(batches)
    found = checker.certify(**arrays, loss="logistic").least_eigenvalue
    X, Z, y = (torch.tensor(arrays[name]) for name in ("X", "Z", "y"))

    def objective(v: Any) -> Any:
        w, V = v[:D], v[D:].reshape(D, M)
        return torch.nn.functional.softplus(-y * ((X + Z @ V.T) @ w)).mean()

    start = torch.tensor(np.concatenate([arrays["w"], arrays["V"].ravel()]))
    dense = torch.autograd.functional.hessian(objective, start)
    assert abs(torch.linalg.eigvalsh(dense)[0].item() - found.value) <= found.radius + 1e-13


def test_blocks_are_streamed() -> None:
    model, batches = _model().eval(), _batches()
    network = _named(model)
    streamed = checker.certify(
        lambda: network.blocks(batches), **network.parameters(), loss="logistic"
    )
    whole = checker.certify(**network.arrays(batches), loss="logistic")
    assert abs(streamed.F.value - whole.F.value) <= streamed.F.radius + whole.F.radius


def test_training_mode_is_refused_or_frozen() -> None:
    model, batches = _model(dropout=0.5).train(), _batches()
    with pytest.raises(InputError, match="training mode and has BatchNorm1d, Dropout"):
        _named(model).arrays(batches)
    before = model.unit.norm.running_mean.clone()
    frozen = _named(model, freeze=True).arrays(batches)
    assert model.training
    assert model.unit.drop.training
    assert torch.equal(model.unit.norm.running_mean, before)
    evaluated = _named(model.eval()).arrays(batches)
    assert all(np.array_equal(frozen[name], evaluated[name]) for name in frozen)


def test_names_that_do_not_fit_the_model() -> None:
    model, batches = _model().eval(), _batches()
    with pytest.raises(InputError, match="no module 'block'"):
        _named(model, unit="block").arrays(batches)
    with pytest.raises(InputError, match="BatchNorm1d, not a linear layer"):
        _named(model, last="unit.norm").arrays(batches)
    model.head = type("Linear", (torch.nn.Identity,), {})()
    with pytest.raises(InputError, match=r"head is a \S+\.Linear, not a linear layer"):
        _named(model).arrays(batches)
    model = _model().eval()
    with pytest.raises(InputError, match=r"Name the last linear layer of the residual unit"):
        _named(model, last="unit.first").arrays(batches)
    with pytest.raises(InputError, match=r"is not x \+ V z"):
        _named(model, unit="unit.first").arrays(batches)


def test_several_outputs_give_W() -> None:
    """The arrays predict what the model does, and ‖∇F_θ‖ is that of PyTorch."""
    model = _model(dtype=torch.float64).eval()
    model.head = torch.nn.Linear(D, 2).double().eval()
    (inputs, labels), classes = _batches(torch.float64)[0], 2
    rows = torch.nn.functional.one_hot((labels > 0).long(), classes).double()
    arrays = _named(model).arrays([(inputs, rows)])
    found = checker.certify(**arrays, loss="softmax")
    loss = torch.nn.functional.cross_entropy(model(inputs), rows)
    names = [model.head.weight, model.head.bias, model.unit.last.weight, model.unit.last.bias]
    expected = float(sum((g**2).sum() for g in torch.autograd.grad(loss, names)).sqrt())
    assert abs(found.F.value - float(loss)) <= 1000 * 2.0**-52
    assert abs(found.gradient.value - expected) <= 1000 * 2.0**-52


def test_a_network_of_another_form_is_refused() -> None:
    model, batches = _model().eval(), _batches()
    activated = torch.nn.Sequential()
    for name, part in model.named_children():
        if name == "head":
            activated.add_module("relu", torch.nn.ReLU())
        activated.add_module(name, part)
    with pytest.raises(InputError, match=r"ReLU relu acts between unit\.last and head"):
        _named(activated.eval()).arrays(batches)
    with pytest.raises(InputError, match="there are no batches"):
        _named(_model().eval()).arrays([])


def test_tensors_come_through_dlpack() -> None:
    point = network(0, (30, 3, 2))
    tensors = {name: torch.tensor(getattr(point, name)) for name in ("X", "Z", "y", "w", "V")}
    found = checker.certify(**tensors, loss="logistic")
    arrays = {name: a.numpy() for name, a in tensors.items()}
    assert found.F == checker.certify(**arrays, loss="logistic").F
    with pytest.raises(InputError, match="w cannot be read"):
        checker.certify(**(tensors | {"w": tensors["w"].requires_grad_()}), loss="logistic")
