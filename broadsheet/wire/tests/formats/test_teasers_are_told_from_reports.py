import pytest

from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import LEAD, STORY, item, rss


def _kind(summary: str, full: str = "") -> str:
    encoded = f"<content:encoded><![CDATA[{full}]]></content:encoded>" if full else ""
    data = rss(f"<item><title>x</title><description>{summary}</description>{encoded}</item>")
    return parse(data).entries[0].kind


@pytest.mark.parametrize(
    ("summary", "full"),
    [("", ""), (LEAD, f"<p>{LEAD}</p>"), (LEAD + " […]", ""), (LEAD + " Continue reading...", "")],
)
def test_case_27_a_mere_teaser_is_one(summary: str, full: str) -> None:
    assert _kind(summary, full) == "teaser"


@pytest.mark.parametrize(("summary", "full"), [(LEAD, STORY), (LEAD, ""), ("", STORY)])
def test_case_27_a_report_is_news(summary: str, full: str) -> None:
    assert _kind(summary, full) == "news"


def test_case_27_an_item_without_a_body_is_flagged() -> None:
    assert "no-body" in parse(rss(item(text=""))).entries[0].flags
