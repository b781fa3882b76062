"""The pages around money, as readers and the publisher see them: whole, sound, no wider than a
phone, in the light and in the dark. Which ones: `looked_at.py`.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e import desk
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.full_money import PASSWORD
from tests.e2e.house import House, broadsheet, copied, served
from tests.e2e.looked_at import DESK_SCREENS, MINE, READERS, ROWS, STATUSES
from tests.e2e.test_desk_screens import AT_ONCE, OURS, TOO_WIDE, violations
from tests.e2e.till import Till
from tests.waiting import wait_until

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OF_THE_DESK = {"runOnly": RULES["runOnly"][:-1], "resultTypes": ["violations"]}
INKS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""In the dark nothing is another but the colours."""
WITH_SCRIPTS = {"sign-in by passkey": 3}
"""Pages that have scripts, and how many; only a script can ask for a passkey."""
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of what is looked at, for human eyes."""


@pytest.fixture(scope="module")
def full_house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo with readers in every state, and a bank that took money back."""
    home = copied(demo_home, tmp_path_factory.mktemp("money") / "var")
    filled = broadsheet(home, "shell", "-c", "from tests.e2e.full_money import fill; fill()")
    assert filled.returncode == 0, filled.stderr
    with served(home) as house:
        dispute(house)
        yield house


def dispute(house: House) -> None:
    """The newest charge of somebody else is taken back by the bank."""
    newest = f"SELECT ref FROM ledger_payment WHERE NOT {MINE} ORDER BY id DESC"
    charge = house.rows(newest)[0][0]
    Till(house).ask("POST", f"/control/charges/{charge}/dispute", fee=1500)
    told = "SELECT count(*) FROM ledger_dispute"
    wait_until(lambda: house.rows(told)[0][0], what="the paper has heard of the dispute")


@pytest.fixture(scope="module")
def windows(browser: Browser, full_house: House) -> Iterator[Callable[[str], Page]]:
    """The window of each person, signed in when it is asked for first."""
    opened: dict[str, BrowserContext] = {}

    def of(who: str) -> Page:
        if who in opened:
            return opened[who].pages[0]
        context = opened[who] = browser.new_context()
        context.set_default_timeout(60_000)
        if who == "editor":
            return desk.sign_in(context, full_house)
        page = context.new_page()
        if who:
            sign_in(page, full_house, who)
        return page

    yield of
    for context in opened.values():
        context.close()


def sign_in(page: Page, house: House, who: str) -> None:
    page.goto(f"{house.url}/accounts/login/")
    page.fill("input[name=login]", f"{who}@merrow.example")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in with password").click()
    page.wait_for_url(f"{house.url}/account/")


def address(house: House, where: str) -> str:
    """Where a page is, with the row or the link that it is about."""
    found = {name: house.rows(sql)[0][0] for name, sql in ROWS.items() if f"{{{name}}}" in where}
    return house.url + where.format(**found)


def dressed(page: Page, viewport: Any, scheme: Any) -> None:
    """The page at that size and in that light."""
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)


def picture(page: Page, name: str) -> None:
    """A picture of the page as it is now, when pictures are wanted."""
    if SHOTS:
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : ''")
        width = page.viewport_size["width"] if page.viewport_size else 0
        words = "-".join(f"{name} {width} {scheme}".split()).replace("/", "-")
        page.screenshot(path=f"{SHOTS}/{words}.png", full_page=True)


def is_wider(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("name", READERS)
def test_a_page_of_a_reader_is_sound_on_a_phone_and_on_a_desk_in_the_dark(
    full_house: House, windows: Callable[[str], Page], name: str
) -> None:
    who, where = READERS[name]
    page = windows(who)
    dressed(page, PHONE, "light")
    answer = page.goto(address(full_house, where))
    assert answer is not None and answer.status == STATUSES.get(name, 200)
    assert page.locator("script:not([type])").count() == WITH_SCRIPTS.get(name, 0)
    picture(page, name)
    assert not is_wider(page)
    assert violations(page, RULES) == []
    dressed(page, DESK, "dark")
    picture(page, name)
    assert not is_wider(page)
    assert violations(page, INKS) == []


@pytest.mark.parametrize("name", DESK_SCREENS)
def test_a_screen_about_money_is_sound_on_a_desk_and_on_a_phone_in_the_dark(
    full_house: House, windows: Callable[[str], Page], name: str
) -> None:
    page = windows("editor")
    dressed(page, DESK, "light")
    answer = page.goto(address(full_house, DESK_SCREENS[name]))
    assert answer is not None and answer.status == 200
    page.add_style_tag(content=AT_ONCE)
    picture(page, f"desk {name}")
    assert violations(page, OF_THE_DESK, OURS) == []
    dressed(page, PHONE, "dark")
    picture(page, f"desk {name}")
    assert violations(page, INKS, OURS) == []
    assert page.evaluate(TOO_WIDE) == []
