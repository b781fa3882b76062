"""Two processes take the same documents at the same moment (docs/cases.md, 36)."""

import json
from datetime import UTC, datetime

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Intake, Notice
from broadsheet.press_log.gathering import gathered
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Alias, Arrival, Item, Version
from broadsheet.wire.transports.base import Arrival as Document
from tests.at_once import at_once
from tests.cast import body, ninjs

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS, VERSIONS = 6, 4


def documents():
    """Several items in several versions, a correction and a withdrawal among them."""
    made = []
    for version in range(1, VERSIONS + 1):
        for number in range(ITEMS):
            facts = {"headline": f"Report {number}", "body": body(f"m{number}v{version}")}
            if (number, version) == (1, 3):
                facts["headline"] = "CORRECTED: Report 1"
            if (number, version) == (2, VERSIONS):
                facts["status"] = "canceled"
            item = json.loads(ninjs(f"urn:quill:{number}", version=version, **facts))
            made.append(json.dumps(item | {"url": f"https://q.example/{number}"}).encode())
    return made


def take_all(feed):
    with gathered():
        for number, data in enumerate(documents()):
            at = datetime.now(UTC)
            arrival = Document(f"{number}.json", data, "application/json", None, at)
            wire.take_arrival(feed, arrival)
            desk.catch_up()


def test_case_36_two_processes_that_take_the_same_make_everything_once(feed, tmp_path):
    other = wire.add_feed("quill-top", str(tmp_path / "top"), agency="Quill")
    at_once(lambda: take_all(feed), lambda: take_all(other), lambda: take_all(feed))
    assert Item.objects.count() == Intake.objects.count() == ITEMS
    # Withdrawn before the desk came to it, the third has no article; else a withdrawn one.
    shown = Article.objects.filter(live=True, withdrawn_at=None).values_list("item__key", flat=True)
    assert sorted(shown) == [f"urn:quill:{n}" for n in range(ITEMS) if n != 2]
    assert Version.objects.count() == ITEMS * VERSIONS
    numbers = Version.objects.order_by("item", "number").values_list("item__key", "number")
    assert list(numbers) == [
        (f"urn:quill:{n}", version) for n in range(ITEMS) for version in range(1, VERSIONS + 1)
    ]
    assert Arrival.objects.values("version", "feed").distinct().count() == Arrival.objects.count()
    assert Alias.objects.filter(value__startswith="link:").count() == ITEMS
    told = Notice.objects.exclude(article__item__key="urn:quill:2")
    assert [notice.kind for notice in told] == ["correction"]
    assert Notice.objects.filter(kind="withdrawal").count() <= 1
    applied = {item.key: item.latest.number for item in Item.objects.select_related("latest")}
    assert set(applied.values()) == {VERSIONS}


def test_case_36_two_updates_in_one_second_are_applied_in_their_order(feed):
    at = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    for version in (1, 2, 3):
        arrival = Document(
            "x.json", ninjs(version=version, at=at, body=body(f"v{version}")), None, None, at
        )
        wire.take_arrival(feed, arrival)
    at_once(desk.catch_up, desk.catch_up)
    article = Article.objects.get()
    assert article.basis.number == 3
    assert "v3" in article.full_body


def test_case_36_an_embargo_that_lifts_in_two_processes_publishes_once(feed):
    with gathered():
        arrival = Document("x.json", ninjs(), None, None, datetime.now(UTC))
        wire.take_arrival(feed, arrival)
        version = Version.objects.get()
        Intake.objects.create(item=version.item, outcome="held", due_at=datetime.now(UTC))
        done = at_once(*[desk.publish_due] * 3)
    assert sum(done) == Article.objects.count() == 1
