"""Whole reports for crawlers whose engine the DNS confirms, where the publisher chose so."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from broadsheet.gate import crawlers
from broadsheet.gate.crawlers import Choice, Crawlers, choice_text, has_suffix
from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.tests.asking import Clock
from broadsheet.gate.tests.conftest import CANARY, Paper, Reply, article, page
from broadsheet.gate.tests.nameserver import NameServer, named
from tests.waiting import is_prompt, seconds_of

METERED, REGISTERED, PREMIUM, EPAPER = (
    f"/2026/11/22/{name}" for name in ("metered", "registered", "premium", "epaper")
)
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BING = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
DUCK = "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)"
TRUE, TRUE_SIX, LIAR = "66.249.66.1", "2001:4860:4801:10::1", "9.9.9.9"
NAME = "crawl-66-249-66-1.googlebot.com"


@pytest.fixture
def dns():
    with named() as server:
        server.name(TRUE, NAME)
        server.host(NAME, TRUE)
        server.name(TRUE_SIX, "crawl-six.googlebot.com")
        server.host("crawl-six.googlebot.com", "2001:4860:4801:10:0:0:0:1", kind="AAAA")
        yield server


@pytest.fixture
def served(paper: Paper, dns: NameServer):
    """A served paper behind a proxy, whose publisher lets Googlebot and DuckDuckBot in."""
    paper.press(
        *article(METERED, 1), *article(REGISTERED, 2, "registered"),
        *article(PREMIUM, 3, "premium"), *article(EPAPER, 4, "epaper"),
        page("/", "<h1>Front</h1>", "plain"),
        crawlers=choice_text(Choice(frozenset({"googlebot", "duckduckbot"}))),
    )  # fmt: skip
    paper.proxies, paper.resolver = "127.0.0.1/32", dns.address
    paper.start()
    return paper


def crawl(paper: Paper, path: str, address: str = TRUE, agent: str = GOOGLE, **fields) -> Reply:
    fields |= {"accept_encoding": "identity", "x_forwarded_for": address, "user_agent": agent}
    return paper.ask(path, **fields)


def is_open(reply: Reply) -> bool:
    return CANARY.encode() in reply.body


def test_a_verified_crawler_gets_the_whole_report_and_nothing_is_counted(served, dns):
    for address in (TRUE, TRUE_SIX):
        for path in (METERED, REGISTERED):
            for _ in range(5):
                reply = crawl(served, path, address)
                assert is_open(reply)
                assert reply.get("x-robots-tag") == "noarchive"
                assert reply.get("cache-control") == "private, no-store"
                assert not reply.all("set-cookie")
    assert dns.asked[f"{NAME}.", "A"] == 1, "asked once, kept for a day"
    served.stop()
    records = [r for p in segments(served.home / "journal") for r in read_segment(p)[0]]
    assert [record for record in records if record.outcome == "read"] == []


def test_premium_and_entitlements_stay_closed_unless_premium_is_chosen(served):
    for path in (PREMIUM, EPAPER):
        assert not is_open(crawl(served, path))
    choice = Choice(frozenset({"googlebot"}), premium=True)
    served.press(crawlers=choice_text(choice))
    served.taken_up()
    assert is_open(crawl(served, PREMIUM))
    assert not is_open(crawl(served, EPAPER))
    assert not is_open(crawl(served, PREMIUM, LIAR))


def test_bypass_11_12_a_name_and_an_address_in_a_field_open_nothing(served, dns):
    for address in (LIAR, f"{TRUE}, {LIAR}"):
        assert not is_open(crawl(served, REGISTERED, address))
    assert not is_open(crawl(served, REGISTERED, "127.0.0.1"))
    assert not is_open(crawl(served, REGISTERED, agent="Mozilla/5.0 (X11) Firefox/140.0"))
    assert not is_open(crawl(served, REGISTERED, agent=BING)), "not chosen, so nobody is asked"
    assert not is_open(crawl(served, REGISTERED, agent="notgooglebot/1.0"))
    assert dns.asked.total() == 1


@pytest.mark.parametrize(
    "name",
    [
        "crawl.fakegooglebot.com", "crawl.googlebot.com.evil.test", "googlebot.com.evil.test",
        "crawl-googlebot.com", "googlebot.com", "crawl.google.com", "crawl.googlebot.com.", "x",
    ],
)  # fmt: skip
def test_bypass_13_a_reverse_name_of_ones_own_opens_nothing(served, dns, name):
    dns.name(LIAR, name.rstrip("."))
    dns.host(name.rstrip("."), *([LIAR] if not name.endswith(".com.") else [TRUE]))
    assert not is_open(crawl(served, REGISTERED, LIAR))


def test_bypass_14_a_name_of_the_engine_that_has_another_address_opens_nothing(served, dns):
    dns.name(LIAR, NAME, "crawl.evil.test", "nowhere.googlebot.com")
    dns.host("crawl.evil.test", LIAR)
    assert not is_open(crawl(served, REGISTERED, LIAR))


def test_one_of_several_names_is_enough_and_more_than_a_few_are_not_looked_at(served, dns):
    dns.name(LIAR, "crawl.evil.test", "second.googlebot.com")
    dns.host("second.googlebot.com", "1.1.1.1", LIAR)
    assert is_open(crawl(served, REGISTERED, LIAR))
    many = [f"n{number}.googlebot.com" for number in range(40)]
    dns.name("9.9.9.8", *many)
    assert not is_open(crawl(served, REGISTERED, "9.9.9.8"))
    assert sum(dns.asked[f"{name}.", "A"] for name in many) <= crawlers.NAMES


@pytest.mark.parametrize("manner", ["nothing", "failure", "noise"])
def test_bypass_14_a_resolver_that_fails_closes_within_a_second(served, dns, manner):
    dns.says = manner
    numbers = count(1)

    def all_are_closed() -> None:
        address = f"9.9.8.{next(numbers)}"
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: crawl(served, REGISTERED, address), range(8)))
        assert not any(map(is_open, replies))
        asked = dns.asked.total()
        assert not is_open(crawl(served, REGISTERED, address))
        assert dns.asked.total() == asked, "nobody waits again"

    assert is_prompt(lambda: seconds_of(all_are_closed), within=2.0)


def test_others_are_answered_while_a_crawler_waits_for_the_resolver(served, dns):
    dns.says = "nothing"
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(crawl, served, REGISTERED, f"9.9.9.{n}") for n in range(3)]
        meanwhile = 0
        while not all(future.done() for future in waiting):
            assert served.ask("/").status == 200
            meanwhile += not any(future.done() for future in waiting)
        assert meanwhile > 2
    assert not any(is_open(future.result()) for future in waiting)


def test_published_networks_need_no_dns(served, dns):
    assert not is_open(crawl(served, REGISTERED, "20.191.45.212", DUCK))
    networks = (("duckduckbot", "20.191.45.0/24"), ("duckduckbot", "2a00:1450:4001::/48"))
    choice = Choice(frozenset({"duckduckbot"}), networks=networks)
    served.press(crawlers=choice_text(choice))
    served.taken_up()
    for address in ("20.191.45.212", "2a00:1450:4001::7"):
        assert is_open(crawl(served, REGISTERED, address, DUCK))
    assert not is_open(crawl(served, REGISTERED, "20.191.46.1", DUCK))
    assert not is_open(crawl(served, REGISTERED, "20.191.45.212", GOOGLE)), "another's network"
    assert dns.asked.total() == 0


def test_teasers_for_all_is_the_default_and_asks_nobody(paper, dns):
    paper.press(*article(REGISTERED, 2, "registered"))
    paper.proxies, paper.resolver = "127.0.0.1/32", dns.address
    paper.start()
    reply = crawl(paper, REGISTERED)
    assert not is_open(reply) and not reply.all("x-robots-tag")
    assert dns.asked.total() == 0


@pytest.fixture
def known(dns):
    """Crawlers without a gate, and the clock they go by."""
    clock = Clock(1_795_348_800.0)
    made = Crawlers(dns.address, clock=clock)
    made.take_choice(Choice(frozenset({"googlebot"})))
    return made, clock


def verdict(made: Crawlers, address: str) -> str:
    asyncio.run(made.look_up("googlebot", address))
    return made.opening("googlebot", address, "metered")


def test_a_yes_is_kept_for_a_day_a_no_for_an_hour_a_failure_for_a_minute(known, dns):
    made, clock = known
    assert verdict(made, TRUE) == "crawler:googlebot"
    assert verdict(made, LIAR) == ""
    dns.name(LIAR, "new.googlebot.com")
    dns.host("new.googlebot.com", LIAR)
    dns.name(TRUE)
    clock.now += 3599
    assert (verdict(made, TRUE), verdict(made, LIAR)) == ("crawler:googlebot", "")
    clock.now += 1
    assert verdict(made, LIAR) == "crawler:googlebot"
    clock.now += 82_800
    dns.says = "failure"
    assert verdict(made, TRUE) == ""
    dns.says = "records"
    dns.name(TRUE, NAME)
    assert verdict(made, TRUE) == ""
    clock.now += 60
    assert verdict(made, TRUE) == "crawler:googlebot"


def test_many_at_once_are_one_question_and_memory_is_bounded(known, dns, monkeypatch):
    made, _ = known

    async def together(*addresses: str) -> None:
        await asyncio.gather(*[made.look_up("googlebot", address) for address in addresses])

    asyncio.run(together(*[TRUE] * 100))
    assert dns.asked[f"{NAME}.", "A"] == 1
    assert made.opening("googlebot", TRUE, "metered")
    monkeypatch.setattr(crawlers, "MOST", 20)
    dns.says = "failure"
    asyncio.run(together(*[f"9.9.{n}.1" for n in range(crawlers.AT_ONCE + 30)]))
    assert dns.asked.total() < 2 + 4 * crawlers.AT_ONCE
    assert len(made._known) == 20 and not made._asking


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "fe80::1", "192.168.1.1"])
def test_addresses_of_nobody_on_the_internet_are_not_looked_up(known, dns, address):
    made, _ = known
    assert verdict(made, address) == ""
    assert dns.asked.total() == 0


def test_a_suffix_counts_from_a_dot():
    ends = ("googlebot.com", "search.msn.com")
    for name in ("a.googlebot.com", "a.b.GoogleBot.com.", "msnbot-1.search.msn.com"):
        assert has_suffix(name, ends)
    for name in (
        "googlebot.com",
        "agooglebot.com",
        "a.googlebot.com.evil.test",
        "",
        ".",
        "msn.com",
    ):
        assert not has_suffix(name, ends)


def test_every_family_says_where_its_facts_are_from():
    for family in crawlers.FAMILIES:
        assert family.source.startswith("https://")
        assert crawlers.CLAIM.search(family.token)
