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
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House, broadsheet, copied, served
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_reader import sign_in
from tests.e2e.test_subscriber import looked_at, new_address, pay, sign_up
from tests.e2e.test_ways_in import registered, with_a_chip
from tests.e2e.till import Till, quiet_in_the_end
from tests.waiting import wait_until

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


@pytest.fixture(scope="module")
def till(house: House) -> Iterator[Till]:
    """The gateway; the books must balance in the end."""
    with quiet_in_the_end(house) as till:
        yield till


def main(page: Page) -> Any:
    """What the page says, to be expected of."""
    return expect(page.locator("main"))


def subscribed(page: Page, house: House) -> str:
    """A new reader with the quarterly plan; returns the address."""
    address = new_address().replace("zoe", "una")
    page.goto(f"{house.url}/subscribe/smart-quarterly/")
    sign_up(page, house, address)
    page.get_by_role("button", name="Pay ₹900").click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
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


def test_a_passkey_is_set_up_and_opens_the_account_without_a_word(
    house: House, window: Callable[..., Page], looked_at: Look
) -> None:
    page = window(scripts=True, viewport=DESK)
    with_a_chip(page)
    address = registered(page, house)
    account(page, house)
    page.get_by_role("link", name="Two-step sign-in").click()
    page.locator("section", has_text="Passkeys").get_by_role("link", name="Add").click()
    looked_at(page)
    page.get_by_label("Name").fill("Telephone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile("/accounts/2fa/(?!webauthn/add)"))
    looked_at(page)
    account(page, house)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{house.url}/accounts/login/")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{house.url}/account/")
    main(page).to_contain_text(address)


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


def test_what_was_read_without_an_account_stands_in_its_history_and_goes_again(
    house: House, window: Callable[..., Page]
) -> None:
    page, headlines = window(), []
    for path in house.addresses("metered")[:2]:
        page.goto(house.url + path)
        headlines.append(page.locator("h1.headline").inner_text())
    registered(page, house)

    def listed() -> list[str]:
        page.goto(f"{house.url}/account/history/")
        return [one for one in headlines if page.get_by_role("link", name=one).count()]

    wait_until(lambda: listed() == headlines, what="both reports stand in the history")
    page.get_by_role("button", name=re.compile(f"Delete.+{re.escape(headlines[0])}")).click()
    assert listed() == headlines[1:]
    page.get_by_role("button", name="Delete it and remember no more").click()
    main(page).to_contain_text("Switched off")
    assert listed() == []


def test_a_report_goes_on_on_another_device_where_the_reader_was(
    house: House, window: Callable[..., Page], looked_at: Look
) -> None:
    desk, phone = window(scripts=True, viewport=DESK), window(scripts=True, viewport=PHONE)
    for page in (desk, phone):
        sign_in(page, house, "subscriber")
        page.wait_for_url(f"{house.url}/account/")
    report = house.url + longest(house)
    with desk.expect_response("**/account/place/?article=*"):
        desk.goto(report)
    desk.locator(".text p").nth(7).evaluate("one => one.scrollIntoView()")
    desk.wait_for_timeout(200)
    desk.goto(f"{house.url}/account/history/")
    with phone.expect_response("**/account/place/?article=*") as asked:
        phone.goto(report)
    place = asked.value.json()["place"]
    assert place > 3
    button = phone.locator(".article-margin").get_by_role("button").last
    button.scroll_into_view_if_needed()
    looked_at(phone)
    button.click()
    top = "place => document.querySelectorAll('.text > p, .text > .paywall > p')[place]"
    reached = phone.evaluate(f"place => ({top})(place).getBoundingClientRect().top", place)
    assert abs(reached) < PHONE["height"] / 2
    desk.reload()
    main(desk).to_contain_text(re.compile(r"read to \d+ %"))


