"""What an order may ask beyond equal periods: paid once, other first prices, a trial."""

import sqlite3
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, GatewayRefused, Opening
from broadsheet.ledger.providers.fakepay.book import NEWER, Book
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.orders import order_json, read_order
from broadsheet.ledger.providers.fakepay.refusals import Refused
from broadsheet.ledger.tests.fakepay.cast import (
    DECLINED,
    GOOD,
    HTTP,
    PAYS_ONCE,
    fill_in,
    get,
    order,
)

KOLKATA = ZoneInfo("Asia/Kolkata")
START = datetime(2024, 1, 31, 20, 15, tzinfo=KOLKATA)
ASKS = "4000 0027 6000 3184"


@pytest.fixture
def agreed(direct, gateway):
    """Opens a monthly agreement that begins on January 31, 2024; its reference."""
    gateway.stop_clock(START)

    def make(number=GOOD, **facts):
        hosted = direct.open_checkout(order(**{"interval": Interval("month", 1)} | facts))
        assert direct.pay(hosted.ref, number, confirmed=True).kind == "paid"
        return hosted.ref

    return make


def paid(direct, ref):
    return [(c.number, c.amount) for c in direct.look_up(ref).charges if c.paid]


def test_what_is_paid_once_ends_with_its_period(direct, gateway, agreed):
    ref = agreed(renews=False)
    standing = direct.look_up(ref)
    assert (standing.state, standing.renews) == ("active", False)
    gateway.set_clock(datetime(2024, 6, 1, tzinfo=KOLKATA))
    assert direct.look_up(ref).state == "ended"
    assert paid(direct, ref) == [(0, 90000)]


def test_what_is_paid_once_takes_up_no_renewal_and_no_change(direct, agreed):
    ref = agreed(renews=False)
    with pytest.raises(GatewayRefused, match="without renewal"):
        direct.set_renewal(ref, renews=True)
    direct.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused, match="paid once"):
        direct.change(ref, _change(1))


def _change(number):
    return Change(
        key="c1", number=number, amount=5, interval=Interval("week", 1), description="Weekly",
        due=5, at_once=True, expires_at=START + timedelta(days=9),
    )  # fmt: skip


def test_the_first_periods_cost_what_was_said_and_the_others_the_price(direct, gateway, agreed):
    ref = agreed(opening=Opening(9900, 2))
    gateway.set_clock(datetime(2024, 5, 1, tzinfo=KOLKATA))
    assert paid(direct, ref) == [(0, 9900), (1, 9900), (2, 90000), (3, 90000)]
    assert direct.look_up(ref).amount == 90000


def test_a_first_period_may_cost_nothing(direct, gateway, agreed):
    gateway.set_fee(200)
    ref = agreed(opening=Opening(0, 1))
    gateway.set_clock(datetime(2024, 3, 1, tzinfo=KOLKATA))
    assert paid(direct, ref) == [(0, 0), (1, 90000)]
    assert direct.look_up(ref).charges[0].fee == 0


def test_a_change_at_once_ends_the_first_prices(direct, gateway, agreed):
    ref = agreed(opening=Opening(9900, 3))
    direct.change(ref, _change(1))
    gateway.set_clock(START + timedelta(days=8))
    assert paid(direct, ref) == [(0, 9900), (1, 5), (2, 5)]


def test_in_a_trial_nothing_is_charged_and_then_period_0_begins(direct, gateway, agreed):
    ref = agreed(trial_days=29)
    standing = direct.look_up(ref)
    assert (standing.state, standing.charges) == ("active", ())
    assert standing.started_at == START + timedelta(days=29)
    gateway.advance(29 * 86400 - 1)
    assert direct.look_up(ref).charges == ()
    gateway.advance(1)
    assert [charge.at for charge in direct.look_up(ref).charges] == [START + timedelta(days=29)]
    # The trial ended on February 29: periods are counted from there.
    gateway.set_clock(datetime(2024, 4, 1, tzinfo=KOLKATA))
    assert [charge.at.astimezone(KOLKATA).day for charge in direct.look_up(ref).charges] == [29, 29]


