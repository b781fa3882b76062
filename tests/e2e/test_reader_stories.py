"""What readers do with an account, in a browser: other ways in, what is remembered, what is paid.

The stories that need a plan from the wall are in test_subscriber.py, those of another plan in
test_changing_plans.py, those of taking everything away in test_own_data.py.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from broadsheet.accounts.tests.issuer import issuing
from tests.e2e.house import House, broadsheet, copied, served
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_reader import sign_in
from tests.e2e.test_subscriber import looked_at, new_address, sign_up

__all__ = ["looked_at"]
Look = Callable[[Page], None]


@pytest.fixture(scope="module")
def house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo with readers in every state, a coupon, questions of consent and an issuer, Quay."""
    home = copied(demo_home, tmp_path_factory.mktemp("stories") / "var")
    filled = broadsheet(home, "shell", "-c", "from tests.e2e.full_money import fill; fill()")
    assert filled.returncode == 0, filled.stderr
    with issuing() as (_, quay):
        line = " | ".join((quay.slug, quay.name, quay.url, quay.client, quay.secret))
        with served(home, BROADSHEET_SIGN_IN_WITH=line) as house:
            yield house


def main(page: Page) -> Any:
    """What the page says, to be expected of."""
    return expect(page.locator("main"))


def registered(page: Page, house: House, name: str = "noor") -> str:
    """A new account without anything; returns the address."""
    address = new_address().replace("zoe", name)
    page.goto(f"{house.url}/accounts/signup/")
    sign_up(page, house, address)
    return address


def account(page: Page, house: House, button: str = "") -> None:
    """The overview, and a link on it."""
    page.goto(f"{house.url}/account/")
    if button:
        page.locator("main").get_by_role("link", name=button).click()


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_an_account_elsewhere_opens_one_here_and_is_parted_with_again(
    house: House, window: Callable[..., Page], viewport, scripts
) -> None:
    page = window(viewport=viewport, scripts=scripts)
    wanted = house.url + house.addresses("registered")[0]
    page.goto(wanted)
    page.locator(".wall").get_by_role("link", name="Log in").click()
    page.get_by_role("button", name="Continue with Quay").click()
    page.wait_for_url(wanted)
    assert page.locator("article.article-full").count() == 1
    account(page, house, "Other accounts")
    main(page).to_contain_text("ida@lantern.example")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Connect Quay")).to_be_visible()
    main(page).not_to_contain_text("Connected since")
    account(page, house)
    main(page).to_contain_text("ida@lantern.example")


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_consent_is_asked_for_and_refused_as_easily_and_taken_into_the_account(
    house: House, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    page = window(viewport=viewport, scripts=scripts)
    page.goto(f"{house.url}/")
    page.get_by_role("link", name="Privacy choices").click()
    assert page.get_by_text("Not answered: it does not happen.").count() == 2
    page.get_by_role("button", name="Refuse all").click()
    assert page.get_by_text("You refused it.").count() == 2
    page.get_by_role("button", name=re.compile("Allow.+Measuring")).click()
    main(page).to_contain_text("You allowed it.")
    if scripts:
        looked_at(page)
    registered(page, house)
    page.goto(f"{house.url}/account/choices/")
    assert page.get_by_text("You allowed it.").count() == 1
    assert page.get_by_text("You refused it.").count() == 1


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_device_gets_a_name_and_one_alone_is_signed_out(
    house: House, window: Callable[..., Page], viewport, scripts
) -> None:
    page, tablet, third = (window(viewport=viewport, scripts=scripts) for _ in range(3))
    for one in (tablet, third, page):
        sign_in(one, house, "subscriber")
        one.wait_for_url(f"{house.url}/account/")
    tablet.goto(f"{house.url}/account/devices/")
    mine = tablet.locator(".devices > li", has_text="This device")
    mine.locator("summary").click()
    mine.get_by_label("Name").fill("Kitchen tablet")
    mine.get_by_role("button", name="Keep the name").click()
    expect(tablet.locator(".devices h2", has_text="Kitchen tablet")).to_be_visible()
    page.goto(f"{house.url}/account/devices/")
    page.get_by_role("button", name=re.compile("Sign out.+Kitchen tablet")).click()
    main(page).not_to_contain_text("Kitchen tablet")
    tablet.goto(f"{house.url}/account/")
    assert "/account/" not in tablet.url.removesuffix("?next=/account/")
    third.goto(f"{house.url}/account/")
    assert third.url == f"{house.url}/account/"
