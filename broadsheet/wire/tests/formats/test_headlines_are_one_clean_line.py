import json

import pytest

from broadsheet.wire.formats import Entry, parse


def _entry(title: str, **more: str) -> Entry:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": title, **more}],
    }
    return parse(json.dumps(feed).encode()).entries[0]


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("AT&amp;T <b>wins</b>", "AT&T wins"),
        ("Tom &amp;amp; Ann&amp;#8217;s", "Tom & Ann’s"),
        ("&lt;i&gt;Ferry&lt;/i&gt; sails", "Ferry sails"),
        ("Ferry<script>x()</script> sails", "Ferry sails"),
        ("Use of the <script> tag", "Use of the tag"),
        ("one\n two\u2028 three", "one two three"),
        ("safe\u202egnp.exe\u200b\x00\ud800", "safegnp.exe"),
        ("क्\u200dष stays joined", "क्\u200dष stays joined"),
        ("Shares < 5% & falling", "Shares < 5% & falling"),
    ],
)
def test_case_28_a_headline_is_one_clean_line(stated: str, shown: str) -> None:
    assert _entry(stated).title == shown


def test_case_28_an_endless_headline_is_cut_and_flagged() -> None:
    entry = _entry("word " * 1000)
    assert len(entry.title) <= 250
    assert "long-headline" in entry.flags


def test_a_missing_headline_is_flagged_and_not_invented() -> None:
    entry = _entry("", content_html="<p>It rained.</p>")
    assert (entry.title, entry.flags) == ("", ("no-headline",))


@pytest.mark.parametrize("field", ["title", "summary", "content_html", "content_text"])
@pytest.mark.parametrize("mark", ["{{limit}}", "{% if x %}", "&#123;&#123; x"])
def test_template_marks_are_flagged_wherever_they_are(field: str, mark: str) -> None:
    entry = _entry(
        **{"title": "Ferry", "content_html": "<p>It rained.</p>", field: f"You have {mark} left"}
    )
    assert ("template-marks" in entry.flags) is (field != "content_text")
