"""From the wall to a paid subscription and back to the article, in a browser, in every way."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House
from tests.e2e.till import (
    DECLINED,
    GOOD,
    NOTHING_PAID,
    PAID_ONCE,
    Till,
    books,
    code_for,
    fill_card,
    pay_button,
)
from tests.waiting import wait_until

NUMBERS = count(1)
WINDOWS = [
    pytest.param(PHONE, False, id="phone"),
    pytest.param(PHONE, True, id="phone-scripts"),
    pytest.param(DESK, False, id="desktop"),
    pytest.param(DESK, True, id="desktop-scripts"),
]


@pytest.fixture
def looked_at() -> Callable[[Page], None]:
    """axe-core finds nothing on the page (WCAG 2.2 A and AA); pages without scripts are passed."""
    axe = Axe()

    def look(page: Page) -> None:
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa",
                                                   "best-practice"]})  # fmt: skip
        assert found.violations_count == 0, found.generate_report()

    return look


def new_address() -> str:
    return f"zoe{next(NUMBERS)}@tarn.example"


def is_full(page: Page) -> bool:
    return page.locator("article.article-full").count() == 1 and page.locator(".wall").count() == 0


def to_the_wall(page: Page, house: House, skip: int = 3) -> str:
    """Read what is free; returns the address of the article behind the wall."""
    metered = house.addresses("metered")
    for path in metered[: skip + 1]:
        page.goto(house.url + path)
    expect(page.locator(".wall")).to_contain_text("You've reached your limit of 3 free articles")
    return house.url + metered[skip]


def sign_up(page: Page, house: House, address: str) -> None:
    """E-mail address, code; wherever it leads."""
    page.fill("input[name=email]", address)
    page.locator("main form button[type=submit]").first.click()
    page.fill("input[name=code]", code_for(house, address))
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()


def to_the_payment(page: Page, house: House, plan: str = "Smart Essential") -> tuple[str, str]:
    """From the wall to the gateway's page; returns the article's address and the reader's."""
    wanted, address = to_the_wall(page, house), new_address()
    page.get_by_role("link", name=f"Choose {plan}").click()
    sign_up(page, house, address)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page).to_have_title(re.compile("Fakepay"))
    return wanted, address


def pay(page: Page, number: str = GOOD) -> None:
    fill_card(page, number)
    pay_button(page).click()


def read_on(page: Page) -> None:
    """From the thanks back to where the reader came from."""
    expect(page.locator("h1")).to_have_text("Thank you")
    page.locator("main .form-doors a").first.click()


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_from_the_wall_to_the_article_in_full_and_on_a_second_device(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at
) -> None:
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    wanted = to_the_wall(page, paying_house)
    for words in ("₹900", "₹300/Month", "₹2,700", "₹225/Month", "₹3,900", "₹162/Month",
                  "18% GST included", "Renews automatically, cancel anytime",
                  "Already subscribed?"):  # fmt: skip
        expect(page.locator(".wall")).to_contain_text(words)
    expect(page.locator(".ad").first).to_be_attached()
    look(page)
    page.goto(f"{paying_house.url}/subscribe/?next={wanted.removeprefix(paying_house.url)}")
    look(page)
    address = new_address()
    page.get_by_role("link", name="Choose Smart Quarterly").click()
    look(page)
    page.fill("input[name=email]", address)
    page.locator("main form button[type=submit]").first.click()
    look(page)
    page.fill("input[name=code]", code_for(paying_house, address))
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("To pay today")
    look(page)
    page.get_by_role("button", name="Pay ₹900").click()
    look(page)
    pay(page)
    expect(page.locator("main")).to_contain_text(f"A receipt is on its way to {address}")
    look(page)
    read_on(page)
    assert page.url == wanted
    assert is_full(page)
    assert page.locator(".ad").count() == 0
    assert books(paying_house, address) == PAID_ONCE
    page.goto(f"{paying_house.url}/account/")
    expect(page.locator("main")).to_contain_text("Smart Quarterly")
    expect(page.locator("main")).to_contain_text(re.compile(r"Next charge: ₹900 on \d+ \w+ 20\d\d"))
    look(page)
    on_another_device(paying_house, window, address, viewport, scripts)
    giving(page, paying_house, window(viewport=viewport, scripts=scripts), look)
    devices_and_cancelling(page, paying_house, look)


