"""A paper that can live through the demo's past."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from broadsheet.accounts.actions import make_reader, make_staff
from broadsheet.accounts.models import User
from broadsheet.demo import actions, history
from broadsheet.desk.models import Article, Section
from broadsheet.kit import clock
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.actions import make_entitlements
from tests.cast import PASSWORD

NOW = datetime(2026, 5, 31, 9, 30, tzinfo=UTC)
"""No day is a quarter before the 31st of May."""


@pytest.fixture
def opened(paper) -> Iterator[None]:
    """The paper at NOW, with plans and eight reports, before it has a past."""
    with time_machine.travel(NOW, tick=False), gathered():
        make_entitlements()
        with clock.standing_at(NOW - history.OPENED):
            actions.make_plans()
        for n in range(8):
            at = NOW - timedelta(hours=n + 1)
            Article.objects.create(
                headline=f"Lamp {n} is lit", body="<p>It burns.</p>", access="metered", live=True,
                section=Section.objects.first(), first_published_at=at, last_published_at=at,
            )  # fmt: skip
        yield


def live() -> User:
    """Live through it; returns the subscriber."""
    editor = make_staff("ada@lantern.example", PASSWORD, publisher=True)
    subscriber = make_reader("cleo@lantern.example", PASSWORD)
    history.make_past(NOW, editor, subscriber)
    return subscriber
