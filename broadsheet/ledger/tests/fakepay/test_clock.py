import time
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.tests.fakepay.cast import DAY, GOOD, order

LONG_AGO = datetime(2024, 5, 1, 9, 0, tzinfo=UTC)


def test_it_shows_real_time_at_first(gateway):
    assert abs(gateway.now().timestamp() - time.time()) < 5


def test_it_only_goes_forward(gateway, direct):
    gateway.stop_clock(LONG_AGO)
    direct.open_checkout(order())
    gateway.advance(10)
    with pytest.raises(GatewayRefused, match="forward"):
        gateway.set_clock(LONG_AGO)
    with pytest.raises(GatewayRefused, match="forward"):
        gateway.stop_clock(LONG_AGO)
    assert gateway.now() == LONG_AGO + timedelta(seconds=10)


def test_it_stands_until_it_is_let_go(gateway):
    gateway.stop_clock(LONG_AGO)
    gateway.set_clock(LONG_AGO + timedelta(days=40))
    assert gateway.now() == LONG_AGO + timedelta(days=40)
    gateway.start_clock()
    assert abs(gateway.now().timestamp() - time.time()) < 5


def test_what_is_ahead_of_real_time_stays_ahead(gateway):
    gateway.advance(30 * DAY)
    gateway.start_clock()
    assert abs(gateway.now().timestamp() - time.time() - 30 * DAY) < 5


def test_letting_it_go_runs_what_fell_due_since(gateway, direct):
    gateway.stop_clock(LONG_AGO)
    ref = direct.open_checkout(order()).ref
    direct.pay(ref, GOOD)
    gateway.start_clock()
    charges = direct.look_up(ref).charges
    assert len(charges) > 8
    assert charges[1].at == datetime(2024, 8, 1, 9, 0, tzinfo=UTC)


def test_it_is_kept_over_a_restart(gateway, tmp_path):
    gateway.stop_clock(LONG_AGO)
    again = Gateway(tmp_path / "fakepay.sqlite3")
    assert again.now() == LONG_AGO
    again.close()


def test_what_falls_due_happens_in_order_across_agreements(gateway, direct):
    gateway.stop_clock(LONG_AGO)
    for number in range(5):
        ref = direct.open_checkout(order(f"o{number}")).ref
        direct.pay(ref, GOOD)
        gateway.advance(DAY)
    gateway.advance(300 * DAY)
    moments = [row["at"] for row in gateway.book.rows("SELECT at FROM charge ORDER BY serial")]
    assert moments == sorted(moments)
    assert len(moments) == 20


def test_a_batch_is_all_or_nothing(gateway, direct):
    with pytest.raises(ZeroDivisionError), gateway.batch():
        direct.open_checkout(order())
        raise ZeroDivisionError
    with gateway.batch():
        direct.open_checkout(order("kept"))
        with pytest.raises(GatewayRefused):
            direct.open_checkout(order("bad", replaces="agr_nobody"))
    keys = [row["key"] for row in gateway.book.rows("SELECT key FROM agreement")]
    assert keys == ["kept"]


def test_months_of_many_readers_are_quickly_there(tmp_path):
    gateway = Gateway(tmp_path / "history.sqlite3", announces=False)
    direct, begun = Direct(gateway), time.process_time()
    with gateway.batch():
        gateway.stop_clock(LONG_AGO)
        for number in range(200):
            direct.pay(direct.open_checkout(order(f"o{number}")).ref, GOOD)
            gateway.advance(DAY / 2)
        gateway.advance(200 * DAY)
    assert time.process_time() - begun < 5
    (paid,) = gateway.book.row("SELECT count(*) FROM charge WHERE paid")
    assert paid > 600
    assert gateway.book.rows("SELECT * FROM event") == []
    gateway.close()
