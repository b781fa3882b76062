"""Time that is not paid for, and time that is paid once, in a browser: a trial that ends before it
costs anything, a pause that is planned and one that is ended, a plan that ends by itself.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import desk
from tests.e2e.conftest import DESK
from tests.e2e.house import House, broadsheet, copied, served
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_reader import sign_in
from tests.e2e.test_subscriber import is_full, looked_at, new_address, pay, sign_up
from tests.e2e.till import NOTHING_PAID, PAID_ONCE, Till, books, quiet_in_the_end
from tests.waiting import wait_until

__all__ = ["looked_at"]
Look = Callable[[Page], None]
DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d")
ZONE = ZoneInfo("Europe/Lisbon")
"""Where the demo's days begin."""
RESTING = {"phone": "resting", "desktop-scripts": "away"}
"""Who rests in `full_money`: each of them goes on once."""


@pytest.fixture(scope="module")
def house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo with readers in every state."""
    home = copied(demo_home, tmp_path_factory.mktemp("pausing") / "var")
    filled = broadsheet(home, "shell", "-c", "from tests.e2e.full_money import fill; fill()")
    assert filled.returncode == 0, filled.stderr
    with served(home) as house:
        yield house


@pytest.fixture(scope="module")
def prepaid(house: House, browser: Browser) -> str:
    """The address of a plan that is paid once; the publisher makes it at the desk."""
    context = browser.new_context(viewport=DESK)
    page = desk.sign_in(context, house)
    page.goto(f"{house.url}/desk/business/plans/add/")
    for name, typed in (("name", "One Summer"), ("slug", "one-summer"), ("price", "750.00")):
        page.locator(f"#id_{name}").fill(typed)
    page.get_by_label("Paid once").check()
    for right in ("unlimited", "premium"):
        page.locator(f"input[name=entitlements][value={right}]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("One Summer can be subscribed to.")
    context.close()
    return f"{house.url}/subscribe/one-summer/"


@pytest.fixture(scope="module")
def till(house: House) -> Iterator[Till]:
    """The gateway; the books must balance in the end."""
    with quiet_in_the_end(house) as till:
        yield till


def main(page: Page) -> Any:
    """What the page says, to be expected of."""
    return expect(page.locator("main"))


def account(page: Page, house: House, link: str) -> None:
    """A link of the overview."""
    page.goto(f"{house.url}/account/")
    page.get_by_role("link", name=link, exact=True).click()


def reads_in_full(page: Page, house: House) -> bool:
    """Whether a report for those who pay is there whole."""
    page.goto(house.url + house.addresses("premium")[0])
    return is_full(page)


def days_from_now(day: str) -> int:
    """How far away a day is that a page names."""
    named = datetime.strptime(day, "%d %B %Y").replace(tzinfo=ZONE).date()
    return (named - datetime.now(ZONE).date()).days


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_trial_names_the_first_charge_and_costs_nothing_when_it_is_cancelled(
    house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = new_address().replace("zoe", "tia")
    page.goto(f"{house.url}/subscribe/smart-household/")
    sign_up(page, house, address)
    charged = page.locator(".sum > div", has_text="First charge on")
    expect(charged).to_contain_text("₹4,800")
    found = DAY.search(charged.inner_text())
    assert found is not None
    day = found[0]
    assert days_from_now(day) == 14
    expect(page.locator(".sum-total")).to_contain_text("₹0")
    main(page).to_contain_text(f"Cancel before {day}, and it costs nothing.")
    look(page)
    page.get_by_role("button", name=f"Try it free, pay ₹4,800 from {day}").click()
    look(page)
    pay(page)
    main(page).to_contain_text(f"Your trial of Smart Household lasts until {day}")
    look(page)
    page.goto(f"{house.url}/account/")
    main(page).to_contain_text(f"Your trial ends on {day}; then ₹4,800 is charged")
    look(page)
    assert reads_in_full(page, house)
    account(page, house, "Cancel the subscription")
    main(page).to_contain_text(f"You read on until {day}, and nothing is charged.")
    look(page)
    page.get_by_role("button", name="Cancel now").click()
    main(page).to_contain_text(f"Cancelled. You read on until {day}; nothing more is charged.")
    look(page)
    assert reads_in_full(page, house), "the trial is had to its end"
    costless = NOTHING_PAID | {"live": 1, "subscriptions": 1}
    assert books(house, address) | {"welcomes": 0} == costless
    told = lambda: not till.agreements(address)[0]["renews"]  # noqa: E731
    wait_until(told, what="the gateway knows that nothing is to be charged")


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_pause_is_planned_with_its_days_and_taken_back(
    house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = new_address().replace("zoe", "pia")
    page.goto(f"{house.url}/subscribe/smart-quarterly/")
    sign_up(page, house, address)
    page.get_by_role("button", name="Pay ₹900").click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
    account(page, house, "Pause")
    look(page)
    month = page.get_by_label("1 month, until")
    month.check()
    texts = page.get_by_text("You read on until then"), page.locator("fieldset p").first
    begins, ends = [named[0] for one in texts if (named := DAY.search(one.inner_text()))]
    assert 89 <= days_from_now(begins) <= 92
    assert 28 <= days_from_now(ends) - days_from_now(begins) <= 31
    page.get_by_role("button", name=f"Pause from {begins}").click()
    main(page).to_contain_text("The pause is planned. A mail confirms it.")
    main(page).to_contain_text(f"You read on until {begins}. Then it is paused until {ends}")
    main(page).to_contain_text(f"Next charge: ₹900 on {ends}.")
    look(page)
    assert reads_in_full(page, house), "what is paid is read"
    page.goto(f"{house.url}/account/")
    page.get_by_role("button", name="Take the pause back").click()
    main(page).to_contain_text("The pause is taken back. A mail confirms it.")
    main(page).to_contain_text(f"Next charge: ₹900 on {begins}.")
    look(page)
    assert books(house, address) == PAID_ONCE


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_who_rests_meets_the_wall_and_goes_on_now_by_paying(
    house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    who = RESTING[request.node.callspec.id]
    sign_in(page, house, who)
    main(page).to_contain_text("Paused since")
    look(page)
    before = books(house, f"{who}@merrow.example")
    assert not reads_in_full(page, house)
    page.goto(f"{house.url}/account/")
    page.get_by_role("button", name="Go on now and pay ₹900").click()
    main(page).to_contain_text("Your subscription goes on.")
    main(page).to_contain_text(re.compile(r"Next charge: ₹900 on \d+ \w+ 20\d\d"))
    look(page)
    assert reads_in_full(page, house)
    after = books(house, f"{who}@merrow.example")
    more = {name: after[name] - before[name] for name in after}
    assert more == NOTHING_PAID | {"payments": 1, "invoices": 1}


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_what_is_paid_once_ends_by_itself_and_says_so(
    house: House, till: Till, prepaid: str, window: Callable[..., Page], viewport, scripts,
    looked_at: Look,
) -> None:  # fmt: skip
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = new_address().replace("zoe", "sol")
    page.goto(prepaid)
    sign_up(page, house, address)
    look(page)
    page.get_by_role("button", name="Pay ₹750").click()
    pay(page)
    main(page).to_contain_text("Paid once: it does not renew, and nothing more is charged.")
    look(page)
    page.goto(f"{house.url}/account/")
    main(page).to_contain_text(re.compile(r"Paid once\. It ends on \d+ \w+ 20\d\d"))
    main(page).not_to_contain_text("Next charge")
    assert page.get_by_role("link", name="Cancel the subscription").count() == 0
    look(page)
    assert reads_in_full(page, house)
    assert books(house, address) == PAID_ONCE
