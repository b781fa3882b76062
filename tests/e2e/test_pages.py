"""Every kind of page as a browser shows it: on a phone and a desk, light, dark and printed."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House
from tests.waiting import wait_until

KINDS = (
    "home", "section", "article", "wire report", "teaser", "search", "nothing found", "sign-in",
    "sign-up", "wall", "premium", "static", "not found",
    "a title", "its wall",
)  # fmt: skip
WITH_PLACE = ("article",)
"""Kinds of pages with a script: the one that offers to go on where the reader was."""
LARGEST = 30_000
"""Bytes of a compressed article page, pictures not counted."""


@pytest.fixture(scope="module")
def paths(readers_house: House) -> dict[str, str]:
    """One address for each kind of page; the wall stands where the reader has read three."""
    metered = readers_house.addresses("metered")
    return {
        "home": "/", "section": "/world/", "article": readers_house.addresses("open")[1],
        "wire report": readers_house.addresses("metered", wire=True)[0],
        "teaser": readers_house.addresses("registered")[0],
        "search": "/search?q=ferry", "nothing found": "/search?q=zyxw",
        "sign-in": "/accounts/login/", "sign-up": "/accounts/signup/", "wall": metered[4],
        "premium": "/premium/", "static": "/imprint/", "not found": "/no-such-page",
        "a title": "/counting-house/", "its wall": closed_in_title(readers_house),
    }  # fmt: skip


def closed_in_title(house: House) -> str:
    """A report that only the right of the second title opens."""
    query = (
        "SELECT a.path FROM desk_article a JOIN desk_section s ON s.id = a.section_id"
        " WHERE a.access=%s AND s.title_id IS NOT NULL AND s.slug=%s AND a.live"
    )
    return str(house.rows(query, "", "property")[0][0])


@dataclass
class Observed:
    """What a window did and said."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def observe(page: Page) -> Observed:
    seen = Observed()
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    return seen


def spend_reads(page: Page, house: House) -> None:
    """Read three metered articles, so that the next one shows the wall."""
    for path in house.addresses("metered")[1:4]:
        page.goto(house.url + path)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_are_whole_in_themselves(
    readers_house: House, paths: dict[str, str], window: Callable[..., Page], viewport: Any
) -> None:
    page = window(scripts=True, viewport=viewport)
    spend_reads(page, readers_house)
    for kind in KINDS:
        if kind == "search":
            # It is made anew for each reader: of a report that came this moment, the picture is
            # pressed a moment later.
            wait_until(readers_house.is_up, what="whatever came in is pressed")
        if kind != "wire report":
            look_at(page, readers_house, kind, paths[kind])


def look_at(page: Page, house: House, kind: str, path: str) -> None:
    """No sideways scrolling, no error, no other host, one stylesheet, one h1, alt on pictures."""
    seen = observe(page)
    answer = page.goto(house.url + path, wait_until="load")
    assert answer is not None
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1], f"{kind}: {widths}"
    expected = 1 if answer.status == 404 else 0
    assert len(seen.errors) == expected, f"{kind}: {seen.errors}"
    foreign = [u for u in seen.requests if not u.startswith((house.url, "data:"))]
    assert foreign == [], kind
    assert page.locator("link[rel=stylesheet]").count() == 1, kind
    assert page.locator("style, [style]").count() == 0, kind
    scripts = page.locator("script:not([type='application/ld+json'])")
    assert scripts.count() == scripts.and_(page.locator("[defer][src^='/static/']")).count(), kind
    assert scripts.count() == (1 if kind in WITH_PLACE else 0), kind
    assert page.locator("h1").count() == 1, kind
    assert page.locator("img:not([alt])").count() == 0, kind
    assert page.locator("main").count() == 1, kind
    assert page.locator("html[lang]").count() == 1, kind
    if kind == "wall":
        assert page.locator(".wall").count() == 1


def test_scripts_change_no_word(
    readers_house: House, paths: dict[str, str], window: Callable[..., Page]
) -> None:
    without, with_scripts = window(), window(scripts=True)
    for kind in ("home", "section", "article", "search", "sign-in"):
        texts = []
        for page in (without, with_scripts):
            page.goto(readers_house.url + paths[kind])
            texts.append(page.locator("body").inner_text())
        assert texts[0] == texts[1], kind


