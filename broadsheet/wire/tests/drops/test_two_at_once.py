"""A report that is fetched and pushed at the same moment is one item."""

from functools import partial

import pytest

from broadsheet.kit import clock
from broadsheet.wire import actions
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from broadsheet.wire.transports.base import Arrival
from tests.at_once import at_once
from tests.cast import ninjs


@pytest.mark.django_db(transaction=True)
def test_case_19_a_report_by_two_transports_at_the_same_moment_is_one_item(feed):
    other = actions.add_feed("quill-pushed", "push:", agency="Quill")

    def arrive(way: Feed, number: int) -> None:
        data = ninjs(f"urn:quill:{number}")
        actions.take_arrival(way, Arrival("a", data, None, None, clock.now()))

    for number in range(6):
        at_once(partial(arrive, feed, number), partial(arrive, other, number))
    assert (Item.objects.count(), Version.objects.count()) == (6, 6)
    assert Fetch.objects.filter(outcome=Outcome.TAKEN).count() == 12
