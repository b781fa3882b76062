"""Every page on the ways into an account that only a step shows: codes, two-step sign-in, passkeys,
a first password, who are you. axe-core looks at each; the lists of `looked_at.py` have the others.
"""

import re
from collections.abc import Callable

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Page, expect

from tests.e2e.house import House
from tests.e2e.test_subscriber import looked_at, new_address, sign_up
from tests.e2e.till import code_for

__all__ = ["looked_at"]
Look = Callable[[Page], None]
CHIP = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def opened(page: Page, house: House, where: str) -> None:
    """The page at that address, and nowhere else."""
    answer = page.goto(house.url + where)
    assert answer is not None and answer.ok
    assert page.url == house.url + where


def registered(page: Page, house: House, name: str = "wim") -> str:
    """A new account without anything; returns its address."""
    address = new_address().replace("zoe", name)
    page.goto(f"{house.url}/accounts/signup/")
    sign_up(page, house, address)
    return address


def with_a_chip(page: Page) -> None:
    """The device has what passkeys are kept in, and its owner's finger is always on it."""
    chip = page.context.new_cdp_session(page)
    chip.send("WebAuthn.enable")
    chip.send("WebAuthn.addVirtualAuthenticator", {"options": CHIP})


def app_codes(secret: str) -> list[str]:
    """What an authenticator app showed before, shows now and shows next (RFC 6238): each is taken
    once."""
    counters = yield_hotp_counters_from_time()
    return [format_hotp_value(hotp_value(secret, counter)) for counter in counters]


def submit(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name).first.click()


def test_the_pages_of_an_authenticator_app_are_sound(
    readers_house: House, window: Callable[..., Page], looked_at: Look
) -> None:
    page = window(scripts=True)
    address = registered(page, readers_house)
    opened(page, readers_house, "/accounts/password/set/")
    looked_at(page)
    opened(page, readers_house, "/accounts/2fa/totp/activate/")
    secret = page.get_by_label("Authenticator secret").input_value()
    page.fill("input[name=code]", app_codes(secret)[1])
    submit(page, "Activate")
    page.wait_for_url(re.compile("/accounts/2fa/recovery-codes/"))
    looked_at(page)
    for where in ("", "recovery-codes/generate/", "totp/deactivate/", "reauthenticate/"):
        opened(page, readers_house, f"/accounts/2fa/{where}")
        looked_at(page)
    opened(page, readers_house, "/accounts/logout/")
    looked_at(page)
    submit(page, "Sign out")
    signs_in_with_both(page, readers_house, address, secret, looked_at)


def signs_in_with_both(page: Page, house: House, address: str, secret: str, look: Look) -> None:
    """The code of the mail, then that of the app."""
    page.goto(f"{house.url}/accounts/login/code/")
    page.fill("input[name=email]", address)
    page.locator("main button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/accounts/login/code/confirm/"))
    look(page)
    page.fill("input[name=code]", code_for(house, address))
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    look(page)
    page.fill("input[name=code]", app_codes(secret)[2])
    submit(page, "Sign in")
    page.goto(f"{house.url}/account/")
    expect(page.locator("main")).to_contain_text(address)


def test_the_pages_of_passkeys_are_sound(
    readers_house: House, window: Callable[..., Page], looked_at: Look
) -> None:
    page = window(scripts=True)
    with_a_chip(page)
    registered(page, readers_house)
    opened(page, readers_house, "/accounts/2fa/webauthn/add/")
    looked_at(page)
    page.get_by_label("Name").fill("Telephone")
    submit(page, "Add")
    page.wait_for_url(re.compile("/accounts/2fa/(?!webauthn/add)"))
    opened(page, readers_house, "/accounts/2fa/webauthn/")
    looked_at(page)
    key = readers_house.rows("SELECT max(id) FROM mfa_authenticator WHERE type='webauthn'")[0][0]
    for where in (f"keys/{key}/edit/", f"keys/{key}/remove/", "reauthenticate/"):
        opened(page, readers_house, f"/accounts/2fa/webauthn/{where}")
        looked_at(page)
