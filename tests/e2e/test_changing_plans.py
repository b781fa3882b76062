"""Another plan, in a browser: the price before, one charge, the bank that asks, the invoice."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House, wait_until
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_subscriber import looked_at, new_address, pay, sign_up
from tests.e2e.till import Till, books

__all__ = ["looked_at"]
ASKS = "4000 0027 6000 3184"
CHANGED_ONCE = {
    "live": 1, "subscriptions": 1, "payments": 2, "invoices": 2, "welcomes": 1, "charged": 2,
}  # fmt: skip


def subscribed(page: Page, house: House) -> str:
    """A new reader with the quarterly plan; returns the address."""
    address = new_address().replace("zoe", "mia")
    page.goto(f"{house.url}/subscribe/smart-quarterly/")
    sign_up(page, house, address)
    page.get_by_role("button", name="Pay ₹900").click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
    return address


def to_the_quote(page: Page, house: House, plan: str, look: Callable[[Page], None]) -> None:
    page.goto(f"{house.url}/account/")
    page.get_by_role("link", name="Change the plan").click()
    look(page)
    page.get_by_role("link", name=f"See what you pay for {plan}").click()
    look(page)


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_dearer_plan_at_once_then_a_smaller_one_planned_and_taken_back(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = subscribed(page, paying_house)
    to_the_quote(page, paying_house, "Smart Essential", look)
    for words in ("₹2,700", "−₹900", "unused days of Smart Quarterly", "₹1,800", "Next charge"):
        expect(page.locator("main")).to_contain_text(words)
    page.get_by_role("button", name="Change and pay ₹1,800").dblclick()
    expect(page.locator("main")).to_contain_text("Your plan is Smart Essential now")
    look(page)
    wait_until(lambda: books(paying_house, address) == CHANGED_ONCE, within=10, what="one charge")
    the_invoice(page, paying_house)
    to_the_quote(page, paying_house, "Smart Quarterly", look)
    page.get_by_role("button", name=re.compile("^Change on ")).click()
    expect(page.locator("main")).to_contain_text("Smart Quarterly begins with the next charge")
    look(page)
    page.get_by_role("button", name="Keep Smart Essential").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"Next charge: ₹2,700 on \d+ \w+ 20"))
    assert books(paying_house, address) == CHANGED_ONCE


def the_invoice(page: Page, house: House) -> None:
    """The newest invoice as a file, by its link."""
    where = page.locator("#invoices ~ ul a", has_text="PDF").first.get_attribute("href")
    answer = page.request.get(house.url + str(where))
    assert answer.headers["content-type"] == "application/pdf"
    text = PdfReader(BytesIO(answer.body())).pages[0].extract_text()
    assert "₹1,800" in text
    assert "less ₹900 for unused days of Smart Quarterly" in " ".join(text.split())


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desktop"])
def test_a_bank_that_asks_is_answered_on_the_gateways_page(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, looked_at
) -> None:
    page = window(viewport=viewport, scripts=True)
    address = subscribed(page, paying_house)
    ref = till.agreements(address)[0]["ref"]
    till.ask("POST", f"/control/agreements/{ref}/card", number=ASKS)
    to_the_quote(page, paying_house, "Super Saver", looked_at)
    page.get_by_role("button", name=re.compile("^Change and pay")).click()
    expect(page).to_have_title(re.compile("Fakepay"))
    looked_at(page)
    page.goto(f"{paying_house.url}/account/")
    expect(page.locator("main")).to_contain_text("Nothing was charged, and your plan is as before")
    looked_at(page)
    page.get_by_role("link", name="Pay ₹3,000").click()
    page.get_by_role("button", name=re.compile("with card")).click()
    looked_at(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Super Saver is paid until")
    assert books(paying_house, address) == CHANGED_ONCE
