"""Other terms for a paid agreement: at once, or with the next period."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.tests.fakepay.cast import (
    DECLINED,
    GOOD,
    HTTP,
    PAYS_ONCE,
    fill_in,
    get,
    order,
)
from tests.waiting import wait_until

ASKS = "4000 0027 6000 3184"
KOLKATA = ZoneInfo("Asia/Kolkata")
BEGUN = datetime(2024, 1, 31, 20, 15, tzinfo=KOLKATA)


def change(key="c1", **facts):
    values = {
        "key": key,
        "number": 1,
        "amount": 270_000,
        "interval": Interval("year", 1),
        "description": "Smart Essential",
        "due": 200_000,
        "at_once": True,
        "expires_at": datetime(2040, 1, 1, tzinfo=UTC),
    }
    return Change(**values | facts)


def planned(**facts):
    return change(**{"due": 0, "at_once": False, "amount": 30_000} | facts)


@pytest.fixture
def quarterly(direct, gateway):
    """A paid agreement of three months from 31 January 2024, the clock standing."""

    def begin(number=GOOD):
        gateway.stop_clock(BEGUN)
        ref = direct.open_checkout(order()).ref
        direct.pay(ref, number, confirmed=True)
        gateway.advance(40 * 24 * 3600)
        return ref

    return begin


def amounts(standing):
    return [(c.number, c.amount, c.paid) for c in standing.charges]


def test_at_once_takes_what_is_due_and_counts_from_now(direct, gateway, quarterly):
    ref = quarterly()
    direct.change(ref, change())
    direct.change(ref, change())
    now = gateway.now()
    standing = direct.look_up(ref)
    assert amounts(standing) == [(0, 90000, True), (1, 200_000, True)]
    assert (standing.amount, standing.interval) == (270_000, Interval("year", 1))
    assert (standing.base, standing.terms, standing.started_at) == (1, "c1", now)
    assert standing.pending is None
    gateway.set_clock(datetime(2026, 6, 1, tzinfo=UTC))
    later = direct.look_up(ref).charges[2:]
    assert [(c.number, c.amount) for c in later] == [(2, 270_000), (3, 270_000)]
    assert [c.at for c in later] == [now.replace(year=year) for year in (2025, 2026)]


def test_planned_begins_with_the_next_charge_and_can_be_dropped(direct, gateway, quarterly):
    ref = quarterly()
    direct.change(ref, planned())
    assert direct.look_up(ref).pending.key == "c1"
    assert direct.look_up(ref).amount == 90000
    direct.drop_change(ref, "c1")
    direct.drop_change(ref, "c1")
    direct.drop_change(ref, "unheard of")
    assert direct.look_up(ref).pending is None
    with pytest.raises(GatewayRefused, match="dropped"):
        direct.change(ref, planned())
    direct.change(ref, planned(key="c2"))
    gateway.set_clock(datetime(2025, 6, 1, tzinfo=UTC))
    standing = direct.look_up(ref)
    assert amounts(standing) == [(0, 90000, True), (1, 30_000, True), (2, 30_000, True)]
    begun = BEGUN.replace(month=4, day=30)
    assert (standing.base, standing.terms, standing.started_at) == (1, "c2", begun)
    with pytest.raises(GatewayRefused, match="in force"):
        direct.drop_change(ref, "c2")


def test_a_planned_change_that_cannot_be_charged_is_overdue_at_its_price(
    direct, gateway, quarterly
):
    ref = quarterly(PAYS_ONCE)
    direct.change(ref, planned())
    gateway.set_clock(datetime(2024, 5, 2, tzinfo=UTC))
    assert direct.look_up(ref).state == "past_due"
    direct.pay(ref, GOOD)
    standing = direct.look_up(ref)
    assert amounts(standing)[1:] == [(1, 30_000, False), (1, 30_000, False), (1, 30_000, True)]
    assert standing.base == 1


@pytest.mark.parametrize("card", [DECLINED, ASKS])
def test_a_card_that_does_not_pay_leaves_everything_and_another_one_pays(
    direct, gateway, quarterly, card
):
    ref = quarterly()
    gateway.set_card(ref, read_number(card))
    direct.change(ref, change())
    standing = direct.look_up(ref)
    assert (standing.state, standing.base, len(standing.charges)) == ("active", 0, 1)
    assert (standing.pending.key, standing.pending.url) == ("c1", standing.url)
    assert standing.pending.problem
    assert direct.pay(ref, GOOD).kind == "paid"
    assert direct.pay(ref, GOOD).kind == "settled"
    assert direct.look_up(ref).charges[-1].amount == 200_000


def test_what_was_not_paid_in_time_is_over(direct, gateway, quarterly):
    ref = quarterly(PAYS_ONCE)
    soon = gateway.now() + timedelta(hours=1)
    direct.change(ref, change(expires_at=soon))
    gateway.advance(3600)
    assert direct.look_up(ref).pending is None
    assert direct.pay(ref, GOOD).kind == "settled"
    with pytest.raises(GatewayRefused, match="not what this change was made for"):
        direct.change(ref, change(key="c2", expires_at=soon))


def test_a_change_made_for_another_period_is_refused(direct, gateway, quarterly):
    ref = quarterly()
    gateway.advance(60 * 24 * 3600)
    with pytest.raises(GatewayRefused, match="not what this change was made for"):
        direct.change(ref, change())
    direct.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused, match="Nothing renews"):
        direct.change(ref, planned(number=2))
    direct.change(ref, change(number=2))
    assert direct.look_up(ref).renews, "who pays for another plan goes on"


def test_another_change_takes_its_place_and_stopping_drops_it(direct, gateway, quarterly):
    ref = quarterly()
    direct.change(ref, planned())
    direct.change(ref, planned(key="c2", amount=40_000))
    assert direct.look_up(ref).pending.key == "c2"
    direct.set_renewal(ref, renews=False)
    direct.set_renewal(ref, renews=True)
    assert direct.look_up(ref).pending is None


@pytest.mark.parametrize("wrong", [{"due": 0}, {"amount": 0}, {"key": " "}, {"at_once": False}])
def test_terms_that_nobody_could_pay_are_refused(direct, quarterly, wrong):
    with pytest.raises(GatewayRefused):
        direct.change(quarterly(), change(**wrong))


def test_over_http_the_bank_is_asked_and_one_confirmation_pays(client, server, control, receiver):
    hosted = client.open_checkout(order())
    fill_in(hosted.url, ASKS)
    assert "Your bank asks" in fill_in(hosted.url, ASKS).text
    said = {"number": ASKS, "expiry": "12/49", "cvc": "123"}
    assert post(hosted.url, **said, bank="no").status_code == 402
    assert post(hosted.url, **said, bank="yes").status_code == 303
    client.change(hosted.ref, change())
    page = get(hosted.url).text
    assert "₹2,000" in page
    assert "•••• 3184" in page
    assert "Your bank asks" in post(hosted.url, kept="1").text
    assert client.look_up(hosted.ref).pending.problem
    assert post(hosted.url, kept="1", bank="yes").status_code == 303
    assert post(hosted.url, kept="1", bank="yes").status_code == 303
    standing = client.look_up(hosted.ref)
    assert [c.amount for c in standing.charges if c.paid] == [90000, 200_000]
    assert (standing.terms, standing.pending) == ("c1", None)
    wait_until(lambda: "agreement.changed" in receiver.kinds(hosted.ref))


def post(url, **fields):
    return HTTP.post(url, data=fields)


def test_an_answer_lost_after_the_charge_is_asked_for_again(client, control):
    hosted = client.open_checkout(order())
    fill_in(hosted.url)
    control.post("fault", mode="silent_after_charge")
    with pytest.raises(GatewaySilent):
        client.change(hosted.ref, change())
    client.change(hosted.ref, change())
    assert [c.amount for c in client.look_up(hosted.ref).charges] == [90000, 200_000]
    client.drop_change(hosted.ref, "another")
    with pytest.raises(GatewayRefused, match="in force"):
        client.drop_change(hosted.ref, "c1")


def test_a_file_of_an_older_version_gets_the_new_columns(tmp_path):
    path = tmp_path / "old.sqlite3"
    book = Book(path)
    for name in ("base", "terms"):
        book.run(f"ALTER TABLE agreement DROP COLUMN {name}")
    book.run("DROP TABLE change")
    book.close()
    book = Book(path)
    assert book.row("SELECT base, terms FROM agreement") is None
    book.close()
