import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.feeds import item, rss

_MARK = "The following information is not for publication"


def _entry(body: str) -> Entry:
    return parse(rss(item(text=f"<![CDATA[{body}]]>"))).entries[0]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>It rained.</p><p>{_MARK}</p><p>Call Ann, 555.</p>",
        f"<p>It rained.<br>{_MARK}: call Ann, 555.</p>",
        f"<p>It rained.</p><p>*** <b>{_MARK}</b></p><ul><li>Call Ann, 555.</li></ul>",
        f"It rained.\n\n{_MARK.upper()}\n\nCall Ann, 555.",
    ],
)
def test_case_38_what_is_not_for_publication_goes_to_the_note(body: str) -> None:
    entry = _entry(body)
    assert plain(entry.body_html) == "It rained."
    assert "555" in entry.ednote


def test_case_38_a_first_line_for_editors_goes_to_the_note() -> None:
    entry = _entry("<p>EDS: Updates with quote.</p><p>It rained.</p>")
    assert (plain(entry.body_html), entry.ednote) == ("It rained.", "EDS: Updates with quote.")


def test_case_38_a_summary_never_shows_it_either() -> None:
    summary = f"<description>It rained. {_MARK}: call 555.</description>"
    full = "<content:encoded>It rained all day.</content:encoded>"
    entry = parse(rss(f"<item><title>x</title>{summary}{full}</item>")).entries[0]
    assert "555" not in entry.summary_html
