"""What stirred at the gateway since a moment, page by page: by the engine and over HTTP."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.providers.fakepay import agreements
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.tests.fakepay.cast import order

START = datetime(2026, 3, 31, 10, tzinfo=UTC)
NOON = START + timedelta(days=10)


def pages(provider, since):
    found, cursor = [], ""
    while True:
        listing = provider.list_since(since, cursor)
        found.append([row.key for row in listing.rows])
        cursor = listing.cursor
        if not cursor:
            return found


@pytest.fixture
def three(gateway, direct):
    """Opened at the start, the first paid; then ten days of nothing."""
    gateway.stop_clock(START)
    refs = [direct.open_checkout(order(key)).ref for key in ("o1", "o2", "o3")]
    direct.pay(refs[0], "4242 4242 4242 4242")
    gateway.set_clock(NOON)
    return refs


def test_what_rested_is_left_out_and_what_stirred_is_there(gateway, direct, three):
    assert pages(direct, START) == [["o1", "o2", "o3"]]
    assert pages(direct, NOON) == [[]]
    direct.refund(direct.look_up(three[0]).charges[0].ref, 1, key="r1")
    assert pages(direct, NOON) == [["o1"]]


@pytest.mark.parametrize(
    "stir",
    [
        lambda gateway, ref: gateway.set_renewal(ref, renews=False),
        lambda gateway, ref: gateway.open_dispute(gateway.look_up(ref).charges[0].ref),
        lambda gateway, ref: gateway.set_clock(START + timedelta(days=100)),
    ],
    ids=["stopped", "disputed", "renewed"],
)
def test_everything_that_happens_to_an_agreement_stirs_it(gateway, direct, three, stir):
    stir(gateway, three[0])
    assert "o1" in pages(direct, NOON)[0]


def test_pages_go_on_where_the_one_before_ended(direct, three, monkeypatch):
    monkeypatch.setattr(agreements, "PAGE", 2)
    assert pages(direct, START) == [["o1", "o2"], ["o3"]]


def test_what_stirs_while_it_is_listed_is_lost_to_nobody(direct, three, monkeypatch):
    monkeypatch.setattr(agreements, "PAGE", 1)
    first = direct.list_since(START)
    direct.refund(direct.look_up(three[0]).charges[0].ref, 1, key="r1")
    second = direct.list_since(START, first.cursor)
    third = direct.list_since(START, second.cursor)
    found = [row.key for page in (first, second, third) for row in page.rows]
    assert found == ["o1", "o2", "o3"]


def test_no_cursor_of_ours_is_refused(direct, three):
    with pytest.raises(GatewayRefused):
        direct.list_since(START, "1; DROP TABLE agreement")


def test_the_same_over_http(client, monkeypatch):
    monkeypatch.setattr(agreements, "PAGE", 2)
    since = datetime.fromtimestamp(time.time() - 60, UTC)
    refs = {key: client.open_checkout(order(key)).ref for key in ("o1", "o2", "o3")}
    assert pages(client, since) == [["o1", "o2"], ["o3"]]
    rows = client.list_since(since).rows
    assert {row.key: row.ref for row in rows} == {key: refs[key] for key in ("o1", "o2")}


def test_a_file_of_an_older_version_lists_its_charges(gateway, direct, three, tmp_path):
    gateway.close()
    path = tmp_path / "fakepay.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("DROP INDEX agreement_stirred")
        db.execute("ALTER TABLE agreement DROP COLUMN stirred")
    again = Gateway(path)
    try:
        assert [row.key for row in again.list_since(START).rows] == ["o1"]
    finally:
        again.close()
