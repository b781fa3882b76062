"""A reader on a phone without scripts: the meter, the wall, an account, a subscription."""

import re
from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest
from lxml import html
from playwright.sync_api import Page

from tests.e2e.house import House
from tests.waiting import wait_until

PASSWORD = "merrow-courier"
LIMIT_3 = "You've reached your limit of 3 free articles this month."
LIMIT_5 = "You've reached your limit of 5 free articles this month."
NUMBERS = count(1)


def gated(page: str) -> str:
    """The last words behind the wall of a full page; they stand nowhere else."""
    found = html.fromstring(page).xpath("//div[@class='paywall']//p[last()]")
    return str(found[-1].text_content()).strip()[-60:]


def is_full(page: Page) -> bool:
    return page.locator("article.article-full div.paywall").count() == 1


def sign_in(page: Page, house: House, who: str) -> None:
    page.goto(f"{house.url}/accounts/login/")
    page.fill("input[name=login]", f"{who}@merrow.example")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()


def code_for(page: Page, house: House, address: str) -> str:
    """The code in the newest mail to an address, from the demo's outbox."""
    mails: list[str] = []

    def arrived() -> bool:
        page.goto(f"{house.url}/demo/inbox/")
        mails[:] = page.locator("details.mail", has_text=address).all_inner_texts()
        return bool(mails)

    wait_until(arrived, what=f"a mail to {address} in the outbox")
    text = page.locator("details.mail", has_text=address).first.text_content() or ""
    found = re.search(r"[A-Z0-9]{3,4}-[A-Z0-9]{3,4}", text)
    assert found, text
    return found[0]


def register(page: Page, house: House) -> str:
    """A new account by e-mail; returns its address."""
    address = f"ida{next(NUMBERS)}@merrow.example"
    page.goto(f"{house.url}/accounts/signup/")
    page.fill("input[name=email]", address)
    page.locator("main button[type=submit]").first.click()
    asked_at = page.url
    code = code_for(page, house, address)
    page.goto(asked_at)
    page.fill("input[name=code]", code)
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    return address


@pytest.fixture(scope="module")
def metered(readers_house: House) -> list[str]:
    return readers_house.addresses("metered")


@pytest.fixture(scope="module")
def subscriber(readers_house: House) -> Iterator[httpx.Client]:
    """The demo's subscriber by bare HTTP: what the full pages hold."""
    with httpx.Client(base_url=readers_house.url, timeout=60, follow_redirects=True) as client:
        form = html.fromstring(client.get("/accounts/login/").text).forms
        token = next(f.fields["csrfmiddlewaretoken"] for f in form if "login" in f.fields)
        data = {"login": "subscriber@merrow.example", "password": PASSWORD}
        answer = client.post("/accounts/login/", data=data | {"csrfmiddlewaretoken": token})
        assert answer.status_code == 200
        yield client


def test_three_articles_are_free_and_the_fourth_is_a_teaser(
    readers_house: House,
    metered: list[str],
    subscriber: httpx.Client,
    window: Callable[..., Page],
) -> None:
    page = window()
    page.goto(readers_house.url + "/")
    for path in metered[:3]:
        page.goto(readers_house.url + path)
        assert is_full(page), path
        assert page.locator(".wall").count() == 0
    answer = page.goto(readers_house.url + metered[3])
    assert answer is not None
    assert answer.status == 200
    assert page.locator(".wall", has_text=LIMIT_3).count() == 1
    assert page.locator(".wall a[href^='/accounts/signup/?next=/2']").count() == 1
    canary = gated(subscriber.get(metered[3]).text)
    assert len(canary) == 60
    assert canary not in html.fromstring(answer.body()).text_content()
    assert "private" in answer.headers["cache-control"]
    assert "no-store" in answer.headers["cache-control"]
    for path in metered[:3]:
        page.goto(readers_house.url + path)
        assert is_full(page), f"rereading {path} is free"


def test_no_surface_tells_what_is_behind_the_wall(
    readers_house: House, subscriber: httpx.Client
) -> None:
    closed = readers_house.addresses("premium") + readers_house.addresses("registered")
    canaries = {path: gated(subscriber.get(path).text) for path in closed}
    assert all(canaries.values())
    places = ["/", "/feed.rss", "/feed.atom", "/feed.json", "/premium/", "/markets/feed.json"]
    pages = {place: readers_house.get(place).text for place in [*places, *closed]}
    pages |= {p: readers_house.get("/search", params={"q": c}).text for p, c in canaries.items()}
    for path, canary in canaries.items():
        text = html.fromstring(pages[path]).text_content().replace("\n", " ")
        assert canary not in text.replace(f"“{canary}”", ""), path
        assert not [place for place in places if canary in pages[place]]


