"""A report that is fetched and pushed at the same moment is one item."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from broadsheet.kit import clock
from broadsheet.wire import actions
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from broadsheet.wire.transports.base import Arrival
from tests.cast import ninjs


@pytest.mark.django_db(transaction=True)
def test_case_19_a_report_by_two_transports_at_the_same_moment_is_one_item(feed):
    other = actions.add_feed("quill-pushed", "push:", agency="Quill")
    # Threads of a test share the one connection of an in-memory database.
    side_by_side = not (connection.vendor == "sqlite" and connection.is_in_memory_db())
    start = threading.Barrier(2 if side_by_side else 1)

    def arrive(way: Feed, number: int) -> None:
        start.wait(10)
        try:
            data = ninjs(f"urn:quill:{number}")
            actions.take_arrival(way, Arrival("a", data, None, None, clock.now()))
        finally:
            if side_by_side:
                connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for number in range(6):
            if side_by_side:
                list(pool.map(arrive, (feed, other), (number, number)))
            else:
                arrive(feed, number)
                arrive(other, number)
    assert (Item.objects.count(), Version.objects.count()) == (6, 6)
    assert Fetch.objects.filter(outcome=Outcome.TAKEN).count() == 12
