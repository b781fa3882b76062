"""What stirred at Fakepay since a moment: over HTTP, and by a file of an older version.

What every gateway must list is asked in `ledger/tests/providers/test_listing.py`.
"""

import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest

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
