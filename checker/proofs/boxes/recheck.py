"""Check a certificate that a formula is not negative on a box. Usage: recheck.py CERTIFICATE.json

A program of its own, which imports nothing of the checker: the standard library, and python-flint
for exp, log and their like. A certificate has the formula as a list of operations and, for each
slack that has to be >= 0 (or > 0) on the box, a tree of halves. Each part of the tree is checked by
what its letter says (see `holds`). Intervals are pairs of floats; sums, products and quotients are
rounded to the next float outwards. Exit status: 0 proved, 1 not, 2 no certificate.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx

INF = math.inf

# An interval, a function's value with two derivatives, and a value, its gradient and its Hessian.
Pair = tuple[float, float]
Rules = tuple[Pair, Pair, Pair]
Jet = tuple[Pair, dict[int, Pair], dict[tuple[int, int], Pair]]
ctx.prec = 80


# -- intervals ------------------------------------------------------------------------------------


def down(x: float) -> float:
    return math.nextafter(x, -INF)


def up(x: float) -> float:
    return math.nextafter(x, INF)


def sum_down(x: float, y: float) -> float:
    """A float below x + y; the sum itself where it is a float (Knuth's error of a sum)."""
    s = x + y
    t = s - x
    return s if (x - (s - t)) + (y - t) >= 0 else down(s)


def add(x: Pair, y: Pair) -> Pair:
    return sum_down(x[0], y[0]), -sum_down(-x[1], -y[1])


def neg(x: Pair) -> Pair:
    return -x[1], -x[0]


def mul(x: Pair, y: Pair) -> Pair:
    if not (is_finite(x) and is_finite(y)):
        return -INF, INF
    low, high = INF, -INF
    for a in x:
        for b in y:
            p = a * b if a and b else 0.0
            rounded = (a and b and not (one_bit(a) or one_bit(b))) or 0 < abs(p) < 1e-290
            low, high = min(low, down(p) if rounded else p), max(high, up(p) if rounded else p)
    return low, high


def one_bit(x: float) -> bool:
    """Whether x is a power of two: products with it are exact unless they are tiny."""
    return abs(math.frexp(x)[0]) == 0.5


def is_finite(x: Pair) -> bool:
    return -INF < x[0] <= x[1] < INF


def inverse(x: Pair) -> Pair:
    if x[0] <= 0 <= x[1]:
        return -INF, INF
    low, high = 1 / x[1], 1 / x[0]
    return low if one_bit(x[1]) else down(low), high if one_bit(x[0]) else up(high)


def absolute(x: Pair) -> Pair:
    a, b = sorted((abs(x[0]), abs(x[1])))
    return (0.0 if x[0] <= 0 <= x[1] else a), b


def power(x: Pair, n: int) -> Pair:
    a, b = x if n % 2 else absolute(x)
    low, high = (a, a), (b, b)
    for _ in range(n - 1):
        low, high = mul(low, (a, a)), mul(high, (b, b))
    return low[0], high[1]


def exact(value: Fraction) -> Pair:
    """The interval of a rational number."""
    near = float(value)
    return (near, near) if Fraction(near) == value else (down(near), up(near))


def ends(ball: Any) -> Pair:
    """An interval around a ball."""
    if not ball.is_finite():
        return -INF, INF
    low, high = float(ball.lower()), float(ball.upper())
    # float() may round either way; an exact ball of a float is that float.
    known = ball.is_exact() and arb(low) == ball
    return (low, low) if known else (down(low), up(high))


def rising(function: Callable[[Any], Any]) -> Callable[[Pair], Pair]:
    """A rising function of intervals, computed by Arb at both ends."""

    def of(x: Pair) -> Pair:
        low = ends(function(arb(x[0])))[0] if abs(x[0]) < INF else -INF
        return low, ends(function(arb(x[1])))[1] if abs(x[1]) < INF else INF

    return of


def root(x: Pair) -> Pair:
    if x[0] < 0:
        return -INF, INF
    return rising(lambda b: b.sqrt())(x)


def logarithm(x: Pair) -> Pair:
    return (-INF, INF) if x[0] <= 0 else rising(lambda b: b.log())(x)


def at_least(function: Callable[[Any], Any], least: float) -> Callable[[Pair], Pair]:
    """With a bound that the function never passes."""

    def of(x: Pair) -> Pair:
        low, high = rising(function)(x)
        return max(low, least), max(high, least)

    return of


exponential = at_least(lambda b: b.exp(), 0.0)
logistic = at_least(lambda b: 1 / (1 + (-b).exp()), 0.0)
softplus = at_least(lambda b: (1 + b.exp()).log(), 0.0)
hyperbolic = rising(lambda b: b.tanh())


def log_cosh(x: Pair) -> Pair:
    return at_least(lambda b: b.cosh().log(), 0.0)(absolute(x))


# -- functions with their first two derivatives ---------------------------------------------------

ONE, TWO = (1.0, 1.0), (2.0, 2.0)


def rules_of_inverse(x: Pair) -> Rules:
    one = inverse(x)
    return one, neg(power(one, 2)), mul(TWO, power(one, 3))


def rules_of_power(x: Pair, n: int) -> Rules:
    first = mul((float(n),) * 2, power(x, n - 1) if n > 1 else ONE)
    rest = power(x, n - 2) if n > 2 else ONE
    return power(x, n), first, mul((float(n * (n - 1)),) * 2, rest)


def rules_of_root(x: Pair) -> Rules:
    value = root(x)
    half = inverse(add(value, value))
    return value, half, neg(mul(half, inverse(add(x, x))))


def rules_of_log(x: Pair) -> Rules:
    one = inverse(x)
    return logarithm(x), one, neg(power(one, 2))


def rules_of_tanh(x: Pair) -> Rules:
    t = hyperbolic(x)
    slope = add(ONE, neg(power(t, 2)))
    return t, slope, neg(mul(add(t, t), slope))


def rules_of_sigmoid(x: Pair) -> Rules:
    s, rest = logistic(x), logistic(neg(x))
    slope = mul(s, rest)
    return s, slope, mul(slope, add(rest, neg(s)))


def rules_of_abs(x: Pair) -> Rules:
    slope = (1.0 if x[0] >= 0 else -1.0, -1.0 if x[1] <= 0 else 1.0)
    bent = slope[0] < slope[1]
    return absolute(x), slope, (-INF, INF) if bent else (0.0, 0.0)


RULES: dict[str, Callable[[Pair], Rules]] = {
    "neg": lambda x: (neg(x), (-1.0, -1.0), (0.0, 0.0)),
    "abs": rules_of_abs,
    "sqrt": rules_of_root,
    "exp": lambda x: (exponential(x),) * 3,
    "log": rules_of_log,
    "tanh": rules_of_tanh,
    "sigmoid": rules_of_sigmoid,
    "softplus": lambda x: (softplus(x), *rules_of_sigmoid(x)[:2]),
    "log_cosh": lambda x: (log_cosh(x), *rules_of_tanh(x)[:2]),
}


# -- a program on a box: value, gradient, Hessian of every step -----------------------------------


def jets(steps: list[Any], box: Sequence[Pair], order: int) -> list[Jet]:
    """[(value, {i: derivative}, {(i, j): second derivative, i <= j})], absent ones being 0.

    Derivatives of a higher order are left out.
    """
    known: list[Jet] = []
    for op, *args in steps:
        if op == "const":
            known.append((exact(Fraction(args[0])), {}, {}))
        elif op == "var":
            known.append((box[args[0]], {args[0]: ONE} if order else {}, {}))
        elif op == "add":
            x, y = (known[k] for k in args)
            known.append((add(x[0], y[0]), both(x[1], y[1]), both(x[2], y[2])))
        elif op == "mul":
            known.append(product(known[args[0]], known[args[1]], order))
        elif op == "div":
            below = known[args[1]]
            inverted = composed(below, rules_of_inverse(below[0]), order)
            known.append(product(known[args[0]], inverted, order))
        elif op == "max":
            known.append(largest(known[args[0]], known[args[1]]))
        elif op == "pow":
            base = known[args[0]]
            known.append(composed(base, rules_of_power(base[0], args[1]), order))
        else:
            known.append(composed(known[args[0]], RULES[op](known[args[0]][0]), order))
    return known


def both(x: dict[Any, Pair], y: dict[Any, Pair]) -> dict[Any, Pair]:
    return {**x, **{k: add(x[k], v) if k in x else v for k, v in y.items()}}


def scaled(parts: dict[Any, Pair], factor: Pair) -> dict[Any, Pair]:
    return {k: mul(v, factor) for k, v in parts.items()}


def product(x: Jet, y: Jet, order: int) -> Jet:
    first = both(scaled(x[1], y[0]), scaled(y[1], x[0]))
    second = both(scaled(x[2], y[0]), scaled(y[2], x[0]))
    for i, a in x[1].items() if order > 1 else ():
        for j, b in y[1].items():
            term = mul(a, b)
            second = both(second, {(min(i, j), max(i, j)): add(term, term) if i == j else term})
    return mul(x[0], y[0]), first, second


def composed(x: Jet, rules: Rules, order: int) -> Jet:
    second = scaled(x[2], rules[1])
    for i in x[1] if order > 1 else ():
        for j in x[1]:
            if i <= j:
                second = both(second, {(i, j): mul(mul(x[1][i], x[1][j]), rules[2])})
    return rules[0], scaled(x[1], rules[1]), second


def largest(x: Jet, y: Jet) -> Jet:
    value = max(x[0][0], y[0][0]), max(x[0][1], y[0][1])
    if x[0][0] >= y[0][1]:
        return value, x[1], x[2]
    if y[0][0] >= x[0][1]:
        return value, y[1], y[2]
    zero, places = (0.0, 0.0), {*x[1], *y[1]}
    pairs = {k: (x[1].get(k, zero), y[1].get(k, zero)) for k in places}
    first = {k: (min(a[0], b[0]), max(a[1], b[1])) for k, (a, b) in pairs.items()}
    return value, first, {(i, j): (-INF, INF) for i in places for j in places if i <= j}


# -- at a point: fractions as far as these go -----------------------------------------------------

EXACT: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: (x + y, (1, 1)),
    "mul": lambda x, y: (x * y, (y, x)),
    "div": lambda x, y: (x / y, (1 / y, -x / y**2)) if y else None,
    "max": lambda x, y: (max(x, y), (int(x > y), int(x < y)) if x != y else None),
    "neg": lambda x: (-x, (-1,)),
    "abs": lambda x: (abs(x), (1 if x > 0 else -1,) if x else None),
    "sqrt": lambda x: None if (r := root_of(x)) is None else (r, (1 / (2 * r),) if r else None),
    "exp": lambda x: (Fraction(1), (1,)) if x == 0 else None,
    "log": lambda x: (Fraction(0), (1,)) if x == 1 else None,
    "tanh": lambda x: (Fraction(0), (1,)) if x == 0 else None,
    "sigmoid": lambda x: (Fraction(1, 2), (Fraction(1, 4),)) if x == 0 else None,
    "log_cosh": lambda x: (Fraction(0), (0,)) if x == 0 else None,
    "softplus": lambda x: None,
}


