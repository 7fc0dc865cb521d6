"""Figures in the report's colours, as SVG that is small enough to be put into the page.

matplotlib writes names of fonts, clip paths and ids that would clash on one page. Only shapes and
texts are taken over; colours become the page's variables, so that they follow light and dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from checker.errors import InputError
from checker.instances.escapes import html

# Name of a colour -> what stands for it in matplotlib, and its value outside of the page.
COLOURS = {
    "ink": ("#010203", "#1c1d20"),
    "soft": ("#010204", "#585d66"),
    "rule": ("#010205", "#d9dce1"),
    "accent": ("#010206", "#0a5a9c"),
    "tint": ("#010207", "#a9c9e4"),
    "alert": ("#010208", "#a81f1f"),
}
_VARIABLES = {code: f"var(--{name})" for name, (code, _) in COLOURS.items()}

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"

# Room for the labels below, in inches.
_BOTTOM = 0.46

# Units of the picture per point of matplotlib, so that whole numbers are fine enough.
_SCALE = 4

HINT = 'Pictures need matplotlib: pip install "landscape-checker[plots]"'


def colour(name: str) -> str:
    """A colour for matplotlib."""
    return COLOURS[name][0]


def require_matplotlib() -> None:
    """Raise InputError where matplotlib cannot be imported."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise InputError(f"no pictures: {error}", hint=HINT) from error
    # Settings of the environment that it cannot do with: MPLBACKEND, MPLCONFIGDIR.
    except Exception as error:
        raise InputError(f"no pictures: matplotlib cannot be loaded: {error}") from error


@contextmanager
def axes(width: float, height: float, left: float = 0.62) -> Iterator[Any]:
    """Axes of a size in inches, in the report's style; no window, no global state.

    `left` is the room for labels at the left.
    """
    import matplotlib
    from matplotlib.figure import Figure

    style: Any = {
        "svg.fonttype": "none",
        "font.size": 9,
        "axes.edgecolor": colour("rule"),
        "axes.labelcolor": colour("soft"),
        "text.color": colour("ink"),
        "xtick.color": colour("soft"),
        "ytick.color": colour("soft"),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "path.simplify": True,
        "path.simplify_threshold": 0.3,
    }
    with matplotlib.rc_context(style):
        # Fixed margins, in inches: matplotlib's own layouts draw everything several times.
        right, top = width - left - 0.1, height - _BOTTOM - 0.1
        box = (left / width, _BOTTOM / height, right / width, top / height)
        drawn = Figure(figsize=(width, height)).add_axes(box)
        drawn.locator_params(nbins=6)
        for axis in (drawn.xaxis, drawn.yaxis):
            axis.set_major_formatter(lambda x, _: f"{x:.4g}".replace("-", "−"))
        yield drawn


@dataclass(frozen=True)
class Picture:
    """An SVG element, and a sentence on what it shows."""

    svg: str
    caption: str


def picture(axes: Any, caption: str) -> Picture:
    """The figure of these axes, in the report's own SVG."""
    return Picture(_svg(axes, caption), caption)


def _svg(axes: Any, title: str) -> str:
    buffer = io.StringIO()
    axes.figure.savefig(buffer, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue())
    defined = {e.get("id"): e for e in root.iter(f"{_SVG}path") if e.get("id")}
    width, height = (float(x) for x in str(root.get("viewBox")).split()[2:])
    shapes = "".join(_shapes(root, defined))
    size = f'viewBox="0 0 {width * _SCALE:.0f} {height * _SCALE:.0f}" width="{width:.0f}pt"'
    name = html(title, quote=True)
    return f'<svg class="picture" role="img" aria-label="{name}" {size}>{shapes}</svg>'


def standalone(svg: str) -> str:
    """The same as a file of its own, in light colours."""
    for name, (_, value) in COLOURS.items():
        svg = svg.replace(f"var(--{name})", value)
    style = "<style>text{font:36px sans-serif}</style>"
    opened = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return re.sub(r"(<svg[^>]*>)", rf"\1{style}", opened, count=1) + "\n"


