"""What balls prove beside the decisions: premises, Krawczyk's test, minima, inertia, census."""

from __future__ import annotations

from mutations.mutation import Area, Mutation

PREMISE = "checker/arithmetic/premise.py"
SCORE = "checker/search/guided/score.py"
KRAWCZYK = "checker/arithmetic/existence/krawczyk.py"
CRITICAL = "checker/arithmetic/existence/critical.py"
DEFINITE = "checker/arithmetic/existence/definite.py"
MINIMUM = "checker/landscape/minima/strong_convexity.py"
PROOF = "checker/landscape/minima/proof.py"
CERTIFIED = "checker/landscape/minima/near_points.py"
INERTIA = "checker/landscape/minima/inertia.py"
ENCLOSED = "checker/census/enclosed.py"
POINT = "checker/census/point.py"

PREMISES = (
    Mutation(
        "tight counts as met",
        PREMISE,
        "_PROVED = (Decision.HOLDS, Decision.EQUAL)",
        "_PROVED = (Decision.HOLDS, Decision.EQUAL, Decision.TIGHT)",
    ),
    Mutation(
        "out of range counts as met",
        PREMISE,
        "_PROVED = (Decision.HOLDS, Decision.EQUAL)",
        "_PROVED = (Decision.HOLDS, Decision.EQUAL, Decision.OUT_OF_RANGE)",
    ),
    Mutation(
        "a batch is met as a whole",
        PREMISE,
        "proofs = np.array(result.held)",
        "proofs = np.ones_like(result.held)",
        equivalent="every case that float64 does not prove is decided again",
    ),
    Mutation(
        "what float64 leaves open is met",
        PREMISE,
        "proofs[index] = case.decision in _PROVED",
        "proofs[index] = True",
    ),
    Mutation(
        "a later premise forgets the earlier ones",
        SCORE,
        "mask[left] = np.broadcast_to(met, (left.size,))",
        "mask[:] = np.asarray(assumption.holds(batch.instances))",
    ),
)

ZEROS = (
    Mutation("touched border", KRAWCZYK, "x.contains_interior(k)", "x.contains(k)"),
    Mutation(
        "slope at the middle only", KRAWCZYK, "middle), jacobian(box)", "middle), jacobian(middle)"
    ),
    Mutation("image without f", KRAWCZYK, "middle - Y @ at_middle + rest", "middle + rest"),
    Mutation("image without the box", KRAWCZYK, " + rest @ (box - middle)", ""),
    Mutation(
        "always inside",
        KRAWCZYK,
        "image if image is not None and is_inside(image, box) else None",
        "image",
    ),
)

EXISTENCE = (
    Mutation(
        "within: rounded radii", CRITICAL, "x <= radius.item for x in away", "True for _ in away"
    ),
    Mutation("within: beyond", CRITICAL, "any(x > radius.item for x in away)", "False"),
    Mutation(
        "an undecided kind counts",
        CRITICAL,
        "False if down else None",
        "False if down else True",
        equivalent="where Krawczyk's test succeeds the Hessian is regular, and its signs are seen",
    ),
    Mutation("every critical point is a minimum", CRITICAL, "False if down else None", "True"),
    Mutation("a saddle needs one sign", CRITICAL, "True if up and down", "True if up or down"),
    Mutation("value: low", CRITICAL, "True if value >= low", "True if not value < low"),
    Mutation("value: high", CRITICAL, "True if value <= high", "True if not value > high"),
    Mutation("halves leave the middle out", CRITICAL, "_OVERLAP = 1.0 + 2.0**-5", "_OVERLAP = 0.9"),
    Mutation("excluded: any curvature", DEFINITE, "(v @ (hessian @ v)).item < 0", "True"),
    Mutation(
        "the budget is an answer",
        CRITICAL,
        "if budget <= 0:\n            return 0",
        "if budget <= 0:\n            return -1",
    ),
    Mutation(
        "no zero: image beside the part", CRITICAL, "not x.overlaps(k) for x, k", "True for x, k"
    ),
    Mutation(
        "no zero: one sign",
        CRITICAL,
        "if any(x > 0 or x < 0 for x in",
        "if any(not x.contains(1) for x in",
    ),
    Mutation(
        "mean value: gradient left out", CRITICAL, " + question.system(box) @ (box - middle)", ""
    ),
)