def on_another_device(house: House, window: Callable[..., Page], address, viewport, scripts):
    other = window(viewport=viewport, scripts=scripts)
    premium = house.url + house.addresses("premium")[0]
    other.goto(premium)
    other.locator(".wall").get_by_role("link", name="Log in").click()
    ask_for_code(other, house, address)
    assert other.url == premium
    assert is_full(other)


def ask_for_code(page: Page, house: House, address: str) -> None:
    """Sign in by code, beginning at the sign-in page."""
    page.fill("input[name=login]", address)
    page.get_by_role("button", name="Send me a code").click()
    page.fill("input[name=code]", code_for(house, address))
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()


def giving(page: Page, house: House, guest: Page, look: Callable[[Page], None]) -> None:
    premium = house.url + house.addresses("premium")[0]
    page.goto(premium)
    page.get_by_role("button", name="Give this article").click()
    look(page)
    page.get_by_role("button", name="Make the link").click()
    look(page)
    guest.goto(page.get_by_label("Link to copy").first.input_value())
    assert guest.url == premium
    assert is_full(guest)
    page.get_by_role("button", name="Take back").first.click()
    look(page)

    def is_closed() -> bool:
        guest.goto(premium)
        return not is_full(guest)

    wait_until(is_closed, what="what was taken back is a teaser")


def devices_and_cancelling(page: Page, house: House, look) -> None:
    page.goto(f"{house.url}/account/devices/")
    expect(page.locator("main")).to_contain_text("This device")
    assert page.locator("main form button", has_text="Sign out").count() >= 2
    look(page)
    page.goto(f"{house.url}/account/")
    page.get_by_role("link", name="Cancel the subscription").click()
    look(page)
    page.get_by_role("button", name="Cancel now").click()
    expect(page.locator("main")).to_contain_text("Cancelled. You read on until")
    look(page)
    page.goto(house.url + house.addresses("premium")[0])
    assert is_full(page), "access goes on until the end of the period"
    page.goto(f"{house.url}/account/")
    page.locator("main a", has_text="Invoice MC-").first.click()
    expect(page.locator("main")).to_contain_text("₹900")
    look(page)


