"""The commands on training problems and trained networks, to argparse."""

from __future__ import annotations

from typing import Any

from checker.commands.options.shared import add_engine, add_run, at_least, not_negative

# Of a layer: derivatives of more do not fit into memory.
MOST_UNITS = 1000


def add_census(commands: Any) -> None:
    """`checker census`."""
    parser = commands.add_parser(
        "census",
        help="find, classify and draw the critical points of one training problem",
        description="Search for critical points of F over (w, V, θ) from many starts, enclose "
        "value, gradient and least curvature of each, and prove the local minima among them.",
        epilog="examples:\n"
        "  checker census diabetes\n"
        "  checker census breast_cancer --loss logistic --ridge 0.01 --starts 60\n"
        "  checker census points.csv --target label --network mlp_relu --out census\n"
        "  checker census diabetes --no-skip    without the skip connection: bad minima\n\n"
        "With --out, a census that was stopped goes on where it was.\n"
        "exit status: 0 no local minimum above the linear level, 1 one was proved,\n"
        "2 bad input, 3 interrupted, or no point was found",
    )
    parser.add_argument("data", metavar="DATA", help="diabetes, breast_cancer, or a CSV file")
    parser.add_argument("--target", metavar="COLUMN", help="column of the file with the labels")
    parser.add_argument("--loss", metavar="NAME", help="default: squared, or logistic for ±1")
    parser.add_argument("--network", metavar="NAME", default="mlp_tanh", help="f_θ (%(default)s)")
    parser.add_argument(
        "--features",
        type=at_least(1, MOST_UNITS),
        default=2,
        metavar="M",
        help="of f_θ (%(default)s)",
    )
    parser.add_argument(
        "--hidden",
        type=at_least(1, MOST_UNITS),
        default=3,
        metavar="H",
        help="units of an MLP (%(default)s)",
    )
    parser.add_argument("--no-skip", dest="skip", action="store_false", help="x -> wᵀ V f_θ(x)")
    parser.add_argument(
        "--ridge", type=not_negative, default=0.0, metavar="λ", help="λ/2 (||w||² + ||V||²)"
    )
    parser.add_argument("--starts", type=at_least(1), default=50, metavar="N", help="(%(default)s)")
    add_run(parser, "time for the whole census, in seconds", "--starts")
    parser.add_argument("--out", metavar="DIR", help="write census.json; go on where it stopped")
    parser.add_argument(
        "--json", metavar="FILE", help="write the census to FILE; - for standard output"
    )
    parser.add_argument("--pictures", action="store_true", help="draw census.svg into --out")
    add_engine(parser)


def add_certify(commands: Any) -> None:
    """`checker certify`."""
    parser = commands.add_parser(
        "certify",
        help="what the theorems say of a trained network",
        description="Compare a network wᵀ(x + V f(x)) with the best linear predictor, enclose its "
        "gradient and least curvature, and say whether it can be a local minimum.",
        epilog="The file holds the arrays X (n, d), Z = f(X) (n, m), y (n,), w (d,), V (d, m),\n"
        "and may hold output_bias, weights (n,), loss, and ridge (weight decay). For K\n"
        "outputs: W (K, d) instead of w, and y (n, K).\n"
        "\nexamples:\n"
        "  checker certify network.npz --loss logistic\n"
        "  checker certify folder_of_npy_files --out results\n\n"
        "exit status: 0 no worse than linear, or worse by less than --level, 1 cannot be\n"
        "a local minimum, 2 bad input, 3 worse but perhaps a minimum, or beyond float64",
    )
    parser.add_argument(
        "saved", metavar="FILE.npz", help="or a .safetensors file, or a folder of .npy files"
    )
    parser.add_argument("--loss", metavar="NAME", help="default: the array `loss` of the file")
    parser.add_argument(
        "--ridge",
        type=not_negative,
        metavar="r",
        help="weight decay: r/2 times the sum of squares of all parameters is added to the loss "
        "(default: the array `ridge` of the file, or 0)",
    )
    parser.add_argument(
        "--level",
        type=not_negative,
        default=1e-6,
        metavar="L",
        help="exit with 0 if the gap is at most L times the loss of predicting 0 (%(default)s)",
    )
    parser.add_argument(
        "--unfinished",
        action="store_true",
        help="exit with 0 whatever is proved: training goes on",
    )
    parser.add_argument(
        "--seed", type=at_least(0), default=0, metavar="N", help="of Lanczos (default: 0)"
    )
    parser.add_argument("--out", metavar="DIR", help="write certificate.json and points.npz")
    parser.add_argument(
        "--json", metavar="FILE", help="write the certificate to FILE; - for standard output"
    )
