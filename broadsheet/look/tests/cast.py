"""An invented paper and its reports, for the tests of the look."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from broadsheet.look.parts import (
    AdView,
    ArticleView,
    CardView,
    HeadView,
    LinkView,
    NoticeView,
    PaperView,
    PictureView,
)

NOW = datetime(2025, 11, 18, 14, 5, tzinfo=UTC)
WORLD = LinkView("World", "/world/", current=True)
SPORT = LinkView("Sport", "/sport/")
OPEN = "<p>The night ferry sails no more.</p>"
GATED = "<p>The annex does not mention it.</p>"

PAPER = PaperView(
    name="The Narrows Courier",
    nameplate="The Narrows Courier",
    tagline="News of the two shores",
    language="en-gb",
    direction="ltr",
    zone="UTC",
    origin="http://localhost:8000",
    description="A daily for the two shores.",
    device="",
    sections=(WORLD, SPORT),
    pages=(LinkView("Imprint", "/imprint"),),
    has_premium=True,
    demo=True,
)
PICTURE = PictureView(
    src="/media/ferry.jpg",
    srcset="/media/ferry.jpg 1200w",
    square="/media/ferry-square.jpg",
    width=1200,
    height=800,
    alt="A ferry at dusk",
    caption="The last boat.",
    credit="Ilse Varga/Courier",
)
NOTICE = NoticeView("correction", "Correction", "It was 41, not 44.", NOW)
ADS = {slot: AdView(slot, f"House ad {slot}", "Text", "Go", "/x") for slot in
       ("top", "article", "aside")}  # fmt: skip


def card(number: int) -> CardView:
    """A report; every third one has a picture, every fourth is premium."""
    return CardView(
        id=number,
        url=f"/2025/11/18/report-{number}",
        headline=f"Report number {number}",
        kicker="Strait" if number % 2 else "",
        standfirst="What happened, in one sentence.",
        section=SPORT if number % 2 else WORLD,
        byline="Maren Oduya" if number % 2 else "",
        agency="" if number % 2 else "Halyard Press",
        published=NOW - timedelta(hours=number),
        access="metered" if number % 4 else "premium",
        news_value=3,
        picture=None if number % 3 else PICTURE,
    )


def article(**changes: Any) -> ArticleView:
    """An article with everything that can stand on its page."""
    full = ArticleView(
        card=card(3),
        dateline="NORTHQUAY",
        teaser_html=OPEN,
        open_html=OPEN,
        gated_html=GATED,
        wire_date="17 October 2025 08:12 IST",
        changed=NOW,
        notices=(NOTICE, replace(NOTICE, kind="clarification", label="Clarification")),
        disclosure="(Only the headline was reworked by our staff.)",
        related=(card(4), card(6)),
        canonical="http://localhost:8000/2025/11/18/report-3",
    )
    return replace(full, **changes)


HEAD = HeadView(
    canonical="http://localhost:8000/2025/11/18/report-3",
    robots="",
    properties=(("property", "og:type", "article"), ("name", "twitter:card", "summary")),
    json_ld='{"@type":"NewsArticle"}',
)


def common(*, show_ads: bool = True) -> dict[str, Any]:
    """What every page is given."""
    return {
        "paper": PAPER,
        "stylesheet": "/static/look/paper.css",
        "title": "A title",
        "description": "A description.",
        "canonical": "http://localhost:8000/",
        "today": NOW,
        "ads": ADS,
        "show_ads": show_ads,
    }


def bare() -> dict[str, Any]:
    """The same for a paper that has nothing yet: no sections, no pages, no ads."""
    empty = replace(PAPER, tagline="", description="", sections=(), pages=(),
                    has_premium=False, demo=False)  # fmt: skip
    nothing = dict.fromkeys(("top", "article", "aside"))
    return common() | {"paper": empty, "ads": nothing}


def home(size: int) -> dict[str, Any]:
    """A home page of this many reports, laid out."""
    cards = [card(number) for number in range(1, size + 1)]
    rest = cards[12:]
    groups = [(link, [c for c in rest if c.section.url == link.url]) for link in (WORLD, SPORT)]
    return {
        "cards": cards,
        "lead": cards[0] if cards else None,
        "major": cards[1:4],
        "standard": cards[4:12],
        "by_section": [group for group in groups if group[1]],
        "latest": [(card, True) for card in cards[:8]],
    }