def test_a_signed_out_device_reads_no_longer(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page, other = window(), window()
    _, address = to_the_payment(page, paying_house)
    pay(page)
    premium = paying_house.url + paying_house.addresses("premium")[0]
    other.goto(f"{paying_house.url}/accounts/login/")
    ask_for_code(other, paying_house, address)
    other.goto(premium)
    assert is_full(other)
    page.goto(f"{paying_house.url}/account/devices/")
    page.get_by_role("button", name=re.compile("everywhere else")).click()

    def is_closed() -> bool:
        other.goto(premium)
        return not is_full(other)

    wait_until(is_closed, what="the other device reads a teaser")
    page.goto(premium)
    assert is_full(page)


def test_what_was_read_without_an_account_counts_afterwards(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page = window()
    to_the_wall(page, paying_house)
    page.locator(".wall").get_by_role("link", name="Create a free account").click()
    sign_up(page, paying_house, new_address())
    metered = paying_house.addresses("metered")
    assert page.url == paying_house.url + metered[3], "registered, and back at the article"
    assert is_full(page)
    page.goto(paying_house.url + metered[4])
    assert is_full(page)
    page.goto(paying_house.url + metered[5])
    expect(page.locator(".wall")).to_contain_text("limit of 5 free articles")


def test_a_declined_card_says_so_and_another_one_pays(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page = window()
    wanted, address = to_the_payment(page, paying_house)
    pay(page, DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    assert books(paying_house, address) == NOTHING_PAID
    pay(page)
    read_on(page)
    assert page.url == wanted
    assert is_full(page)
    assert books(paying_house, address) == PAID_ONCE


def test_whoever_leaves_the_payment_comes_back_to_the_offer(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page = window()
    wanted, address = to_the_payment(page, paying_house)
    page.get_by_role("button", name="Back to The Merrow Courier").click()
    expect(page.locator("main")).to_contain_text("Nothing was charged")
    assert books(paying_house, address) == NOTHING_PAID
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    pay(page)
    read_on(page)
    assert page.url == wanted, "the wish outlived the detour"
    assert is_full(page)
    assert books(paying_house, address) == PAID_ONCE


def test_a_closed_window_is_settled_without_the_reader(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page = window()
    _, address = to_the_payment(page, paying_house)
    page.route(f"{paying_house.url}/subscribe/return/**", lambda route: route.abort())
    fill_card(page, GOOD)
    pay_button(page).click(no_wait_after=True)
    wait_until(lambda: books(paying_house, address) == PAID_ONCE, what="the webhook settled it")


def test_a_double_click_pays_once(
    paying_house: House, till: Till, window: Callable[..., Page]
) -> None:
    page = window(scripts=True)
    wanted, address = to_the_wall(page, paying_house), new_address()
    page.get_by_role("link", name="Choose Smart Essential").click()
    sign_up(page, paying_house, address)
    # The second click breaks off what the first one began, which is no arrival.
    page.get_by_role("button", name=re.compile("^Pay ")).dblclick()
    expect(page).to_have_url(re.compile(f"^{till.url}/"))
    fill_card(page, GOOD)
    pay_button(page).dblclick()
    expect(page).to_have_url(re.compile(f"^{paying_house.url}/subscribe/return/"))
    read_on(page)
    assert page.url == wanted
    assert is_full(page)
    assert books(paying_house, address) == PAID_ONCE
    assert len(till.agreements(address)) == 1


def test_two_windows_pay_once(paying_house: House, till: Till, window: Callable[..., Page]) -> None:
    page = window()
    _, address = to_the_payment(page, paying_house)
    second = page.context.new_page()
    second.goto(f"{paying_house.url}/subscribe/super-saver/")
    second.get_by_role("button", name=re.compile("^Pay ")).click()
    pay(second)
    expect(second.locator("main")).to_contain_text("Super Saver")
    if page.locator("input[name=number]").count():
        pay(page)
    assert "Fakepay" in page.title(), "the first window's checkout is closed"
    assert books(paying_house, address) == PAID_ONCE


@pytest.mark.parametrize("mode", ["first", "twice", "never"])
def test_webhooks_may_come_as_they_like(
    paying_house: House, till: Till, window: Callable[..., Page], mode: str
) -> None:
    till.webhooks(mode)
    page = window()
    wanted, address = to_the_payment(page, paying_house)
    pay(page)
    read_on(page)
    assert page.url == wanted
    assert is_full(page)
    assert books(paying_house, address) == PAID_ONCE
    if mode != "never":
        wait_until(till.is_quiet, what="every webhook is delivered")
        untaken = "SELECT count(*) FROM ledger_event WHERE taken_at IS NULL"
        wait_until(lambda: paying_house.rows(untaken)[0][0] == 0, what="every event is taken up")
        assert books(paying_house, address) == PAID_ONCE


def test_saved_articles_wait_in_the_account(
    paying_house: House, till: Till, window: Callable[..., Page], looked_at
) -> None:
    page, headlines = window(scripts=True), []
    for path in paying_house.addresses("open")[:2]:
        page.goto(paying_house.url + path)
        headlines.append(page.locator("h1.headline").inner_text())
        page.get_by_role("button", name=re.compile("^Save")).click()
        expect(page.locator("body")).to_contain_text("then the report is saved")
    looked_at(page)
    page.get_by_role("link", name="Create an account").click()
    sign_up(page, paying_house, new_address())
    expect(page.locator("body")).to_contain_text("2 reports are saved.")
    assert page.url == f"{paying_house.url}/account/saved/"
    for headline in headlines:
        expect(page.locator("main")).to_contain_text(headline)
    looked_at(page)
    for _headline in headlines:
        page.get_by_role("button", name=re.compile("^Remove")).first.click()
    page.goto(f"{paying_house.url}/account/saved/")
    expect(page.locator("main")).to_contain_text("Nothing saved yet")


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_step_leads_to_another_site(paying_house: House, till: Till, evil: str) -> None:
    for path in ("/subscribe/", "/subscribe/smart-quarterly/"):
        answer = paying_house.get(path, params={"next": evil})
        assert answer.status_code == 400
        assert "leads to another site" in answer.text
