"""Links that open one article: passed on to many, bent, crawled, outlived, told to others."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from broadsheet.gate import links
from broadsheet.gate.links import Link
from tests.e2e.bypass.conftest import NoCookies, Planted, browser, sign_in
from tests.e2e.bypass.seed import GENEROUS, canaries
from tests.e2e.house import broadsheet
from tests.waiting import before_its_time, wait_until

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1",
    "Slackbot-LinkExpanding 1.0",
    "WhatsApp/2.23",
)


def opens(reply: httpx.Response, name: str = "premium") -> bool:
    return canaries(name)[1] in reply.text


def follow(planted: Planted, link: str, name: str = "premium") -> bool:
    """Whether a new browser that follows the link reads the article."""
    with browser(planted.house) as client:
        return opens(client.get(link, follow_redirects=True), name)


def run(planted: Planted, *lines: str) -> str:
    """Python inside the paper; what it printed last."""
    done = broadsheet(planted.house.home, "shell", "-c", "\n".join(lines))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def token_of(client: httpx.Client) -> str:
    forms = html.fromstring(client.get("/account/gift/").text).forms
    return str(next(f.fields["csrfmiddlewaretoken"] for f in forms if f.method == "POST"))


def give(client: httpx.Client, planted: Planted, name: str) -> str:
    """The address of a gift, made as readers make one: from the button to the link to copy."""
    number, path = planted.articles[name]
    page = client.get("/account/gift/", params={"article": number})
    offers = [form for form in html.fromstring(page.text).forms if form.action == "/account/gift/"]
    if offers:
        data = dict(offers[0].fields)
        page = client.post("/account/gift/", data=data, follow_redirects=True)
    shown = html.fromstring(page.text).xpath("//input[@readonly]/@value")
    return str(next(link for link in shown if urlsplit(link).path == path))


def closes(client: httpx.Client, path: str, name: str) -> None:
    """A page that this browser could read becomes a teaser."""
    took = wait_until(lambda: not opens(client.get(path), name), what=f"{name} is closed")
    print(f"{name} was closed after {took:.2f} s")


@pytest.fixture(scope="module")
def giver(planted: Planted):
    with browser(planted.house) as client:
        sign_in(client, GENEROUS)
        yield client


@pytest.fixture(scope="module")
def gift(planted: Planted, giver: httpx.Client) -> str:
    """A premium article, given."""
    return give(giver, planted, "premium")


@pytest.fixture(scope="module")
def guest(planted: Planted, gift: str):
    """One of the ten browsers."""
    with browser(planted.house) as client:
        assert opens(client.get(gift, follow_redirects=True))
        yield client


def openings(planted: Planted, gift: str) -> int:
    """What the journal says of it."""
    number = re.match(r"g(\d+)\.", parse_qs(urlsplit(gift).query)["link"][0])
    assert number
    journals = (planted.house.home / "journal").glob("*.journal")
    return sum(path.read_text().count(f" gift:{number[1]} ") for path in journals)


def test_bypass_31_a_crawled_link_opens_nothing_and_is_not_used_up(planted, gift) -> None:
    for name in CRAWLERS:
        with browser(planted.house) as client:
            client.cookies.jar.set_policy(NoCookies())
            client.headers["user-agent"] = name
            assert not opens(client.get(gift, follow_redirects=True))
            head = client.head(gift)
            assert (head.status_code, "set-cookie" in head.headers) == (303, False)
    with browser(planted.house) as client:
        ahead = client.get(gift, headers={"sec-purpose": "prefetch"}, follow_redirects=True)
        assert not opens(ahead)
        assert not client.cookies
    assert openings(planted, gift) == 0


def test_bypass_31_the_token_is_gone_from_address_referer_and_log(planted, gift) -> None:
    mac = gift.rpartition(".")[2]
    with browser(planted.house) as client:
        led = client.get(gift)
        assert led.status_code == 303
        assert led.headers["location"] == planted.path("premium")
        assert led.headers["cache-control"] == "private, no-store"
        assert led.headers["referrer-policy"] == "no-referrer"
        assert "httponly" in led.headers["set-cookie"].lower()
        assert mac not in str(led.headers)
        read = client.get(led.headers["location"])
    assert opens(read)
    assert read.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in read.headers
    assert mac not in read.text
    assert mac not in planted.house.said()
    for path in (planted.house.home / "journal").glob("*.journal"):
        assert mac not in path.read_text()


def test_bypass_31_a_gift_passed_on_opens_in_ten_browsers(planted, gift, guest) -> None:
    left = 10 - openings(planted, gift)
    assert left == 8
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: follow(planted, gift), range(20)))
    assert sum(seen) == left
    assert openings(planted, gift) == 10
    assert opens(guest.get(planted.path("premium")))


def test_bypass_31_it_opens_no_other_article(planted, giver) -> None:
    other = give(giver, planted, "registered")
    token = urlsplit(other).query
    assert not follow(planted, f"{planted.house.url}{planted.path('premium')}?{token}")
    with browser(planted.house) as client:
        assert opens(client.get(other, follow_redirects=True), "registered")
        for name in ("premium", "epaper", "archive", "held", "withdrawn", "embargoed"):
            assert not opens(client.get(planted.path(name)), name)


def test_bypass_31_guessed_bent_and_doubled_tokens_are_as_if_not_there(planted, gift) -> None:
    path, number = planted.path("premium"), planted.articles["premium"][0]
    token = parse_qs(urlsplit(gift).query)["link"][0]
    text, _, mac = token.rpartition(".")
    later = text.replace(f".{text.split('.')[2]}.", ".99999999999.")
    guessed = links.sign_link(
        Link("share", 1, number, int(time.time()) + 600), links.link_key(b"guessed")
    )
    for bent in (
        guessed, f"{later}.{mac}", f"{text}.{mac[::-1]}", f"{text}.", mac, "", "1", token.upper(),
        f"{token}&link={token}", f"{token}&link=", "A" * 4000,
    ):  # fmt: skip
        with browser(planted.house) as client:
            reply = client.get(f"{path}?link={bent}")
            assert (reply.status_code, opens(reply)) == (200, False), bent
            assert not client.cookies, bent


def test_bypass_31_a_link_opens_until_its_second(planted) -> None:
    secret = (planted.house.home / "secret_key").read_bytes().strip()
    with browser(planted.house) as client:

        def open_link(moment: float) -> tuple[str, bool]:
            link = Link("share", 999_999, planted.articles["premium"][0], int(moment) + 1)
            token = links.sign_link(link, links.link_key(secret))
            address = f"{planted.path('premium')}?link={token}"
            return address, opens(client.get(address, follow_redirects=True))

        (address, is_open), moment = before_its_time(open_link, seconds=2.0)
        assert is_open
        time.sleep(max(0.0, int(moment) + 1 - time.time()))
        assert not opens(client.get(planted.path("premium")))
        assert not opens(client.get(address, follow_redirects=True))


def test_bypass_31_what_is_taken_back_closes(planted, giver) -> None:
    gift = give(giver, planted, "registered")
    with browser(planted.house) as client:
        assert opens(client.get(gift, follow_redirects=True), "registered")
        back = html.fromstring(giver.get("/account/gift/").text).xpath(
            "//li[.//input[@value=$gift]]//form/@action", gift=gift
        )
        giver.post(back[0], data={"csrfmiddlewaretoken": token_of(giver)})
        closes(client, planted.path("registered"), "registered")
        assert "set-cookie" not in client.get(gift).headers


def test_bypass_32_a_forwarded_newsletter_link_opens_in_three_browsers(planted) -> None:
    number = planted.articles["premium"][0]
    address = run(
        planted,
        "from broadsheet.desk.models import Article",
        "from broadsheet.subscriptions import actions, links",
        f"link = actions.newsletter_link(Article.objects.get(pk={number}))",
        "print(links.newsletter_address(link, 77))",
    )
    link = planted.house.url + planted.path("premium") + "?" + urlsplit(address).query
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: follow(planted, link), range(100)))
    assert sum(seen) == 3
    with browser(planted.house) as client:
        led = client.get(link)
        assert led.headers["location"] == planted.path("premium")
        assert "link=" not in led.headers["location"]
        assert not opens(client.get(planted.path("archive")), "archive")


def test_bypass_31_the_quota_holds_for_many_windows_at_once(planted, giver) -> None:
    rows = planted.house.rows(
        "SELECT id FROM desk_article WHERE access='metered' AND live AND NOT held"
        " AND withdrawn_at IS NULL AND item_id IS NULL"
    )
    token, cookies = token_of(giver), dict(giver.cookies)

    def post(number: int) -> None:
        with httpx.Client(base_url=planted.house.url, cookies=cookies, timeout=60) as client:
            client.post("/account/gift/", data={"article": number, "csrfmiddlewaretoken": token})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, [number for (number,) in rows][:20]))
    query = "SELECT count(*) FROM subscriptions_articlelink WHERE kind='gift'"
    assert planted.house.rows(query) == [(10,)]


def test_bypass_31_a_gift_ends_with_the_right_of_its_giver(planted, gift, guest) -> None:
    assert opens(guest.get(planted.path("premium")))
    run(
        planted,
        "from broadsheet.subscriptions.models import Grant",
        "from broadsheet.kit import clock",
        f"for grant in Grant.objects.filter(reader__email={GENEROUS!r}):",
        "    grant.revoked_at = clock.now(); grant.save()",
        "print('revoked')",
    )
    closes(guest, planted.path("premium"), "premium")
    assert "set-cookie" not in guest.get(gift).headers