def root_of(x: Fraction) -> Fraction | None:
    """The root of the square of a fraction, or None."""
    if x < 0:
        return None
    r = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    return r if r * r == x else None


def fractions_at(steps: list[Any], point: Sequence[Fraction]) -> list[Any]:
    """(value, gradient) of every step as fractions; None for what is none of them."""
    known: list[Any] = []
    for op, *args in steps:
        if op == "const":
            known.append((Fraction(args[0]), {}))
        elif op == "var":
            known.append((point[args[0]], {args[0]: Fraction(1)}))
        else:
            operands = [known[k] for k in (args[:1] if op == "pow" else args)]
            known.append(None if None in operands else fraction_of(op, args, operands))
    return known


def fraction_of(op: str, args: list[Any], operands: list[Any]) -> Any:
    values = [value for value, _ in operands]
    if op == "pow":
        made = values[0] ** args[1], (args[1] * values[0] ** (args[1] - 1),)
    else:
        made = EXACT[op](*values)
    if made is None:
        return None
    value, factors = made
    if factors is None or any(slope is None for _, slope in operands):
        return value, None
    gradient: dict[int, Fraction] = {}
    for factor, (_, slope) in zip(factors, operands, strict=True):
        for k, d in slope.items():
            gradient[k] = gradient.get(k, Fraction(0)) + factor * d
    return value, gradient