def test_a_trial_that_was_cancelled_ends_without_a_charge(direct, gateway, agreed):
    ref = agreed(trial_days=14)
    direct.set_renewal(ref, renews=False)
    assert direct.look_up(ref).state == "active"
    gateway.advance(20 * 86400)
    assert (direct.look_up(ref).state, direct.look_up(ref).charges) == ("ended", ())


@pytest.mark.parametrize("card", [ASKS, DECLINED])
def test_the_first_charge_after_a_trial_may_fail_and_be_paid_by_hand(direct, gateway, agreed, card):
    ref = agreed(trial_days=14)
    gateway.set_card(ref, read_number(card))
    gateway.advance(14 * 86400)
    assert (direct.look_up(ref).state, paid(direct, ref)) == ("past_due", [])
    assert direct.pay(ref, PAYS_ONCE).kind == "paid"
    assert paid(direct, ref) == [(0, 90000)]
    assert direct.look_up(ref).started_at == START + timedelta(days=14)


def test_a_card_that_is_declined_begins_no_trial(direct, gateway):
    ref = direct.open_checkout(order(trial_days=14)).ref
    outcome = direct.pay(ref, DECLINED)
    assert (outcome.kind, outcome.problem) == ("failed", "The card was declined.")
    assert (direct.look_up(ref).state, direct.look_up(ref).charges) == ("open", ())


def test_in_a_trial_the_terms_do_not_change(direct, agreed):
    ref = agreed(trial_days=14)
    with pytest.raises(GatewayRefused, match="trial"):
        direct.change(ref, _change(0))


@pytest.mark.parametrize(
    "facts",
    [
        {"trial_days": -1}, {"trial_days": 9999}, {"trial_days": 3, "renews": False},
        {"opening": Opening(-1, 1)}, {"opening": Opening(5, 0)}, {"opening": Opening(10**13, 1)},
    ],
)  # fmt: skip
def test_terms_that_nobody_could_agree_to_are_refused(direct, facts):
    with pytest.raises(GatewayRefused):
        direct.open_checkout(order(**facts))


def test_the_same_key_with_other_terms_is_another_order(direct):
    direct.open_checkout(order(opening=Opening(5, 1)))
    for facts in ({}, {"opening": Opening(5, 2)}, {"renews": False}, {"trial_days": 7}):
        with pytest.raises(GatewayRefused, match="another order"):
            direct.open_checkout(order(**facts))


def test_all_of_an_order_travels(client):
    for n, facts in enumerate(
        ({"renews": False}, {"opening": Opening(5, 1)}, {"trial_days": 7}, {})
    ):
        made = order(key=f"k{n}", **facts)
        assert read_order(order_json(made)) == made
        assert client.open_checkout(made) == client.open_checkout(made)


@pytest.mark.parametrize(
    "facts",
    [
        {"renews": "no"}, {"trial_days": "7"}, {"opening": 5}, {"opening": {"amount": 5}},
        {"opening": {"amount": "5", "periods": 1}},
    ],
)  # fmt: skip
def test_terms_of_another_kind_are_refused(facts):
    with pytest.raises(Refused, match="wrong"):
        read_order(order_json(order()) | facts)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"renews": False}, "Paid once. Nothing is charged later."),
        ({"opening": Opening(9900, 3)}, "The first 3 payments: ₹99 each; then ₹900 every 3"),
        ({"trial_days": 14}, "Nothing is charged for 14 days. ₹900 every 3 months, until you"),
    ],
)
def test_the_page_says_all_that_will_be_charged(client, facts, sentence):
    hosted = client.open_checkout(order(**facts))
    assert sentence in get(hosted.url).text
    german = client.open_checkout(order(key="o2", language="de", **facts))
    assert 'lang="de"' in get(german.url).text
    assert fill_in(hosted.url).status_code == 303
    assert HTTP.get(hosted.url).status_code == 200


def test_a_book_of_an_older_version_is_opened(tmp_path):
    path = tmp_path / "old.sqlite3"
    Book(path).close()
    db = sqlite3.connect(path)
    db.execute("DROP INDEX agreement_stirred")
    for name, _kind in NEWER:
        db.execute(f"ALTER TABLE agreement DROP COLUMN {name}")
    db.close()
    book = Book(path)
    there = {row["name"] for row in book.rows("PRAGMA table_info (agreement)")}
    assert {name for name, _kind in NEWER} <= there
    book.close()
