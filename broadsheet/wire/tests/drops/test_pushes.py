"""An agency pushes what it signed; nothing else is stored, and nothing twice."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Rule, Section
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions, pushes
from broadsheet.wire.models import Feed, Fetch, Item, PushAddress, PushDelivery, Version
from broadsheet.wire.transports.base import LARGEST_ARRIVAL, Arrival
from broadsheet.wire.transports.push import SIGNATURE, TIMESTAMP, signature
from tests.cast import ninjs, the_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def pushed(paper):
    feed = actions.add_feed("wave", "push:", agency="Wave")
    section = Section.objects.get(slug="world")
    Rule.objects.create(
        name="wave", feed=feed, section=section, action="publish", max_age_hours=None
    )
    return feed


class Agency:
    """The other side: it knows the address and the secret it was told."""

    def __init__(self, feed: Feed) -> None:
        self.address, self.secret = "", ""
        told = pushes.new_credentials(feed)
        self.path = told.address.partition("8000")[2]
        self.secret = told.secret

    def signed(self, body: bytes, ago: float = 0) -> dict[str, str]:
        timestamp = str(int(time.time() - ago))
        return {TIMESTAMP: timestamp, SIGNATURE: signature(self.secret, timestamp, body)}

    def send(self, body: bytes, headers: dict[str, str] | None = None, **more: Any) -> Any:
        headers = self.signed(body) if headers is None else headers
        kind = more.pop("content_type", "application/json")
        return Client().post(self.path, body, content_type=kind, headers=headers)


@pytest.fixture
def agency(pushed):
    return Agency(pushed)


def test_a_signed_delivery_is_taken_and_counted(agency):
    answer = agency.send(ninjs())
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "taken"
    assert (answer.json()["new"], answer.json()["rejected"]) == (1, 0)
    desk.catch_up()
    assert the_article().full_headline == "Harbour opens early"


def test_every_format_may_be_pushed(agency):
    rss = b"<rss><channel><item><guid>r</guid><title>Rain</title></item></channel></rss>"
    feed = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "j", "title": "J"}]}'
    assert agency.send(rss, content_type="application/rss+xml").json()["new"] == 1
    assert agency.send(feed, content_type="application/feed+json").json()["new"] == 1


def test_the_same_delivery_again_brings_nothing_new(agency):
    body = ninjs()
    headers = agency.signed(body)
    agency.send(body, headers)
    again = agency.send(body, headers)
    assert (again.status_code, again.json()["outcome"], again.json()["new"]) == (200, "known", 0)
    assert (Fetch.objects.count(), Version.objects.count()) == (1, 1)


def test_the_same_report_signed_anew_is_no_new_version(agency):
    agency.send(ninjs())
    assert agency.send(ninjs(), agency.signed(ninjs(), ago=10)).json()["new"] == 0
    assert (Fetch.objects.count(), Version.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({TIMESTAMP: ""}, "not signed"),
        ({SIGNATURE: ""}, "not signed"),
        ({SIGNATURE: "sha256=" + "0" * 64}, "does not fit"),
        ({SIGNATURE: "é"}, "does not fit"),
        ({TIMESTAMP: "yesterday"}, "no time"),
        ({TIMESTAMP: "²"}, "no time"),
        ({TIMESTAMP: "1"}, "five minutes"),
    ],
)
def test_what_is_not_signed_is_refused_and_not_stored(agency, change, says):
    body = ninjs()
    answer = agency.send(body, agency.signed(body) | change)
    assert answer.status_code == 401
    assert says in answer.json()["problems"][0]
    assert not Fetch.objects.exists()
    assert not Item.objects.exists()
    assert Feed.objects.get().ignored == 1


@pytest.mark.parametrize(("ago", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_the_clocks_may_differ_by_five_minutes(agency, ago, status):
    body = ninjs()
    assert agency.send(body, agency.signed(body, ago=ago)).status_code == status


def test_a_changed_body_or_time_is_refused(agency):
    headers = agency.signed(ninjs())
    assert agency.send(ninjs(headline="Harbour closes"), headers).status_code == 401
    assert agency.send(ninjs(), headers | {TIMESTAMP: str(int(time.time()) + 7)}).status_code == 401


def test_an_old_secret_is_void_once_another_one_was_made(pushed, agency):
    renewed = Agency(pushed)
    assert renewed.path == agency.path
    assert agency.send(ninjs()).status_code == 401
    assert renewed.send(ninjs()).status_code == 200


def test_a_large_delivery_is_taken_and_one_over_the_limit_refused(agency):
    large = ninjs(note="x" * (6 * 2**20))
    assert agency.send(large).json()["new"] == 1
    answer = agency.send(b" " * (LARGEST_ARRIVAL + 1))
    assert (answer.status_code, Fetch.objects.count()) == (413, 1)


def test_a_damaged_delivery_waits_in_quarantine(agency):
    answer = agency.send(b"<html>Sign in</html>", content_type="text/html")
    assert answer.json()["outcome"] == "quarantined"
    assert "HTML page" in answer.json()["problems"][0]


def test_a_paused_feed_asks_the_agency_to_come_again(pushed, agency):
    Feed.objects.update(active=False)
    answer = agency.send(ninjs())
    assert (answer.status_code, Fetch.objects.count()) == (503, 0)


def test_nobody_else_is_let_in(agency):
    client = Client()
    assert client.get(agency.path).status_code == 405
    assert client.post("/webhooks/wire/push/guess/", b"x", content_type="a/b").status_code == 404


def test_known_signatures_are_forgotten_when_they_are_too_old_to_be_used(agency):
    agency.send(ninjs())
    with clock.standing_at(clock.now() + timedelta(minutes=20)):
        body = ninjs(headline="Later")
        timestamp = str(int(clock.now().timestamp()))
        agency.send(
            body, {TIMESTAMP: timestamp, SIGNATURE: signature(agency.secret, timestamp, body)}
        )
    assert PushDelivery.objects.count() == 1


def test_the_secret_is_not_in_the_database(agency):
    rows = str(list(PushAddress.objects.values()))
    assert agency.secret not in rows
    assert len(agency.secret) >= 43


def test_fetching_a_pushed_feed_changes_nothing(pushed):
    report = actions.fetch(pushed)
    assert (report.fetched, report.problems) == (0, ())


def test_a_feed_that_is_not_pushed_has_no_secret(feed):
    with pytest.raises(Refusal, match="not pushed"):
        pushes.new_credentials(feed)


def test_the_answer_is_json_even_when_refused(agency):
    assert json.loads(agency.send(b"x", {}).content)["outcome"] == "refused"


def test_case_19_one_report_by_folder_and_by_push_is_one_item_that_arrived_twice(feed, settings):
    other = actions.add_feed("quill-push", "push:", agency="Quill")
    actions.take_arrival(feed, Arrival("a.json", ninjs(), None, None, clock.now()))
    assert Agency(other).send(ninjs()).json()["outcome"] == "taken"
    item = Item.objects.get()
    assert item.versions.count() == 1
    assert Fetch.objects.filter(feed__source=item.source, outcome="taken").count() == 2
    assert (
        Agency(other).send(ninjs(headline="Harbour opens late", version=2)).json()["updated"] == 1
    )
    assert item.versions.count() == 2