def longest(house: House) -> str:
    """A report of ours with many paragraphs."""
    return max(house.addresses("premium"), key=lambda path: house.get(path).text.count("<p>"))


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


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_coupon_lowers_the_price_and_a_cancelled_plan_is_kept_after_all(
    house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    page.goto(f"{house.url}/subscribe/")
    for code, said in (("NOSUCHCODE", "not valid"), ("tenoff", "10")):
        page.get_by_label("Coupon code").fill(code)
        page.get_by_role("button", name="Use the code").click()
        expect(page.locator(".messages")).to_contain_text(said)
        look(page)
    page.get_by_role("link", name="Choose Smart Quarterly").click()
    sign_up(page, house, new_address().replace("zoe", "ute"))
    expect(page.locator(".sum-total")).to_contain_text("₹810")
    main(page).to_contain_text("18% GST included")
    look(page)
    page.get_by_role("button", name="Pay ₹810").click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
    account(page, house)
    main(page).to_contain_text(re.compile(r"Next charge: ₹810 on \d+ \w+ 20\d\d"))
    page.get_by_role("link", name="Cancel the subscription").click()
    page.get_by_role("button", name="Cancel now").click()
    main(page).to_contain_text("nothing more is charged")
    look(page)
    page.get_by_role("button", name="Keep the subscription").click()
    expect(page.locator(".messages")).to_contain_text("Your subscription goes on.")
    main(page).to_contain_text("Next charge: ₹810")


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_firm_gives_its_tax_number_and_withdraws_in_two_steps(
    house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = registered(page, house, "firm")
    account(page, house, "Billing details")
    page.get_by_label("Name or company").fill("Sable & Finch GmbH")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Address").fill("Wharf Lane 12\n20457 Hamburg")
    for number in ("DE136695977", "DE136695976"):
        page.get_by_label("Tax number").fill(number)
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".errorlist")).to_have_count(1 if number.endswith("7") else 0)
        look(page)
    page.goto(f"{house.url}/subscribe/smart-essential/")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    pay(page)
    account(page, house, "Invoice MC-")
    for words in ("Sable & Finch GmbH", "20457 Hamburg", "DE136695976"):
        main(page).to_contain_text(words)
    account(page, house, "Withdraw from the contract")
    look(page)
    page.get_by_label("Your name").fill("Uwe Finch")
    page.get_by_role("button", name="Withdraw from the contract").click()
    main(page).to_contain_text("I withdraw from this contract")
    main(page).to_contain_text(address)
    look(page)
    page.get_by_role("button", name="Confirm withdrawal").click()
    main(page).to_contain_text("You withdrew from the contract about Smart Essential")
    look(page)
    account(page, house)
    main(page).to_contain_text("Credit note MC-")
    page.goto(house.url + house.addresses("premium")[0])
    assert page.locator("article.article-full").count() == 0


def test_the_link_in_the_mail_of_the_contract_withdraws_without_signing_in(
    house: House, till: Till, window: Callable[..., Page], looked_at: Look
) -> None:
    page, other = window(), window(scripts=True)
    address = registered(page, house, "mail")
    account(page, house, "Billing details")
    page.get_by_label("Name or company").fill("Mia Larsen")
    page.get_by_label("Country").select_option("FR")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{house.url}/subscribe/smart-quarterly/")
    page.get_by_role("button", name="Pay ₹900").click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
    text = 'SELECT text FROM accounts_mail WHERE "to"=%s AND text LIKE %s'
    (mail,) = house.rows(text, address, "%/subscribe/withdraw/%")[0]
    link = re.search(r"/subscribe/withdraw/\S+", mail)
    assert link
    other.goto(house.url + link[0])
    looked_at(other)
    other.get_by_label("Your name").fill("Mia Larsen")
    other.get_by_role("button", name="Withdraw from the contract").click()
    other.get_by_role("button", name="Confirm withdrawal").click()
    main(other).to_contain_text("₹900 goes back the way it was paid")


def test_a_charge_that_failed_is_paid_with_another_card(
    house: House, till: Till, window: Callable[..., Page], looked_at: Look
) -> None:
    page = window(scripts=True)
    sign_in(page, house, "overdue")
    main(page).to_contain_text("Nothing is lost: you read on until")
    door = page.get_by_role("link", name=re.compile("with another card$"))

    def leads_here() -> bool:
        page.reload()
        return f":{house.port + 1}/" in str(door.get_attribute("href"))

    wait_until(leads_here, within=60, what="the gateway was asked about the charge")
    door.click()
    expect(page).to_have_title(re.compile("Fakepay"))
    pay(page)
    # The way back was written down in the demo's past, when the paper had another port.
    page = page.context.new_page()

    def is_settled() -> bool:
        account(page, house)
        return "Next charge: " in page.inner_text("main")

    wait_until(is_settled, within=60, what="the charge is taken up")
    main(page).not_to_contain_text("failed")
    looked_at(page)
