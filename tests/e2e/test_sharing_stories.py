"""What a reader has through others, in a browser: a seat, a gift, a partner's benefit; and how it
ends. What is given to others article by article is in test_subscriber.py.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import desk
from tests.e2e.conftest import DESK
from tests.e2e.house import House
from tests.e2e.test_own_data import WINDOWS
from tests.e2e.test_subscriber import is_full, looked_at, new_address, pay, sign_up
from tests.e2e.till import NOTHING_PAID, Till, books
from tests.waiting import wait_until

__all__ = ["looked_at"]
Look = Callable[[Page], None]
BENEFIT = "Two seats on a Monday"
CODE_OF_BENEFIT = re.compile(r"MONDAY-\d{5}")


@pytest.fixture
def publisher(browser: Browser, paying_house: House) -> Iterator[Page]:
    """The desk of whoever gives money back."""
    context = browser.new_context(viewport=DESK)
    context.set_default_timeout(60_000)
    yield desk.sign_in(context, paying_house)
    context.close()


def main(page: Page) -> Any:
    """What the page says, to be expected of."""
    return expect(page.locator("main"))


def bought(page: Page, house: House, name: str, plan: str) -> str:
    """A new reader with a plan; returns the address."""
    address = new_address().replace("zoe", name)
    page.goto(f"{house.url}/subscribe/{plan}/")
    sign_up(page, house, address)
    page.locator("main form .button[type=submit]").first.click()
    pay(page)
    expect(page.locator("h1")).to_have_text("Thank you")
    return address


def linked(house: House, address: str, path: str) -> str:
    """The newest link below a path that was mailed to an address."""
    mailed = 'SELECT text FROM accounts_mail WHERE "to"=%s AND text LIKE %s ORDER BY id DESC'
    (text,) = house.rows(mailed, address, f"%{path}%")[0]
    found = re.search(rf"{path}\S*", text)
    assert found is not None
    return house.url + found[0]


def premium(house: House) -> str:
    """A report for those who pay."""
    return house.url + house.addresses("premium")[0]


def reads_in_full(page: Page, house: House) -> bool:
    """Whether a report for those who pay is there whole."""
    page.goto(premium(house))
    return is_full(page)


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_seat_is_offered_by_mail_taken_read_with_and_taken_away(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    owner, guest = (window(viewport=viewport, scripts=scripts) for _ in range(2))
    mine = bought(owner, paying_house, "olga", "smart-household")
    friend = new_address().replace("zoe", "gus")
    owner.goto(f"{paying_house.url}/account/")
    owner.get_by_role("link", name="Your group").click()
    main(owner).to_contain_text("1 of 4 seats taken")
    owner.get_by_label("E-mail address").fill(friend)
    owner.get_by_role("button", name="Invite").click()
    main(owner).to_contain_text(f"The invitation is on its way to {friend}")
    look(owner)
    assert not reads_in_full(guest, paying_house), "an invitation alone opens nothing"
    takes_the_seat(guest, paying_house, friend, mine, look)
    assert reads_in_full(guest, paying_house)
    assert books(paying_house, friend) == NOTHING_PAID
    owner.goto(f"{paying_house.url}/account/group/")
    main(owner).to_contain_text("2 of 4 seats taken")
    look(owner)
    owner.get_by_role("button", name=re.compile(f"Remove.+{friend}")).click()
    main(owner).to_contain_text(f"{friend} does not read with you any more")
    main(owner).to_contain_text("1 of 4 seats taken")
    meets_the_wall(guest, paying_house)
    assert linked(paying_house, friend, "/subscribe/"), "a mail says so, and shows the plans"


def takes_the_seat(page: Page, house: House, friend: str, owner: str, look: Look) -> None:
    """From the link in the mail through the sign-up to the seat."""
    page.goto(linked(house, friend, "/account/invitation/"))
    main(page).to_contain_text(f"{owner} invites you to a seat")
    look(page)
    page.get_by_role("link", name="Go on with a code by e-mail").click()
    sign_up(page, house, friend)
    main(page).to_contain_text(f"Signed in as {friend}")
    look(page)
    page.get_by_role("button", name="Take the seat").click()
    main(page).to_contain_text(f"You read through the group of {owner} now")
    look(page)
    page.get_by_role("link", name=re.compile(f"Leave.+{owner}")).click()
    main(page).to_contain_text("To come back you need another invitation")
    look(page)
    page.get_by_role("link", name="Stay").click()


def meets_the_wall(page: Page, house: House) -> None:
    """What was open a moment ago is a teaser with a wall."""
    wait_until(lambda: not reads_in_full(page, house), what="the report is closed again")
    expect(page.locator(".wall")).to_be_visible()


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_gift_bought_without_an_account_opens_everything_for_somebody_else(
    paying_house: House, till: Till, window: Callable[..., Page], viewport, scripts, looked_at: Look
) -> None:
    look = looked_at if scripts else lambda page: None
    buyer, friend = (window(viewport=viewport, scripts=scripts) for _ in range(2))
    code = gives(buyer, paying_house, look)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    friend.goto(f"{paying_house.url}/subscribe/redeem/")
    for typed in (wrong, code.lower().replace("-", " ")):
        friend.get_by_label("Code of the gift").fill(typed)
        friend.get_by_role("button", name="Continue").click()
        look(friend)
    expect(friend.locator(".messages")).to_contain_text("The code is right: Smart Quarterly")
    sign_up(friend, paying_house, new_address().replace("zoe", "fay"))
    main(friend).to_contain_text("Lou Marsh gives you Smart Quarterly for 3 months")
    expect(friend.locator(".sum-total")).to_contain_text("nothing")
    look(friend)
    assert not reads_in_full(friend, paying_house), "nothing is redeemed by looking"
    friend.goto(f"{paying_house.url}/subscribe/redeem/")
    friend.get_by_role("button", name="Redeem").click()
    main(friend).to_contain_text("Smart Quarterly is yours")
    look(friend)
    assert reads_in_full(friend, paying_house)
    buyer.reload()
    expect(buyer.locator(".sum")).to_contain_text("redeemed, ")
    assert buyer.get_by_role("button", name="code").count() == 0


def gives(page: Page, house: House, look: Look) -> str:
    """A guest buys a quarter and has the code shown; returns it."""
    page.goto(f"{house.url}/subscribe/gift/")
    look(page)
    page.get_by_role("link", name="Give Smart Quarterly").click()
    page.get_by_label("Your name").fill("Lou Marsh")
    page.get_by_label("A few words").fill("For the long way to work.\nHappy birthday!")
    page.get_by_label("Your e-mail address").fill(new_address().replace("zoe", "lou"))
    page.get_by_role("button", name="Pay ₹900").click()
    look(page)
    pay(page)
    expect(page.locator("h1")).to_have_text("Your gift")
    look(page)
    page.get_by_role("button", name="Show the code").click()
    main(page).to_contain_text("Print this page or copy the code now")
    look(page)
    found = re.search(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", page.inner_text("main"))
    assert found is not None
    assert found[0] in page.get_by_label("Link to copy").input_value()
    page.emulate_media(media="print")
    assert found[0] in page.inner_text("main"), "the code is on paper too"
    assert not page.get_by_label("Link to copy").is_visible()
    page.emulate_media(media="screen")
    return found[0]


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_a_partners_benefit_is_claimed_and_is_gone_when_the_desk_gives_the_money_back(
    paying_house: House, till: Till, window: Callable[..., Page], publisher: Page, viewport,
    scripts, looked_at: Look,
) -> None:  # fmt: skip
    look = looked_at if scripts else lambda page: None
    page = window(viewport=viewport, scripts=scripts)
    address = bought(page, paying_house, "ned", "smart-quarterly")
    page.goto(f"{paying_house.url}/account/benefits/")
    look(page)
    page.get_by_role("button", name=re.compile(f"Claim.+{BENEFIT}")).click()
    main(page).to_contain_text("It is yours. The code is below.")
    code = page.get_by_label("Your code").input_value()
    assert CODE_OF_BENEFIT.fullmatch(code)
    way = page.get_by_role("link", name="Use it at Merrow Picture House")
    expect(way).to_have_attribute("href", "https://picturehouse.merrow.example/courier")
    look(page)
    gives_back(publisher, paying_house, address)
    wait_until(lambda: not reads_in_full(page, paying_house), what="the report is closed again")
    page.goto(f"{paying_house.url}/account/benefits/")
    main(page).to_contain_text("It ended with your plan on")
    assert code not in page.content()
    look(page)


def gives_back(publisher: Page, house: House, address: str) -> None:
    """The whole sum goes back to the reader, at the desk."""
    newest = (
        "SELECT p.id FROM ledger_payment p JOIN accounts_user u ON u.id = p.reader_id"
        " WHERE u.email=%s ORDER BY p.id DESC"
    )
    ((payment,),) = house.rows(newest, address)
    publisher.goto(f"{house.url}/desk/business/payments/{payment}/refund/")
    publisher.get_by_label("Reason").fill("Not what the reader expected")
    publisher.get_by_role("button", name="See what follows").click()
    publisher.get_by_role("button", name="Refund ₹900").click()
    expect(publisher.locator(".messages")).to_contain_text("₹900")
