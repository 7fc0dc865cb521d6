"""Other formulas near a user's, by its source: a term dropped, a number or a norm exchanged.

Of `norm(u + v) <= norm(u) + norm(v)`: without the term norm(u), norm(v, inf) for norm(v), ...
"""

from __future__ import annotations

import ast
import copy
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

# A number of the formula becomes larger and smaller by this share: 1 %, as is said of it.
SHARE = Fraction(1, 100)

# The other norms of a call: by its second argument, that of vectors without one.
_NORMS: dict[Any, tuple[Any, ...]] = {
    None: (1, math.inf),
    1: (2,),
    2: (1,),
    "fro": (2,),
    "nuc": ("fro",),
    math.inf: (1,),
}


def rewritten(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """What was changed, and the function with that change.

    None where the source is not at hand, or depends on variables of a function around it.
    """
    definition = _definition(function)
    if definition is None:
        return
    for what, tree in _changes(definition):
        yield what, _compiled(tree, function)


def _definition(function: Callable[..., Any]) -> ast.FunctionDef | None:
    if getattr(function, "__closure__", None) or not inspect.isfunction(function):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    found = tree.body[0]
    if not isinstance(found, ast.FunctionDef):
        return None
    # What surrounds the formula has been evaluated, and stays as it is.
    found.decorator_list, found.returns = [], None
    for argument in (*found.args.posonlyargs, *found.args.args, *found.args.kwonlyargs):
        argument.annotation = None
    found.args.defaults = []
    found.args.kw_defaults = [None for _ in found.args.kwonlyargs]
    return found


def _compiled(definition: ast.FunctionDef, function: Any) -> Callable[..., Any]:
    module = ast.fix_missing_locations(ast.Module([definition], []))
    made: dict[str, Any] = {}
    exec(compile(module, f"<a change of {function.__name__}>", "exec"), function.__globals__, made)
    return made[definition.name]  # type: ignore[no-any-return]


# -- changes ----------------------------------------------------------------------------------


def _changes(definition: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every change of one place, each in a copy of the whole."""
    for place, node in enumerate(ast.walk(definition)):
        for what, new in _of(node):
            yield what, _replaced(definition, place, new)


def _replaced(definition: ast.FunctionDef, place: int, new: ast.expr) -> ast.FunctionDef:
    whole = copy.deepcopy(definition)
    old = list(ast.walk(whole))[place]
    for parent in ast.walk(whole):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(x is old for x in value):
                setattr(parent, field, [new if x is old else x for x in value])
    return whole


def _of(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _without_terms(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _other_numbers(node)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "norm":
        yield from _other_norms(node)


def _without_terms(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    """A comparison without one summand of a side that has several."""
    for side in (0, 1):
        terms = _terms((node.left, node.comparators[0])[side])
        for k, (sign, term) in enumerate(terms) if len(terms) > 1 else ():
            rest = _sum([t for i, t in enumerate(terms) if i != k])
            left, right = (rest, node.comparators[0]) if side == 0 else (node.left, rest)
            shown = ast.unparse(term) if sign > 0 else f"-{ast.unparse(term)}"
            yield f"without the term {shown}", ast.Compare(left, node.ops, [right])


def _terms(node: ast.expr, sign: int = 1) -> list[tuple[int, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = sign if isinstance(node.op, ast.Add) else -sign
        return [*_terms(node.left, sign), *_terms(node.right, other)]
    return [(sign, node)]


def _sum(terms: list[tuple[int, ast.expr]]) -> ast.expr:
    (sign, first), *rest = terms
    total = first if sign > 0 else ast.UnaryOp(ast.USub(), first)
    for sign, term in rest:
        total = ast.BinOp(total, ast.Add() if sign > 0 else ast.Sub(), term)
    return total


def _other_numbers(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """A product with its literal factor a little larger and smaller."""
    for factor, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(factor, ast.Constant) and isinstance(factor.value, int | float):
            for word, sign in (("larger", "+"), ("smaller", "-")):
                share = f"__import__('fractions').Fraction('{SHARE}')"
                new = ast.parse(f"{factor.value!r} * (1 {sign} {share})", mode="eval").body
                shown = ast.unparse(node)
                yield f"the {factor.value} of {shown} 1 % {word}", ast.BinOp(new, node.op, other)


def _other_norms(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    if node.keywords or not 1 <= len(node.args) <= 2:
        return
    which = node.args[1] if len(node.args) == 2 else ast.Constant(None)
    if not isinstance(which, ast.Constant):
        return
    for other in _NORMS.get(which.value, ()):
        new = ast.Call(node.func, [node.args[0], ast.Constant(other)], [])
        shown = ast.unparse(node.args[0])
        named = "inf" if other == math.inf else repr(other)
        yield f"norm({shown}, {named}) for {ast.unparse(node)}", new
