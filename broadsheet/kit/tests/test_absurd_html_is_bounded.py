"""Absurd HTML is parsed in a time in step with its length, and no word of it is lost."""

import re
from time import process_time

import pytest

from broadsheet.kit import html
from broadsheet.kit.html.bounding import MOST_ATTRIBUTES, bounded


def _seconds(text: str) -> float:
    began = process_time()
    html.sanitise(text)
    return process_time() - began


@pytest.mark.parametrize("value", ["='x'", '="<"', "=<", "", "='>'"])
def test_a_tag_keeps_its_first_attributes_and_the_text_all_its_words(value: str) -> None:
    many = " ".join(f"a{n}{value}" for n in range(20_000))
    written = f'<p title="one" {many}>word <b>more</b></p>'
    assert html.slimmed(written).count(" a") == MOST_ATTRIBUTES - 1
    assert html.sanitise(written) == "<p>word <b>more</b></p>"


def test_honest_tags_are_left_as_they_are() -> None:
    sources = ", ".join(f"https://a.example/{n}.jpg {n}w" for n in range(400))
    written = (
        f'<p>It\'s <a href="https://a.example/?a=1&amp;b=2">a > b</a></p><img srcset="{sources}">'
    )
    assert html.slimmed(written) == written
    assert bounded(written) == written


@pytest.mark.parametrize("text", ["&amp;", "a&amp;b ", "&lt;", "&amp;< ", "&copy", "&#65;"])
def test_references_are_parted_for_the_parser_and_read_as_before(text: str) -> None:
    parts = re.split("<!---->", bounded(f"<p>{text * 3000}</p>"))
    assert max(part.count("&") for part in parts) <= 256
    short, long = html.sanitise(f"<p>{text * 200}</p>"), html.sanitise(f"<p>{text * 3000}</p>")
    assert html.plain(long).replace(" ", "") == html.plain(short).replace(" ", "") * 15


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a&amp;b ", 60_000),
        ("<b><i>", 5_000),
        ("<p>one two</p>", 10_000),
        ("<a href='x' <", 10_000),
    ],
)
def test_four_times_the_length_takes_much_less_than_sixteen_times_as_long(
    text: str, number: int
) -> None:
    once = max(min(_seconds(text * number) for _ in range(3)), 0.005)
    assert min(_seconds(text * 4 * number) for _ in range(2)) < 11 * once


def test_what_is_too_long_is_cut_where_a_block_ends() -> None:
    blocks = "<p>one two three</p>" * 100
    cut, was_cut = html.within(blocks, 1010)
    assert (was_cut, len(cut) % 20, len(cut)) == (True, 0, 1000)
    assert html.within(blocks, 2000) == (blocks, False)
    assert html.within("word " * 100, 52) == (("word " * 10).strip(), True)
    picture = '<img src="data:image/png;base64,' + "A" * 5000 + '">'
    assert html.within(f"<p>x</p>{picture}", 1000) == ('<p>x</p><img src="">', False)
