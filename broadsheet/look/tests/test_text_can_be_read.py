"""Contrast as WCAG 2.2 measures it: success criteria 1.4.3 (text) and 1.4.11 (edges)."""

import re

import pytest

from broadsheet.look.stylesheet import FOLDER

TONES = ("blue", "green", "ochre", "plum", "teal")
TEXT = [
    ("ink", "paper"), ("ink", "wash"), ("ink", "caution"), ("ink", "field"),
    ("ink-soft", "paper"), ("ink-soft", "wash"), ("ink-soft", "caution"),
    ("link", "paper"), ("link", "wash"), ("rubric", "paper"), ("danger", "paper"),
    ("danger", "wash"), ("on-ink", "ink"), ("paper", "rubric"),
    *((f"tone-{tone}", "paper") for tone in TONES),
]  # fmt: skip
EDGES = [
    ("field-edge", "paper"), ("field-edge", "field"), ("link", "paper"), ("rule-strong", "paper"),
]  # fmt: skip


def schemes() -> dict[str, dict[str, str]]:
    css = (FOLDER / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split("prefers-color-scheme: dark")
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", light)
    night = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", dark.split("@media print")[0])
    return {"light": dict(found), "dark": dict(found) | dict(night)}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), TEXT)
def test_text_stands_out_from_its_ground(scheme: str, front: str, ground: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[front], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), EDGES)
def test_edges_of_fields_and_focus_stand_out(scheme: str, front: str, ground: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[front], colours[ground]) >= 3.0


def test_black_on_white_measures_as_the_standard_says() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21.0)