# -- parts of a certificate -----------------------------------------------------------------------


def enough(low: float | Fraction, strict: bool) -> bool:
    return low > 0 if strict else low >= 0


def holds(part: Any, steps: list[Any], relation: dict[str, Any], box: list[Pair]) -> bool:
    """Whether what a part of the tree says is true of its box."""
    slack, strict = relation["slack"], relation["strict"]
    letter = part if isinstance(part, str) else part[0]
    found = jets(steps, box, 0 if letter in ("o", "v") else 1)
    value, slope, _ = found[slack]
    if letter == "o":  # a premise fails on all of the box
        tops = [(found[place][0][1], firm) for place, firm in relation["premises"]]
        return any(top <= 0 if firm else top < 0 for top, firm in tops)
    if not all(is_finite(known) for known, _, _ in found):  # the formula may be undefined
        return False
    if letter == "v":  # the enclosure of the slack
        return enough(value[0], strict)
    if letter == "m":  # the mean-value form about the midpoint
        middle = [a / 2 + b / 2 for a, b in box]
        bound = jets(steps, [(c, c) for c in middle], 0)[slack][0]
        for k, derivative in slope.items():
            bound = add(bound, mul(derivative, add(box[k], (-middle[k], -middle[k]))))
        return enough(bound[0], strict)
    if letter not in ("f", "c"):
        return False
    face = faced(box, slope, part[1])
    if face is None:
        return False
    if letter == "f":  # the slack falls towards a face, and has its enclosure there
        return enough(jets(steps, face, 0)[slack][0][0], strict) or (
            all(a == b for a, b in face)
            and at_point(steps, slack, [Fraction(a) for a, _ in face], strict)
        )
    return tangent(steps, slack, strict, face, part)