def test_pictures_are_loaded_and_reserve_their_place(
    readers_house: House, window: Callable[..., Page]
) -> None:
    page = window(scripts=True, viewport=DESK)
    page.goto(readers_house.url + "/", wait_until="networkidle")
    sources = page.locator("main img:visible")
    for picture in sources.all():
        picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    broken = "imgs => imgs.filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    assert sources.evaluate_all(broken) == []
    loose = "imgs => imgs.filter(i => !i.width || !i.getAttribute('height')).map(i => i.src)"
    assert sources.evaluate_all(loose) == []


def test_articles_are_light(readers_house: House) -> None:
    every = [p for a in ("open", "premium", "metered") for p in readers_house.addresses(a)]
    every += readers_house.addresses("metered", wire=True)
    with httpx.Client(base_url=readers_house.url, timeout=60) as client:
        sizes = {path: len(gzip.compress(client.get(path).content, 6)) for path in every}
    heaviest = max(sizes, key=lambda path: sizes[path])
    print(f"{len(sizes)} article pages; the heaviest has {sizes[heaviest]} bytes: {heaviest}")
    assert sizes[heaviest] <= LARGEST


def test_pages_arrive_compressed(readers_house: House, paths: dict[str, str]) -> None:
    for kind in ("home", "article", "wire report"):
        answer = readers_house.get(paths[kind], headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip", kind
        assert int(answer.headers["content-length"]) < LARGEST, kind


def contrast(page: Page, selector: str) -> float:
    """Contrast of an element's text on the page's ground (WCAG 2.2, 1.4.3)."""
    script = """node => {
      const light = css => {
        const [r, g, b] = css.match(/[\\d.]+/g).slice(0, 3).map(n => n / 255)
          .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = light(getComputedStyle(document.body).backgroundColor);
      const text = light(getComputedStyle(node).color);
      return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
    }"""
    return float(page.locator(selector).first.evaluate(script))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(
    readers_house: House, paths: dict[str, str], window: Callable[..., Page], scheme: str
) -> None:
    page = window(scripts=True, color_scheme=scheme)
    page.goto(readers_house.url + paths["article"])
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0] * 1")
    assert (ground < 80) == (scheme == "dark")
    for selector in ("h1", ".text p", ".standfirst", ".kicker", ".article-margin", "footer a"):
        assert contrast(page, selector) >= 4.5, selector
    page.goto(readers_house.url + "/")
    for selector in ("h2.headline a", ".meta", ".latest time", ".ad-mark", ".section-nav a"):
        assert contrast(page, selector) >= 4.5, selector


def test_print_shows_the_article_and_its_source_only(
    readers_house: House, paths: dict[str, str], window: Callable[..., Page]
) -> None:
    page = window(scripts=True, viewport=DESK)
    page.goto(readers_house.url + paths["article"])
    page.emulate_media(media="print")
    for hidden in (".ad", ".section-nav", ".search-slip", ".article-aside", ".share"):
        assert page.locator(f"{hidden}:visible").count() == 0, hidden
    for shown in ("h1", ".text p", ".print-source"):
        assert page.locator(f"{shown}:visible").count() > 0, shown
    assert readers_house.url + paths["article"] in page.locator(".print-source").inner_text()


def test_the_keyboard_reaches_the_news_first(
    readers_house: House, window: Callable[..., Page]
) -> None:
    page = window(scripts=True, viewport=DESK)
    page.goto(readers_house.url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert page.locator("a.skip").is_visible()


def test_no_page_shows_a_template_mark(readers_house: House, paths: dict[str, str]) -> None:
    more = ["/about/", "/imprint/", "/terms/", "/privacy/", "/corrections/", "/demo/inbox/"]
    for path in [*paths.values(), *more]:
        text = html.fromstring(readers_house.get(path).text).text_content()
        assert "{{" not in text, path
        assert "{%" not in text, path
