"""Charts as shapes of an SVG, drawn on the server: bars that are stacked, and lines. Pure.

The unit is a CSS pixel at full width. A series is told by its ink, a colour with a pattern of its
own, or a line with dots of its own shape; what the chart shows stands in a table beside it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 14, 30
TICKS = 4
INKS = 5


class Series(NamedTuple):
    """A name and a value for each place on the axis; None where there is none."""

    name: str
    values: Sequence[float | None]


class Bar(NamedTuple):
    """A rectangle in the ink of its series."""

    x: float
    y: float
    width: float
    height: float
    ink: int


class Dot(NamedTuple):
    """A point of a line; its shape is that of its ink."""

    x: float
    y: float
    ink: int


class Line(NamedTuple):
    """The points of an SVG polyline."""

    points: str
    ink: int


class Tick(NamedTuple):
    """A label, and where it stands."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template draws; `said` is the chart in a sentence."""

    title: str
    said: str
    legend: tuple[tuple[int, str], ...]
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    zero: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


class Scale(NamedTuple):
    """From `low` at the bottom to `high` at the top, with a line at every `step`."""

    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        """Where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def ticks(self) -> list[float]:
        """The values of the lines, from the bottom."""
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * number for number in range(count + 1)]


def scale(low: float, high: float) -> Scale:
    """A scale with zero in it, whose steps are 1, 2 or 5 times a power of ten."""
    low, high = min(low, 0.0), max(high, 0.0)
    wanted = (high - low) / TICKS or 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= wanted * 0.999)
    bottom, top = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(bottom * step, max(top, bottom + 1) * step, step)


def _centres(count: int) -> list[float]:
    room = (WIDTH - LEFT - RIGHT) / max(count, 1)
    return [round(LEFT + room * (number + 0.5), 1) for number in range(count)]


def _columns(labels: Sequence[str]) -> tuple[Tick, ...]:
    every = math.ceil(len(labels) / 13) or 1
    places = zip(_centres(len(labels)), labels, strict=True)
    return tuple(Tick(x, label) for number, (x, label) in enumerate(places) if number % every == 0)


def _rows(by: Scale, written: Sequence[str]) -> tuple[Tick, ...]:
    return tuple(Tick(by.y(value), label) for value, label in zip(by.ticks(), written, strict=True))


def _stacked(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest point of a stack."""
    return sum(v for v in values if v < 0), sum(v for v in values if v > 0)


def bar_scale(series: Sequence[Series]) -> Scale:
    """The scale of stacked bars."""
    stacks = [_stacked([v or 0.0 for v in values]) for values in _by_place(series)]
    return scale(min((s[0] for s in stacks), default=0), max((s[1] for s in stacks), default=0))


def _by_place(series: Sequence[Series]) -> list[tuple[float | None, ...]]:
    return list(zip(*(one.values for one in series), strict=True))


def line_scale(series: Sequence[Series]) -> Scale:
    """The scale of lines."""
    values = [v for one in series for v in one.values if v is not None]
    return scale(min(values, default=0), max(values, default=0))


def bars(
    title: str, said: str, labels: Sequence[str], series: Sequence[Series], written: Sequence[str]
) -> Chart:
    """Bars stacked upwards, and downwards below zero; `written` are the labels of `bar_scale`."""
    by = bar_scale(series)
    found = tuple(_bars(len(labels), series, by))
    return _chart(title, said, labels, series, by, written, found=found)


def _bars(count: int, series: Sequence[Series], by: Scale) -> Iterator[Bar]:
    width = round(min((WIDTH - LEFT - RIGHT) / max(count, 1) * 0.7, 48.0), 1)
    for x, values in zip(_centres(count), _by_place(series), strict=True):
        up = down = 0.0
        for ink, value in enumerate(v or 0.0 for v in values):
            start = up if value > 0 else down
            top, bottom = by.y(max(start, start + value)), by.y(min(start, start + value))
            up, down = (up + value, down) if value > 0 else (up, down + value)
            if value:
                height = round(max(bottom - top, 0.5), 1)
                yield Bar(round(x - width / 2, 1), top, width, height, ink % INKS)


def lines(
    title: str, said: str, labels: Sequence[str], series: Sequence[Series], written: Sequence[str]
) -> Chart:
    """A line for each series; `written` are the labels of `line_scale`."""
    by, places = line_scale(series), _centres(len(labels))
    dots = tuple(
        Dot(x, by.y(value), ink % INKS)
        for ink, one in enumerate(series)
        for x, value in zip(places, one.values, strict=True)
        if value is not None
    )
    return _chart(title, said, labels, series, by, written, dots=dots)


def _lines(dots: Sequence[Dot]) -> Iterator[Line]:
    for ink in sorted({dot.ink for dot in dots}):
        yield Line(" ".join(f"{dot.x},{dot.y}" for dot in dots if dot.ink == ink), ink)


def _chart(
    title: str, said: str, labels: Sequence[str], series: Sequence[Series], by: Scale,
    written: Sequence[str], *, found: tuple[Bar, ...] = (), dots: tuple[Dot, ...] = (),
) -> Chart:  # fmt: skip
    return Chart(
        title=title, said=said,
        legend=tuple((ink % INKS, one.name) for ink, one in enumerate(series)),
        bars=found, lines=tuple(_lines(dots)), dots=dots,
        rows=_rows(by, written), columns=_columns(labels), zero=by.y(0),
    )  # fmt: skip