MINIMA = (
    Mutation(
        "pivots: radii of the matrix",
        DEFINITE,
        "rows[i, i] - arb(modulus) - spread",
        "rows[i, i] - arb(modulus)",
    ),
    Mutation(
        "pivots: modulus", DEFINITE, "rows[i, i] - arb(modulus) - spread", "rows[i, i] - spread"
    ),
    Mutation(
        "pivots: undecided",
        DEFINITE,
        "if not rows[i, i] > 0:",
        "if rows[i, i] < 0:",
    ),
    Mutation(
        "pivots: smallest row sum",
        DEFINITE,
        "return y if y > x else x",
        "return y if y < x else x",
    ),
    Mutation(
        "strong convexity at the point only",
        MINIMUM,
        "x + arb(0, 1) * radius for x in at.entries",
        "x for x in at.entries",
    ),
    Mutation(
        "length: middle", MINIMUM, "_square(vector).sqrt().upper()", "_square(vector).sqrt().mid()"
    ),
    Mutation(
        "radius of half the gradient",
        MINIMUM,
        "radius = (2 * slope / arb(modulus) + _TINY).upper()",
        "radius = (slope / arb(modulus) / 4).upper()",
    ),
    Mutation(
        "value at the minimiser",
        MINIMUM,
        "low = high - slope**2 / (2 * arb(modulus))",
        "low = high",
    ),
    Mutation(
        "bounds not rounded outwards",
        MINIMUM,
        "return near if arb(near) <= x else float(np.nextafter(near, -np.inf))",
        "return near",
    ),
    Mutation(
        "lifted from w = 0",
        MINIMUM,
        "if not np.linalg.norm(w) > 2 * minimum.radius:",
        "if not np.linalg.norm(w) >= 0:",
    ),
    Mutation(
        "premise: gradient twice too large",
        PROOF,
        "if not slope < arb(modulus) * radius:",
        "if not slope < 2 * arb(modulus) * radius:",
    ),
    Mutation(
        "premise: gradient at the border",
        PROOF,
        "if not slope < arb(modulus) * radius:",
        "if not slope <= arb(modulus) * radius:",
    ),
    Mutation(
        "premise: no strong convexity",
        PROOF,
        "return all(is_strongly_convex(f, c, modulus, radius) for f, c in functions)",
        "return True",
    ),
    Mutation(
        "premise: modulus 0",
        PROOF,
        "return all(is_strongly_convex(f, c, modulus, radius) for f, c in functions)",
        "return all(is_strongly_convex(f, c, 0.0, radius) for f, c in functions)",
    ),
    Mutation(
        "premise: not lifted",
        PROOF,
        "_near_minimum(functions, slope, at) and _is_lifted(slope, at)",
        "_near_minimum(functions, slope, at)",
    ),
    Mutation(
        "premise: lifted at the point",
        PROOF,
        "return is_positive_definite(gram, (distance**2).upper())",
        "return is_positive_definite(gram, 0.0)",
    ),
    Mutation(
        "premise: gradient 0 without convexity",
        PROOF,
        "if at.loss.convex and slope == 0:",
        "if slope == 0:",
    ),
    Mutation(
        "premise: slope of one output",
        PROOF,
        "for f, c in functions), arb(0)).sqrt()",
        "for f, c in functions[:1]), arb(0)).sqrt()",
    ),
    Mutation(
        "premise: mixed derivatives",
        PROOF,
        "both = 2 * along(z, i, j).coefficient(2).item",
        "both = own[i] + own[j]",
    ),
    Mutation(
        "premise: in words, rounded to nearest",
        PROOF,
        "{at_most(above, 3)}",
        "{above:.3g}",
    ),
    Mutation(
        "coefficients: equal columns",
        CERTIFIED,
        "sums[place] = sums[place] + x",
        "sums[place] = x",
    ),
    Mutation(
        "columns: zero is a column",
        CERTIFIED,
        "keep = self.columns[:, first].any(axis=0)",
        "keep = np.ones(len(first), dtype=bool)",
    ),
)

SIGNS = (
    Mutation("radii", INERTIA, "arb(float(sign * v), float(r))", "arb(float(sign * v))"),
    Mutation("sign", INERTIA, "arb(float(sign * v), float(r))", "arb(abs(float(v)), float(r))"),
    Mutation(
        "not definite", INERTIA, "return is_positive_definite(arb_mat(rows), 0.0)", "return True"
    ),
    Mutation(
        "at w = 0: without A",
        INERTIA,
        "_is_definite(own - coupled, -1)",
        "_is_definite(-coupled, -1)",
        equivalent="for b ≠ 0 exactly d eigenvalues are negative, whatever A is",
    ),
    Mutation(
        "at w = 0: wrong side",
        INERTIA,
        "_is_definite(own + coupled, 1)",
        "_is_definite(own + coupled, -1)",
    ),
)

CENSUS = (
    Mutation("middle", ENCLOSED, " + abs(middle) * np.finfo(float).eps", ""),
    Mutation("radius", ENCLOSED, "spread = radius + ", "spread = "),
    Mutation(
        "saddle: middle of the curvature",
        POINT,
        "return bool(curvature.high < -np.sqrt(gradient.high))",
        "return bool(curvature.low < -np.sqrt(gradient.low))",
    ),
    Mutation(
        "level: value from the other side",
        POINT,
        "if value.low > linear.value.high:",
        "if value.high > linear.value.low:",
    ),
    Mutation(
        "gradient and curvature: values",
        POINT,
        "return Enclosed(float(number.lower[..., 0]), float(number.upper[..., 0]))",
        "return Enclosed(float(number.value[..., 0]), float(number.value[..., 0]))",
    ),
)

AREAS = (
    Area("premises", ("tests/arithmetic/test_premise.py",), PREMISES),
    Area(
        "Krawczyk", ("tests/arithmetic/test_krawczyk.py", "tests/theorems/test_example1.py"), ZEROS
    ),
    Area("existence", ("tests/arithmetic/test_existence.py",), EXISTENCE),
    Area(
        "minimum proofs",
        (
            "tests/landscape/test_minimum_terms.py",
            "tests/census/test_minimum.py",
            "tests/landscape/test_found.py",
        ),
        MINIMA,
    ),
    Area(
        "inertia", ("tests/landscape/test_minimum_terms.py", "tests/landscape/test_found.py"), SIGNS
    ),
    Area("census", ("tests/census/test_enclosed.py", "tests/census/test_census.py"), CENSUS),
)
