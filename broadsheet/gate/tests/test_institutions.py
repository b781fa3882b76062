"""A right that a network lends: for its readers, on this request, and no longer."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.app import Gate
from broadsheet.gate.institutions import Lending, Networks
from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.policy import Policy
from broadsheet.gate.pressed import open_store, store_path
from broadsheet.gate.rules import Reader, Report, choose
from broadsheet.gate.tests.asking import Answer, Clock, asked
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article, page
from tests.waiting import is_prompt, wait_until

NOON = 1_795_348_800.0
METERED, PREMIUM, EPAPER = (f"/2026/11/22/{name}" for name in ("metered", "premium", "epaper"))
LIBRARY = Lending(7, "193.0.6.0/24", ("unlimited", "ad_free"))
LIBRARY_SIX = Lending(7, "2a00:1450:4001::/48", ("unlimited", "ad_free"))
FACULTY = Lending(8, "193.0.6.128/25", ("premium",))
INSIDE, DESK, OUTSIDE = "193.0.6.9", "193.0.6.200", "193.0.7.9"


@pytest.fixture
def gate(paper: Paper) -> Gate:
    lend(paper, LIBRARY, LIBRARY_SIX, FACULTY)
    paper.press(
        *article(METERED, 1), *article(PREMIUM, 2, "premium"), *article(EPAPER, 3, "epaper"),
        page("/", "<h1>Front</h1><aside>ad</aside>", "plain"),
        page("/", "<h1>Front</h1>", "plain_no_ads"),
    )  # fmt: skip
    return Gate(paper.home, SECRET, trusted=[ip_network("127.0.0.1/32")], clock=Clock(NOON))


def lend(paper: Paper, *lendings: Lending) -> None:
    paper.press_event(lambda run: run.lend(lendings))


def get(gate: Gate, path: str, address: str, **fields: str) -> Answer:
    return asked(gate, path, x_forwarded_for=address, accept_encoding="identity", **fields)


def is_open(answer: Answer) -> bool:
    return CANARY.encode() in answer.body


@pytest.mark.parametrize("address", [INSIDE, DESK, "::ffff:193.0.6.9", "2a00:1450:4001:7::1"])
def test_inside_the_network_everything_lent_is_open_and_for_no_cache(gate, address):
    answer = get(gate, METERED, address)
    assert is_open(answer) and b"ad</aside>" not in answer.body
    assert answer.get("cache-control") == "private, no-store"
    assert not answer.get("set-cookie"), "nothing is kept with the reader"
    front = get(gate, "/", address)
    assert b"ad" not in front.body
    assert front.get("cache-control") == "private, no-cache"
    assert not is_open(get(gate, EPAPER, address))


@pytest.mark.parametrize("address", [OUTSIDE, "193.0.5.255", "2a00:1450:4002::1", "::193.0.6.9"])
def test_outside_of_it_nothing_is(gate, address):
    assert b"ad</aside>" in get(gate, METERED, address).body, "the first free article"
    assert not is_open(get(gate, PREMIUM, address))
    assert get(gate, "/", address).get("cache-control") == "public, no-cache"
    assert b"<aside>" in get(gate, "/", address).body


def test_a_network_within_another_adds_what_it_is_lent(gate):
    assert is_open(get(gate, PREMIUM, DESK))
    assert not is_open(get(gate, PREMIUM, INSIDE))
    assert b"ad</aside>" not in get(gate, PREMIUM, DESK).body


def test_a_teaser_for_the_network_is_for_no_cache_either(gate):
    assert get(gate, PREMIUM, OUTSIDE).get("cache-control") == "public, no-cache"
    assert get(gate, PREMIUM, INSIDE).get("cache-control") == "private, no-store"


def test_bypass_33_a_made_up_field_opens_nothing(gate, paper):
    for claim in (INSIDE, f"{INSIDE}, 9.9.9.9", f"9.9.9.9, {INSIDE}, 9.9.9.9", "127.0.0.1"):
        answer = asked(gate, PREMIUM, client="9.9.9.9:1", x_forwarded_for=claim, x_real_ip=INSIDE,
                       forwarded=f"for={INSIDE}", accept_encoding="identity")  # fmt: skip
        assert not is_open(answer)
    for claim in (f"{DESK}, {OUTSIDE}", f"{DESK}, 9.9.9.9", f"{DESK}, nonsense"):
        assert not is_open(get(gate, PREMIUM, claim)), claim
    assert is_open(get(gate, PREMIUM, f"9.9.9.9, {DESK}")), "the rightmost is the proxy's own word"


def test_bypass_33_leaving_the_network_ends_it_with_the_next_request(gate):
    first = get(gate, PREMIUM, DESK)
    assert is_open(first)
    assert not is_open(get(gate, PREMIUM, OUTSIDE))
    held = get(gate, "/", DESK).get("etag")
    assert get(gate, "/", OUTSIDE, if_none_match=held).status == 200


def test_reading_by_a_network_spends_nothing_and_writes_no_read(gate, paper):
    cookie = paper.reader_cookie()
    for _ in range(3):
        assert is_open(get(gate, METERED, INSIDE, cookie=cookie))
    gate._door.meter.flush()
    records = [r for path in segments(paper.home / "journal") for r in read_segment(path)[0]]
    assert [record for record in records if record.outcome == "read"] == []


def test_own_rights_come_first_and_the_rule_names_the_institution():
    def rule(access: str, *own: str, registered: bool = False) -> str:
        lent = {"unlimited": 7, "premium": 8}
        reader = Reader(registered, frozenset(own), lent)
        return choose(Report(1, access), reader, Policy(), (), now=0).rule

    assert rule("metered") == rule("registered") == "institution:7"
    assert rule("premium") == "institution:8"
    assert rule("metered", "unlimited") == "unlimited"
    assert rule("premium", "premium") == "premium"
    assert rule("registered", registered=True) == "registered"
    assert rule("open") == "open"
    assert rule("epaper") == "epaper", "closed"


def test_it_begins_and_ends_to_the_second(paper):
    lend(paper, Lending(7, "193.0.6.0/24", ("premium",), NOON, NOON + 60))
    paper.press(*article(PREMIUM, 2, "premium"))
    clock = Clock(NOON - 1)
    gate = Gate(paper.home, SECRET, trusted=[ip_network("127.0.0.1/32")], clock=clock)
    opened = []
    for clock.now in (NOON - 1, NOON, NOON + 59, NOON + 60):
        opened.append(is_open(get(gate, PREMIUM, INSIDE)))
    assert opened == [False, True, True, False]


def test_a_served_paper_takes_networks_over_and_ends_them_within_a_second(paper: Paper):
    paper.press(*article(PREMIUM, 2, "premium"))
    paper.proxies = "127.0.0.1/32"
    paper.start()

    def opens() -> bool:
        asked_for = {"x_forwarded_for": INSIDE, "accept_encoding": "identity"}
        return CANARY.encode() in paper.ask(PREMIUM, **asked_for).body

    def turn(*lendings: Lending) -> float:
        assert opens() != bool(lendings)
        lend(paper, *lendings)
        return wait_until(lambda: opens() == bool(lendings))

    def come_and_go() -> float:
        return max(turn(Lending(7, "193.0.6.0/24", ("premium",))), turn())

    assert is_prompt(come_and_go, within=1.0)


def test_a_gate_completes_a_store_of_an_older_version_and_reads_it(paper: Paper):
    store = open_store(store_path(paper.home))
    store.execute("DROP TABLE network")
    store.close()
    gate = Gate(paper.home, SECRET, trusted=[ip_network("127.0.0.1/32")], clock=Clock(NOON))
    assert not gate._memory.networks.lendings
    lend(paper, FACULTY)
    paper.press(*article(PREMIUM, 2, "premium"))
    gate.notice()
    assert is_open(get(gate, PREMIUM, DESK))


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@st.composite
def networks(draw) -> str:
    address = draw(addresses)
    length = draw(st.integers(0, address.max_prefixlen))
    return str(ip_network(f"{address}/{length}", strict=False))


lendings = st.builds(
    Lending, st.integers(1, 9), networks(),
    st.lists(st.sampled_from(["unlimited", "premium", "epaper"]), unique=True).map(tuple),
    st.sampled_from([0, 50, 150]), st.sampled_from([0, 60, 200]),
)  # fmt: skip


@given(st.lists(lendings, max_size=8), addresses, st.booleans())
def test_what_is_lent_is_what_the_networks_that_hold_the_address_lend(rows, address, near):
    if near and rows:
        address = ip_network(rows[0].network).network_address
    holding = [
        row for row in rows
        if address in ip_network(row.network)
        and row.opens <= 100 and (not row.closes or row.closes > 100)
    ]  # fmt: skip
    lent = Networks(rows).lent(str(address), 100)
    assert set(lent) == {right for row in holding for right in row.entitlements}
    for right, institution in lent.items():
        lenders = [row for row in holding if right in row.entitlements]
        narrowest = max(ip_network(row.network).prefixlen for row in lenders)
        assert institution in {
            row.institution for row in lenders if ip_network(row.network).prefixlen == narrowest
        }


def test_who_reads_by_a_network_waits_for_no_meter(paper):
    lend(paper, LIBRARY)
    paper.press(*article(METERED, 1))
    nowhere = {"meter_url": "redis://127.0.0.1:9", "clock": Clock(NOON)}
    gate = Gate(paper.home, SECRET, trusted=[ip_network("127.0.0.1/32")], **nowhere)
    assert is_open(get(gate, METERED, INSIDE))
    with pytest.raises(RuntimeError, match="no running event loop"):
        get(gate, METERED, OUTSIDE)
