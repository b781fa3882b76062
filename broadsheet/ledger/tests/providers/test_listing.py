"""What stirred at a gateway since a moment, page by page: the same of every gateway."""

from datetime import timedelta

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN

NOON = BEGIN + timedelta(days=10)
LATER = BEGIN + timedelta(days=20)


def pages(provider, since):
    """The keys of each page."""
    found, cursor = [], ""
    while True:
        listing = provider.list_since(since, cursor)
        assert all(provider.look_up(row.ref).key == row.key for row in listing.rows)
        assert len(listing.cursor) <= 300
        found.append([row.key for row in listing.rows])
        cursor = listing.cursor
        if not cursor:
            return found


def listed(provider, since):
    return {key for page in pages(provider, since) for key in page}


@pytest.fixture
def refs(bench):
    """Three opened at the start, the first two paid; then ten days of nothing."""
    facts = {"interval": Interval("month", 1), "amount": 30000}
    made = [bench.provider.open_checkout(order(key, **facts)).ref for key in ("o1", "o2", "o3")]
    assert bench.pay(made[0]) and bench.pay(made[1])
    bench.move_to(NOON)
    return made


def charge(bench, ref):
    return bench.provider.look_up(ref).charges[0].ref


def refund(bench, ref):
    bench.provider.refund(charge(bench, ref), 100, key="refund-0001")


def test_what_was_opened_and_paid_is_there_and_what_rests_is_left_out(bench, refs):
    assert listed(bench.provider, BEGIN) == {"o1", "o2", "o3"}
    assert listed(bench.provider, NOON) == set()


@pytest.mark.parametrize(
    "stir",
    [
        refund,
        lambda bench, ref: bench.provider.set_renewal(ref, renews=False),
        lambda bench, ref: bench.dispute(charge(bench, ref)),
    ],
    ids=["refunded", "stopped", "disputed"],
)
def test_everything_that_happens_to_a_checkout_stirs_it_alone(bench, refs, stir):
    stir(bench, refs[0])
    assert listed(bench.provider, NOON) == {"o1"}


def test_a_dispute_that_was_opened_before_stirs_again_when_it_is_decided(bench, refs):
    dispute = bench.dispute(charge(bench, refs[0]))
    bench.move_to(LATER)
    bench.decide(dispute, "lost")
    assert listed(bench.provider, LATER) == {"o1"}


def test_renewals_and_failed_ones_are_there(bench, refs):
    bench.card(refs[1], "declined")
    begun = BEGIN + timedelta(days=25)
    bench.move_to(begun)
    assert listed(bench.provider, begun) == set()
    bench.move_to(BEGIN + timedelta(days=29))
    assert listed(bench.provider, begun) == {"o1", "o2"}
    assert not bench.provider.look_up(refs[1]).charges[-1].paid


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_go_on_where_the_one_before_ended(bench, refs, size, monkeypatch):
    monkeypatch.setattr(bench.page, size)
    found = pages(bench.provider, BEGIN)
    assert {key for page in found for key in page} == {"o1", "o2", "o3"}
    assert max(map(len, found)) <= size
    assert len(found) > 1 or size == 3


def test_what_stirs_while_it_is_listed_is_lost_to_nobody(bench, refs, monkeypatch):
    monkeypatch.setattr(bench.page, 1)
    found, cursor = set(), ""
    for turn in range(100):
        listing = bench.provider.list_since(BEGIN, cursor)
        found |= {row.key for row in listing.rows}
        if turn == 0:
            refund(bench, refs[0])
            bench.provider.open_checkout(order("o4"))
        cursor = listing.cursor
        if not cursor:
            break
    assert (found >= {"o1", "o2", "o3"}, cursor) == (True, "")


@pytest.mark.parametrize("cursor", ["1; DROP TABLE agreement", "../../v1/account", "evt-ü", "-"])
def test_no_cursor_of_ours_is_refused(bench, refs, cursor):
    with pytest.raises(GatewayRefused):
        bench.provider.list_since(BEGIN, cursor)


def test_a_dispute_says_until_when_it_can_be_answered(bench, refs):
    bench.dispute(charge(bench, refs[0]))
    (disputed,) = bench.provider.look_up(refs[0]).disputes
    assert disputed.at + timedelta(days=5) < disputed.due_at < disputed.at + timedelta(days=30)
