from typing import Any

import pytest

from broadsheet.look.strict import render
from broadsheet.look.tests import cast
from broadsheet.look.tests.cast import LinkView, card

PREMIUM = {"promise": "", "earlier": "/premium/2025-11-17/", "later": "", "is_day": True}
SEARCH: dict[str, Any] = {"query": "", "results": [], "total": 0, "pages": [], "problem": ""}
FOUND = {"query": "ferry", "results": [card(1), card(3)], "total": 2,
         "pages": [LinkView("1", "/search?q=ferry", True)]}  # fmt: skip
AUTHOR = {"section": cast.WORLD, "section_description": "Writes on tides.", "head": "{}",
          "own_section": False, "cards": [card(1), card(2)]}  # fmt: skip
PAGES: list[tuple[str, dict[str, Any]]] = [
    ("press/section.html", {"section": cast.WORLD, "section_description": "", "cards": [],
                            "own_section": True}),
    ("press/section.html", {"section": cast.WORLD, "section_description": "From afar.",
                            "own_section": True, "cards": [card(n) for n in range(1, 9)]}),
    ("press/author.html", AUTHOR | {"portrait": None}),
    ("press/author.html", AUTHOR | {"portrait": cast.PICTURE}),
    ("press/premium.html", PREMIUM | {"days": []}),
    ("press/premium.html", PREMIUM | {"days": [
        (cast.NOW.date(), "/premium/2025-11-18/", [card(4), card(8)])]}),
    ("press/static_page.html", {"page_title": "Imprint", "page_html": "<p>Us.</p>"}),
    ("press/notice_410.html", {"notice": None, "headline": "", "over": True}),
    ("press/notice_410.html", {"notice": cast.NOTICE, "headline": "A headline", "over": False}),
    ("press/error_404.html", {}),
    ("press/error_503.html", {}),
    ("archive/search.html", SEARCH),
    ("archive/search.html", SEARCH | FOUND),
    ("archive/search.html", SEARCH | {"query": "zebra"}),
    ("archive/search.html", SEARCH | {"query": "x", "problem": "Fewer words, please."}),
]  # fmt: skip


@pytest.mark.parametrize(("template", "names"), PAGES)
@pytest.mark.parametrize("paper", ["full", "bare"])
def test_it_renders_with_what_it_is_promised(
    template: str, names: dict[str, Any], paper: str, asked_in_vain: list[str]
) -> None:
    shared = cast.common() if paper == "full" else cast.bare()
    page = render(template, shared | names)
    assert page.startswith("<!doctype html>")
    assert page.count("<h1") == 1
    assert "{{" not in page and "{%" not in page


@pytest.mark.parametrize("show_ads", [True, False])
@pytest.mark.parametrize("size", [0, 1, 2, 4, 5, 12, 30])
def test_home_shows_every_report_as_one_article_with_one_link(
    size: int, show_ads: bool, asked_in_vain: list[str]
) -> None:
    page = render("press/home.html", cast.common(show_ads=show_ads) | cast.home(size))
    articles = [part.split("</article>")[0] for part in page.split("<article")[1:]]
    assert len(articles) == size
    assert all(part.count("<a ") == 1 for part in articles)
    shown = {part.split('<a href="')[1].split('"')[0] for part in articles}
    assert shown == {f"/2025/11/18/report-{n}" for n in range(1, size + 1)}
    assert ("House ad" in page) is show_ads


def test_a_paper_without_news_says_how_to_add_a_wire() -> None:
    assert "broadsheet wire add" in render("press/home.html", cast.bare() | cast.home(0))
