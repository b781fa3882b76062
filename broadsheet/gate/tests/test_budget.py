"""How many metered articles leave for one network in a day without a cookie."""

import time
from collections import Counter
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.gate.app import Gate
from broadsheet.gate.budget import UNBOUNDED, Budget, Share
from broadsheet.gate.clients import noted_doubts
from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.policy import Allowance, Policy, policy_text
from broadsheet.gate.tests.asking import Answer, Clock, asked, at_once
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article
from tests.waiting import wait_until

NOON = 1_795_348_800.0
"""2026-11-22 12:00 UTC."""
DAY = 86_400
HOME_READER, NEIGHBOUR, FAR_AWAY = "8.8.8.8", "8.8.8.200", "9.9.9.9"
SIX, SAME_SIX, OTHER_SIX = "2a00:1450:4001::1", "2a00:1450:4001:ffff::9", "2a00:1450:4002::1"
TRUSTED = [ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8")]


def paths(count: int) -> list[str]:
    return [f"/2026/11/22/story-{n}" for n in range(1, count + 1)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


def gate_of(paper: Paper, clock: Clock, budget: int = 5, *, trusted=TRUSTED, articles: int = 12):
    pages = [page for n, path in enumerate(paths(articles), 1) for page in article(path, n)]
    paper.press(*pages, policy=policy_text(Policy(budget=budget)))
    return Gate(paper.home, SECRET, trusted=trusted, clock=clock)


def read(gate: Gate, path: str, address: str = HOME_READER, **fields: str) -> Answer:
    """By the proxy on this machine, for a reader at `address`."""
    return asked(gate, path, accept_encoding="identity", x_forwarded_for=address, **fields)


def is_open(answer: Answer) -> bool:
    return CANARY.encode() in answer.body


def opened(gate: Gate, addresses: list[str], **fields: str) -> int:
    asks = zip(paths(len(addresses)), addresses, strict=True)
    return sum(is_open(read(gate, path, address, **fields)) for path, address in asks)


def test_bypass_01_without_cookies_a_network_gets_its_budget_and_no_more(paper, clock):
    gate = gate_of(paper, clock)
    assert opened(gate, [HOME_READER, NEIGHBOUR] * 6) == 5
    assert opened(gate, [FAR_AWAY] * 12) == 5
    assert opened(gate, [SIX, SAME_SIX] * 6) == 5
    assert opened(gate, [OTHER_SIX] * 12) == 5


def test_bypass_02_a_deleted_or_forged_cookie_is_none(paper, clock):
    gate = gate_of(paper, clock)
    assert opened(gate, [HOME_READER] * 12, cookie="reader=" + "A" * 22 + ".forged") == 5


def test_at_the_budget_the_wall_asks_to_register_and_the_log_hears_of_it(paper, clock):
    gate = gate_of(paper, clock, 1)
    paper.press_event(lambda run: run.put_fragment("register_more", "<p>Please register</p>"))
    gate.notice()
    opened(gate, [HOME_READER] * 2)
    answer = read(gate, paths(3)[2])
    assert b"Please register" in answer.body
    assert answer.get("cache-control") == "private, no-store"
    assert "set-cookie" not in dict(answer.fields)
    gate._door.meter.flush()
    (stop,) = (r for p in segments(paper.home / "journal") for r in read_segment(p)[0]
               if r.outcome == "stop" and r.article == 3)  # fmt: skip
    assert (stop.key, stop.rule, stop.reads, stop.limit) == ("-", "budget", 0, 3)


def test_readers_who_keep_their_cookie_or_have_an_account_go_on_reading(paper, clock):
    gate = gate_of(paper, clock, 1)
    cookie = paper.reader_cookie()
    assert opened(gate, [HOME_READER] * 12) == 1
    assert opened(gate, [HOME_READER] * 12, cookie=cookie) == 3
    account = paper.pass_cookie(7, age=time.time() - NOON)
    assert opened(gate, [HOME_READER] * 12, cookie=account) == 5


def test_what_counts_nothing_spends_nothing(paper, clock):
    gate = gate_of(paper, clock, 2)
    for fields in ({"sec_purpose": "prefetch"}, {"method": "HEAD"}):
        for path in paths(12):
            assert not is_open(read(gate, path, **fields))
    assert opened(gate, [HOME_READER] * 12) == 2


def test_a_new_day_gives_a_new_budget_and_a_clock_set_back_none(paper, clock):
    gate = gate_of(paper, clock, 2)
    assert opened(gate, [HOME_READER] * 12) == 2
    clock.now -= 13 * 3600
    assert opened(gate, [HOME_READER] * 12) == 0
    clock.now = NOON + 12 * 3600 - 1
    assert opened(gate, [HOME_READER] * 12) == 0
    clock.now += 1
    assert opened(gate, [HOME_READER] * 12) == 2


@pytest.mark.parametrize("forwarded", ["1.2.3.4", "127.0.0.1", "10.0.0.1", "nonsense", "::1"])
def test_a_made_up_field_neither_switches_it_off_nor_moves_it(paper, clock, forwarded):
    gate = gate_of(paper, clock, 2, trusted=[])
    for number, path in enumerate(paths(12)):
        claim = forwarded if forwarded != "1.2.3.4" else f"1.2.{number}.4"
        answer = asked(gate, path, client="8.8.8.8:40000", x_forwarded_for=claim,
                       accept_encoding="identity")  # fmt: skip
        assert is_open(answer) == (number < 2)


@pytest.mark.parametrize("claim", ["1.2.3.4", "127.0.0.1", "10.9.9.9", "", "nonsense"])
def test_what_a_reader_writes_before_the_proxys_word_changes_nothing(paper, clock, claim):
    gate = gate_of(paper, clock, 2)
    assert opened(gate, [f"{claim}, {HOME_READER}"] * 12) == 2
    assert opened(gate, [f"{claim}, {HOME_READER}, 10.1.1.1"] * 12) == 0


@pytest.mark.parametrize("client", ["127.0.0.1:1", "192.168.1.9:1", "[::1]:1", "[fd00::1]:1"])
def test_there_is_none_for_loopback_and_private_peers(paper, clock, client):
    gate = gate_of(paper, clock, 2, trusted=[])
    replies = [asked(gate, p, client=client, accept_encoding="identity") for p in paths(12)]
    assert all(map(is_open, replies))


def test_a_mapped_address_is_the_one_it_stands_for(paper, clock):
    gate = gate_of(paper, clock, 2, trusted=[])
    clients = ["8.8.8.8:1", "[::ffff:8.8.8.9]:1"] * 6
    replies = [
        asked(gate, path, client=client, accept_encoding="identity")
        for path, client in zip(paths(12), clients, strict=True)
    ]
    assert sum(map(is_open, replies)) == 2


def test_no_bound_is_no_bound_and_a_closed_paper_spends_nothing(paper, clock):
    gate = gate_of(paper, clock, 0)
    assert opened(gate, [HOME_READER] * 12) == 12
    policy = Policy((Allowance("anonymous", 0),), budget=2)
    paper.press(policy=policy_text(policy))
    gate.notice()
    assert opened(gate, [HOME_READER] * 12) == 0
    paper.press(policy=policy_text(Policy(budget=2)))
    gate.notice()
    assert opened(gate, [HOME_READER] * 12) == 2


networks = st.sampled_from([HOME_READER, NEIGHBOUR, FAR_AWAY, SIX, SAME_SIX, OTHER_SIX])
asks = st.lists(st.tuples(networks, st.booleans(), st.integers(0, 7)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(asks, st.integers(1, 6))
def test_bypass_01_02_no_order_of_addresses_and_cookies_gives_more(shared_gate, tries, budget):
    paper, gate = shared_gate(budget)
    kept, without = paper.reader_cookie(), Counter[str]()
    for address, has_cookie, number in tries:
        fields = {"cookie": kept} if has_cookie else {}
        answer = read(gate, paths(8)[number], address, **fields)
        if not has_cookie and is_open(answer):
            without[network_of(address)] += 1
    assert all(count <= budget for count in without.values())
    asked_for = Counter(network_of(a) for a, has_cookie, _ in tries if not has_cookie)
    assert without == Counter({n: min(c, budget) for n, c in asked_for.items()})


def network_of(address: str) -> str:
    bits = 24 if ip_address(address).version == 4 else 48
    return str(ip_network(f"{address}/{bits}", strict=False))


@pytest.fixture(scope="module")
def shared_gate(shared_paper: Paper):
    pages = [page for n, path in enumerate(paths(8), 1) for page in article(path, n)]
    shared_paper.press(*pages)
    clock = Clock(NOON)

    def fresh(budget: int) -> tuple[Paper, Gate]:
        # Another day, another budget: the same gate stands for many.
        clock.now += DAY
        shared_paper.press(policy=policy_text(Policy(budget=budget)))
        gate.notice()
        return shared_paper, gate

    gate = Gate(shared_paper.home, SECRET, trusted=TRUSTED, clock=clock)
    return fresh


def take(budget: Budget, address: str, limit: int) -> Share:
    return at_once(budget.take(address, limit))


def test_memory_is_bounded_and_the_networks_that_ask_stay_known():
    budget = Budget(clock=Clock(NOON), most=100)
    assert not take(budget, "8.8.8.8", 1).spent
    for number in range(1000):
        take(budget, f"9.{number // 256}.{number % 256}.1", 1)
        assert take(budget, "8.8.8.8", 1).spent
    assert len(budget._taken) == 100


def test_what_is_kept_names_no_network_and_is_gone_with_the_day():
    clock = Clock(NOON)
    budget = Budget(clock=clock)
    first = take(budget, "8.8.8.8", 5)
    salt = budget._salt
    assert ip_address("8.8.8.0").packed[:3] not in b"".join(budget._taken)
    clock.now += DAY
    budget.forget()
    assert not budget._taken and budget._salt != salt
    assert take(budget, "8.8.8.8", 5).network != first.network
    at_once(budget.give_back(first))
    assert list(budget._taken.values()) == [1]


def test_what_was_given_back_can_be_taken_again():
    budget = Budget(clock=time.time)
    shares = [take(budget, "8.8.8.8", 2) for _ in range(3)]
    assert [share.spent for share in shares] == [False, False, True]
    at_once(budget.give_back(shares[2]))
    assert take(budget, "8.8.8.8", 2).spent
    at_once(budget.give_back(shares[0]))
    assert not take(budget, "8.8.8.8", 2).spent
    assert take(budget, "127.0.0.1", 2) == take(budget, "8.8.8.8", 0) == UNBOUNDED


def test_a_served_paper_keeps_to_it_and_leaves_word_of_a_proxy_that_nobody_named(paper: Paper):
    pages = [page for n, path in enumerate(paths(6), 1) for page in article(path, n)]
    paper.press(*pages, policy=policy_text(Policy(budget=2)))
    paper.start()
    for path in paths(6):
        assert is_open(paper.ask(path, accept_encoding="identity", x_forwarded_for=HOME_READER))
    wait_until(lambda: noted_doubts(paper.home) == {"private"})
    paper.stop()
    paper.proxies = "127.0.0.1/32"
    paper.start()
    asks = [paper.ask(p, accept_encoding="identity", x_forwarded_for=HOME_READER) for p in paths(6)]
    assert sum(map(is_open, asks)) == 2
    wait_until(lambda: noted_doubts(paper.home) == set())


def test_a_gate_that_nobody_asks_forgets_the_day_too(paper, clock):
    gate = gate_of(paper, clock)
    opened(gate, [HOME_READER] * 3)
    budget, clients = gate._door._budget, gate._clients
    gate._door.tick()
    assert budget._taken
    read(gate, paths(1)[0])
    assert clients._known
    clock.now += DAY
    gate._door.tick()
    assert not budget._taken and not clients._known