def test_premium_is_never_free_and_open_always_is(
    readers_house: House, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(readers_house.url + readers_house.addresses("premium")[0])
    assert page.locator(".wall-premium").count() == 1
    assert not is_full(page)
    for path in readers_house.addresses("open")[:6]:
        page.goto(readers_house.url + path)
        assert page.locator("article.article-full").count() == 1
        assert page.locator(".wall").count() == 0


def test_an_account_by_email_code_raises_the_limit_to_five(
    readers_house: House, metered: list[str], window: Callable[..., Page]
) -> None:
    page = window()
    for path in metered[:4]:
        page.goto(readers_house.url + path)
    assert page.locator(".wall", has_text=LIMIT_3).count() == 1
    register(page, readers_house)
    page.goto(f"{readers_house.url}/account/")
    assert "gives you 5 articles every month" in page.inner_text("main")
    for path in metered[3:5]:
        page.goto(readers_house.url + path)
        assert is_full(page), "what was read without the account counts, and no more"
    page.goto(readers_house.url + metered[5])
    assert page.locator(".wall", has_text=LIMIT_5).count() == 1
    page.goto(readers_house.url + readers_house.addresses("registered")[0])
    assert is_full(page)


def test_a_reader_signs_in_with_a_code_instead_of_a_password(
    readers_house: House, window: Callable[..., Page]
) -> None:
    page = window()
    address = register(page, readers_house)
    other = window()
    other.goto(f"{readers_house.url}/accounts/login/code/")
    other.fill("input[name=email]", address)
    other.locator("main button[type=submit]").first.click()
    asked_at = other.url
    wait_until(
        lambda: "sign-in code" in httpx.get(f"{readers_house.url}/demo/inbox/").text.lower(),
        what="the sign-in code is in the outbox",
    )
    code = code_for(other, readers_house, address)
    other.goto(asked_at)
    other.fill("input[name=code]", code)
    other.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    other.goto(f"{readers_house.url}/account/")
    assert address in other.inner_text("main")


def test_a_subscriber_reads_everything_without_ads_until_signing_out(
    readers_house: House, metered: list[str], window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(readers_house.url + "/")
    assert page.locator(".ad").count() > 0
    sign_in(page, readers_house, "subscriber")
    premium = readers_house.addresses("premium")[0]
    for path in [*metered[:6], premium, readers_house.addresses("registered")[0]]:
        page.goto(readers_house.url + path)
        assert is_full(page), path
        assert page.locator(".ad").count() == 0, path
    for path in ("/", "/world/"):
        page.goto(readers_house.url + path)
        assert page.locator(".ad").count() == 0, f"no ads on {path} either"
    page.goto(f"{readers_house.url}/account/")
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(readers_house.url + premium)
    assert page.locator(".wall-premium").count() == 1
    page.goto(readers_house.url + "/")
    assert page.locator(".ad").count() > 0


def test_a_wrong_password_is_refused_in_words(
    readers_house: House, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(f"{readers_house.url}/accounts/login/")
    page.fill("input[name=login]", "nobody@merrow.example")
    page.fill("input[name=password]", "wrong")
    page.locator("main button[type=submit]").first.click()
    assert "not correct" in page.inner_text("main")


def test_a_forged_reader_id_counts_as_none(readers_house: House, metered: list[str]) -> None:
    with httpx.Client(base_url=readers_house.url, timeout=60) as client:
        for path in metered[:4]:
            last = client.get(path)
        assert LIMIT_3 in last.text
        name, value = next(iter(client.cookies.items()))
    swapped = "B" if value[-3] == "A" else "A"
    for forged in (value[:-3] + swapped + value[-2:], "f" * 40, ""):
        answer = readers_house.get(metered[3], headers={"cookie": f"{name}={forged}"})
        assert "article-full" in answer.text
        assert f"{name}=" in answer.headers["set-cookie"], "a new id is given"


def test_head_counts_nothing_and_a_conditional_request_like_any(
    readers_house: House, metered: list[str]
) -> None:
    with httpx.Client(base_url=readers_house.url, timeout=60) as client:
        client.get(metered[0])
        for path in metered[:8]:
            assert client.head(path).content == b""
        for path in metered[1:3]:
            assert "article-full" in client.get(path, headers={"if-none-match": "*"}).text
        assert LIMIT_3 in client.get(metered[3]).text


def test_a_prefetch_is_refused_and_not_counted(readers_house: House, metered: list[str]) -> None:
    with httpx.Client(base_url=readers_house.url, timeout=60) as client:
        client.get(metered[0])
        ahead = client.get(metered[1], headers={"sec-purpose": "prefetch"})
        assert ahead.status_code == 503
        for path in metered[2:4]:
            assert "article-full" in client.get(path).text
        assert LIMIT_3 in client.get(metered[1]).text