# -- from matplotlib's SVG to ours ------------------------------------------------------------


def _shapes(parent: Any, defined: dict[str | None, Any]) -> Iterator[str]:
    for element in parent:
        kind = element.tag.removeprefix(_SVG)
        if kind == "g":
            yield from _shapes(element, defined)
        elif kind == "path":
            yield _path(element, element.get("style"), "")
        elif kind == "use":
            yield _use(element, defined)
        elif kind == "text":
            yield _text(element)


def _use(element: Any, defined: dict[str | None, Any]) -> str:
    target = defined[str(element.get(_LINK)).lstrip("#")]
    place = [_units(float(element.get(name))) for name in ("x", "y")]
    style = element.get("style") or target.get("style")
    return _path(target, style, f' transform="translate({place[0]} {place[1]})"')


def _path(element: Any, style: str | None, moved: str) -> str:
    shape = compact(str(element.get("d")))
    look = _look(style or "")
    return f'<path d="{shape}"{look}{moved}/>' if shape and look else ""


def _look(style: str) -> str:
    """Fill and stroke as attributes; empty for what cannot be seen."""
    given = dict(part.split(":", 1) for part in style.split(";") if ":" in part)
    given = {name.strip(): value.strip() for name, value in given.items()}
    fill, stroke = given.get("fill"), given.get("stroke")
    known = [("fill", _VARIABLES[fill])] if fill in _VARIABLES else [("fill", "none")]
    if stroke in _VARIABLES:
        known += [("stroke", _VARIABLES[stroke])]
        known += [("stroke-width", f"{float(given.get('stroke-width', 1)) * _SCALE:g}")]
    if len(known) == 1 and known[0][1] == "none":
        return ""
    known += [(n, given[n]) for n in ("opacity", "fill-opacity") if n in given]
    if "stroke-dasharray" in given and given["stroke-dasharray"] != "none":
        dashes = (float(x) * _SCALE for x in given["stroke-dasharray"].split(","))
        known += [("stroke-dasharray", " ".join(f"{x:g}" for x in dashes))]
    return "".join(f' {name}="{value}"' for name, value in known)


def _text(element: Any) -> str:
    style = str(element.get("style"))
    anchor = re.search(r"text-anchor: *(\w+)", style)
    fill = re.search(r"fill: *(#\w+)", style)
    look = f' fill="{_VARIABLES[fill[1]]}"' if fill and fill[1] in _VARIABLES else ""
    look += f' text-anchor="{anchor[1]}"' if anchor else ""
    x, y = (_units(float(element.get(name) or 0)) for name in ("x", "y"))
    turned = re.search(r"rotate\(-90", str(element.get("transform")))
    place = f' x="{x}" y="{y}"'
    if turned:
        place = f' transform="translate({x} {y})rotate(-90)"'
    return f"<text{place}{look}>{html(''.join(element.itertext()).strip())}</text>"


def _units(x: float) -> int:
    return round(x * _SCALE)


_COUNTS = {"M": 1, "L": 1, "Q": 2, "C": 3}


def compact(d: str) -> str:
    """A path in whole units and relative steps; what does not move is left out."""
    found: list[str] = []
    at = start = (0, 0)
    for letter, points in _commands(d):
        if letter == "M":
            (start,) = points
            found.append("M{} {}".format(*start))
        elif letter != "L" or points != [at]:
            steps = (f"{x - at[0]} {y - at[1]}" for x, y in points)
            found.append(letter.lower() + " ".join(steps))
        at = points[-1] if points else start
    joined = "".join(found).replace(" -", "-")
    return joined if re.search("[lqc]", joined) else ""


def _commands(d: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The commands of a path one by one, in units; a letter may stand for several."""
    for letter, text in re.findall(r"([MLQCz])([^MLQCz]*)", d):
        numbers = [_units(float(x)) for x in text.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        size = _COUNTS.get(letter, 1)
        for i in range(0, max(len(points), 1), size):
            yield letter, points[i : i + size]
