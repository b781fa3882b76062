"""Another card, in a browser: the button, the gateway's page, a refusal, the bank, and back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.house import House
from tests.e2e.test_changing_plans import ASKS, subscribed
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_subscriber import looked_at
from tests.e2e.till import Till

__all__ = ["looked_at"]


def typed(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Valid until").fill("04/49")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Use this card").click()


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_declined_card_then_one_whose_bank_asks_then_the_next_charge(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = subscribed(page, paying_house)
    page.goto(f"{paying_house.url}/account/")
    expect(page.locator("main")).to_contain_text("Card •••• 4242 (")
    look(page)
    page.get_by_role("button", name="Change the card").click()
    expect(page).to_have_title(re.compile("Fakepay"))
    expect(page.locator("main")).to_contain_text("Until now: card •••• 4242")
    look(page)
    typed(page, "4000 0000 0000 0002")
    expect(page.get_by_role("alert")).to_contain_text("Your card is as before")
    look(page)
    typed(page, ASKS)
    look(page)
    page.get_by_role("button", name="Refuse").click()
    typed(page, "5555 5555 5555 4444")
    said = "Your card is changed: later charges are taken from card •••• 4444"
    expect(page.locator("body")).to_contain_text(said)
    expect(page.locator("main")).to_contain_text("Card •••• 4444 (04/49)")
    look(page)
    (agreement,) = till.agreements(address)
    assert agreement["paid"] == 1, "nothing is charged by it"
    mails = paying_house.rows(
        'SELECT text FROM accounts_mail WHERE "to"=%s ORDER BY id DESC LIMIT 1', address
    )
    assert "no longer to card •••• 4242" in " ".join(mails[0][0].split())
