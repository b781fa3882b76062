"""Any order of calls, cards and waiting leaves books that add up."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, GatewayRefused
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.tests.fakepay.cast import DAY, DECLINED, GOOD, PAYS_ONCE, POOR, order

CARDS = st.sampled_from([GOOD, GOOD, DECLINED, POOR, PAYS_ONCE])
INTERVALS = st.builds(Interval, st.sampled_from(["day", "week", "month"]), st.integers(1, 3))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), CARDS),
        st.tuples(st.just("card"), CARDS),
        st.tuples(st.just("wait"), st.floats(0, 50 * DAY)),
        st.tuples(st.just("renewal"), st.booleans()),
        st.tuples(st.just("cancel"), st.none()),
        st.tuples(st.just("refund"), st.integers(1, 100_000)),
        st.tuples(st.just("change"), st.booleans()),
        st.tuples(st.just("drop"), st.integers(0, 25)),
    ),
    max_size=25,
)


def take(direct, ref, number, step):
    word, value = step
    match word:
        case "pay":
            direct.pay(ref, value)
        case "card":
            direct.gateway.set_card(ref, read_number(value))
        case "wait":
            direct.gateway.advance(value)
        case "renewal":
            direct.set_renewal(ref, renews=value)
        case "cancel":
            direct.gateway.cancel(ref)
        case "change":
            direct.change(ref, change(direct, ref, number, at_once=value))
        case "drop":
            direct.drop_change(ref, f"c{value}")
        case "refund":
            charges = direct.look_up(ref).charges
            if charges:
                direct.refund(charges[-1].ref, value, key=f"r{number}")


def change(direct, ref, number, *, at_once):
    return Change(
        key=f"c{number}", number=sum(c.paid for c in direct.look_up(ref).charges),
        amount=1000 + number, interval=Interval("week", 1 + number % 3), description="Other",
        due=500 if at_once else 0, at_once=at_once,
        expires_at=direct.gateway.now() + timedelta(hours=1),
    )  # fmt: skip


def check(standing):
    paid = [charge for charge in standing.charges if charge.paid]
    assert [charge.number for charge in paid] == list(range(len(paid)))
    moments = [charge.at for charge in standing.charges]
    assert moments == sorted(moments)
    assert (standing.started_at is None) == (standing.state in ("open", "closed"))
    assert standing.base or standing.started_at == (paid[0].at if paid else None)
    assert bool(standing.base) == bool(standing.terms)
    assert standing.base <= len(paid)
    assert {c.amount for c in paid[standing.base + 1 :]} <= {standing.amount}
    assert bool(standing.pay_url) == (standing.state == "past_due")
    for charge in standing.charges:
        back = sum(refund.amount for refund in standing.refunds if refund.charge == charge.ref)
        assert back <= (charge.amount if charge.paid else 0)


@settings(max_examples=60, deadline=None)
@given(interval=INTERVALS, steps=STEPS)
def test_the_books_add_up(interval, steps):
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(Path(folder) / "f.sqlite3")
        gateway.stop_clock(datetime(2024, 1, 31, 12, 0, tzinfo=UTC))
        direct = Direct(gateway)
        ref = direct.open_checkout(order(interval=interval)).ref
        over = None
        for number, step in enumerate(steps):
            try:
                take(direct, ref, number, step)
            except GatewayRefused:
                pass
            standing = direct.look_up(ref)
            check(standing)
            assert over is None or standing.charges == over
            over = standing.charges if standing.state in ("closed", "ended") else None
        gateway.close()