def faced(box: list[Pair], slope: dict[int, Pair], ends: str) -> list[Pair] | None:
    """The face named by `<` (least) and `>` (greatest); None unless the slack falls towards it."""
    if len(ends) != len(box):
        return None
    face = []
    for k, (end, side) in enumerate(zip(ends, box, strict=True)):
        low, high = slope.get(k, (0.0, 0.0))
        if (end == "<" and not low >= 0) or (end == ">" and not high <= 0) or end not in "<> ":
            return None
        face.append({"<": (side[0],) * 2, ">": (side[1],) * 2, " ": side}[end])
    return face


def at_point(steps: list[Any], slack: int, point: list[Fraction], strict: bool) -> bool:
    value = fractions_at(steps, point)[slack]
    return value is not None and enough(value[0], strict)


def tangent(steps: list[Any], slack: int, strict: bool, face: list[Pair], part: Any) -> bool:
    """On the face the slack is convex, and its tangent at a point of the face is not negative."""
    point, free = [Fraction(x) for x in part[2]], [k for k, end in enumerate(part[1]) if end == " "]
    if len(point) != len(face) or not all(
        a <= x <= b for x, (a, b) in zip(point, face, strict=True)
    ):
        return False
    hessian = jets(steps, face, 2)[slack][2]
    for i in free:
        rest = 0.0
        for j in free:
            low, high = hessian.get((min(i, j), max(i, j)), (0.0, 0.0))
            rest = rest if i == j else -sum_down(-rest, -max(-low, high))
        # Gershgorin: no eigenvalue is below a diagonal entry less its row's other entries.
        if not hessian.get((i, i), (0.0, 0.0))[0] >= rest:
            return False
    exactly = fractions_at(steps, point)[slack]
    if exactly is not None and exactly[1] is not None:
        least = exactly[0]
        for i in free:
            slope = exactly[1].get(i, Fraction(0))
            least += min(slope * (Fraction(end) - point[i]) for end in face[i])
        return enough(least, strict)
    value, gradient, _ = jets(steps, [exact(x) for x in point], 1)[slack]
    for i in free:
        value = add(value, mul(gradient.get(i, (0.0, 0.0)), add(face[i], neg(exact(point[i])))))
    return enough(value[0], strict)


def halves(box: list[Pair], k: int) -> list[list[Pair]]:
    low, high = box[k]
    middle = low / 2 + high / 2
    return [[*box[:k], pair, *box[k + 1 :]] for pair in ((low, middle), (middle, high))]


def fault_in(certificate: dict[str, Any]) -> str | None:
    """What is wrong with a certificate, or None."""
    before, ctx.prec = ctx.prec, 80
    try:
        return first_fault(certificate)
    finally:
        ctx.prec = before


def first_fault(certificate: dict[str, Any]) -> str | None:
    steps = certificate["steps"]
    whole: list[Pair] = [(float.fromhex(a), float.fromhex(b)) for a, b in certificate["box"]]
    if not all(-INF < a <= b < INF for a, b in whole):
        return "the box is not compact"
    if not certificate["relations"]:
        return "nothing is claimed"
    for number, relation in enumerate(certificate["relations"], 1):
        pending, parts = [whole], iter(relation["tree"])
        while pending:
            box, part = pending.pop(), next(parts, None)
            if isinstance(part, int) and 0 <= part < len(box):
                pending += reversed(halves(box, part))
            elif not part or isinstance(part, int) or not holds(part, steps, relation, box):
                return f"relation {number} is not proved on {box} by {part!r}"
        if next(parts, None) is not None:
            return f"the tree of relation {number} has more parts than the box"
    return None


def main(file: str) -> int:
    try:
        with open(file, encoding="utf-8") as opened:
            fault = fault_in(json.load(opened))
    except (OSError, ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"this is not a certificate: {type(error).__name__}: {error}")
        return 2
    print(fault or "proved")
    return 1 if fault else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
