"""The desk's own screens: nothing for axe-core to find, and nothing wider than a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e import desk
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House, broadsheet, copied, served

FORM = "/desk/snippets/desk/article/edit/{}/"
ARTICLES = "SELECT id FROM desk_article WHERE "
QUEUES = ("new", "updates", "stale", "held", "later", "quarantine")
SCREENS = {
    "home": "/desk/",
    "all": "/desk/incoming/?source=quill",
    "nothing found": "/desk/incoming/?q=zzzz",
    **{name: f"/desk/queues/{name}/" for name in QUEUES},
    "articles": "/desk/snippets/desk/article/?q=lock",
    "a new report": "/desk/snippets/desk/article/add/",
    "premium": "/desk/premium/?day=2000-01-01",
    "today's premium": "/desk/premium/",
    "feeds": "/desk/feeds/",
    "a new feed": "/desk/feeds/new/",
    "sources": "/desk/sources/",
    "rules": "/desk/rules/",
    "pictures": "/desk/pictures/?q=tram",
    "asked to withdraw": "/desk/requests/",
    "titles": "/desk/titles/",
    "a new title": "/desk/titles/new/",
    "sections": "/desk/sections/",
    "section rights": "/desk/section_rights/",
    "time rules": "/desk/time_rules/",
    "a new time rule": "/desk/time_rules/new/",
    "free articles": "/desk/free_limits/",
    "the meter": "/desk/settings/subscriptions/meterpolicy/1/",
    "licensees": "/desk/licensees/",
    "a new licensee": "/desk/licensees/add/",
    "readers": "/desk/business/overview/",
    "import of subscribers": "/desk/business/imports/",
    "why stopped": "/desk/business/decisions/",
    "no such reader": "/desk/business/decisions/?q=nobody@merrow.example",
    "why one reader was stopped": "/desk/business/decisions/?q=reader@merrow.example",
    "the paper": "/desk/settings/desk/paper/1/",
}
OF_ONE = {
    "staff's report": (FORM, ARTICLES + "item_id IS NULL AND live AND withdrawn_at IS NULL"),
    "the wire's report": (FORM, ARTICLES + "stale_since IS NOT NULL"),
    "a waiting update": (FORM, ARTICLES + "waiting_id IS NOT NULL"),
    "a withdrawn report": (FORM, ARTICLES + "withdrawn_at IS NOT NULL"),
    "three texts": ("/desk/articles/{}/compare/", ARTICLES + "waiting_id IS NOT NULL"),
    "a log": ("/desk/articles/{}/log/", ARTICLES + "waiting_id IS NOT NULL"),
    "a correction": ("/desk/articles/{}/correct/", ARTICLES + "live AND path IS NOT NULL"),
    "a withdrawal": ("/desk/articles/{}/withdraw/", ARTICLES + "live AND path IS NOT NULL"),
    "an item": ("/desk/incoming/{}/", "SELECT id FROM wire_item WHERE key='urn:quill:m'"),
    "a feed": ("/desk/feeds/{}/", "SELECT id FROM wire_feed WHERE name='quill'"),
    "a source": ("/desk/sources/edit/{}/", "SELECT id FROM wire_source WHERE name='quill'"),
    "a rule": ("/desk/rules/edit/{}/", "SELECT id FROM desk_rule ORDER BY id"),
    "a picture": ("/desk/pictures/{}/", "SELECT id FROM desk_picture ORDER BY id"),
    "its credit": ("/desk/images/{}/", "SELECT id FROM desk_picture ORDER BY id"),
}
AXE = Axe()
WAGTAILS = [
    [
        ".DraftEditor-root"
    ],  # Draftail's text box has no name of its own, and scrolls while it grows.
    [".ui-autocomplete-input"],  # Nor has the box for tags.
    [".jcrop-holder"],  # The frame for the focal point.
]
AT_ONCE = "*, ::before { transition: none !important }"
"""No colour is judged on its way from light to dark."""
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # What is sound is not told in full: it takes most of the time.
}
LAID_OUT = {
    "runOnly": [
        "color-contrast",
        "target-size",
        "scrollable-region-focusable",
        "link-in-text-block",
    ],
    "resultTypes": ["violations"],
}
"""What the size of the window and the light decide; the rest was asked before."""
OURS = {"include": [["main .content"]], "exclude": [[".w-z-header"], *WAGTAILS]}
"""Our part of the page; Wagtail's own menu and header stay out."""
TOO_WIDE = """() => [...document.querySelectorAll("main .content *")].filter((one) => {
  const box = one.getBoundingClientRect();
  const hidden = one.closest(
    ".w-z-header, .w-sr-only, .desk-stack thead, .Draftail-Editor, .jcrop-holder, aside");
  const scrolls = one.closest("[role=region][tabindex]");
  if (!box.width || !box.height || hidden || (scrolls && scrolls !== one)) return false;
  return box.right > innerWidth + 1 && getComputedStyle(one).visibility !== "hidden";
}).map((one) => one.tagName + "." + one.className + " " + one.textContent.trim().slice(0, 40))"""
"""What sticks out of the window. Wagtail's main cuts it off, so nothing would scroll to it."""


@pytest.fixture(scope="module")
def full_house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo with work in every queue."""
    home = copied(demo_home, tmp_path_factory.mktemp("full") / "var")
    filled = broadsheet(home, "shell", "-c", "from tests.e2e.full_desk import fill; fill()")
    assert filled.returncode == 0, filled.stderr
    with served(home) as house:
        yield house


@pytest.fixture(scope="module")
def editor(browser: Browser, full_house: House) -> Iterator[Page]:
    """The editor's window, signed in once."""
    context = browser.new_context(viewport=DESK)
    context.set_default_timeout(60_000)
    yield desk.sign_in(context, full_house)
    context.close()


def violations(page: Page, options: dict[str, Any], where: Any = None) -> list[str]:
    """What axe-core finds; it is brought into the page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    run = "([where, options]) => axe.run(where ?? document, options)"
    found = page.evaluate(run, [where, options])["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def address(house: House, name: str) -> str:
    """Where a screen is; the first row that its question finds."""
    if name in SCREENS:
        return house.url + SCREENS[name]
    path, question = OF_ONE[name]
    return house.url + path.format(house.rows(question)[0][0])


@pytest.mark.parametrize("name", [*SCREENS, *OF_ONE])
def test_a_screen_of_the_desk_is_sound_on_a_desk_and_on_a_phone_in_the_dark(
    full_house: House, editor: Page, name: str
) -> None:
    editor.set_viewport_size(DESK)
    editor.emulate_media(color_scheme="light")
    answer = editor.goto(address(full_house, name))
    assert answer is not None and answer.status == 200
    editor.add_style_tag(content=AT_ONCE)
    assert violations(editor, RULES, OURS) == []
    editor.set_viewport_size(PHONE)
    editor.emulate_media(color_scheme="dark")
    assert violations(editor, LAID_OUT, OURS) == []
    assert editor.evaluate(TOO_WIDE) == []
