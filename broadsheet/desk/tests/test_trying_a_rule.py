"""What would this rule have done to the newest reports? Asked in the desk before it is saved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from broadsheet.accounts.actions import make_staff
from broadsheet.desk.models import Article, Intake, Rule, Section
from broadsheet.desk.reads.routing import candidate, offered, routes
from broadsheet.desk.reads.trial import try_rule
from broadsheet.desk.routing import Filters, Route, decide
from broadsheet.wire.models import Item
from tests.cast import PASSWORD, ada, body, ninjs, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher():
    user = make_staff("eve@lantern.example", PASSWORD, publisher=True, name="Eve")
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


@pytest.fixture
def wire(feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs("urn:fog", headline="Fog at the mole"))
    send(feed, ninjs("urn:tide", headline="Tide of fog", body=""))
    send(feed, ninjs("urn:choir", headline="Choir sings"))
    return feed


def verdicts(rule):
    return {trial.headline: trial.verdict for trial in try_rule(rule).trials}


def test_it_says_what_the_rule_would_have_done_and_what_really_happened(wire):
    section = Section.objects.get(slug="world").pk
    rule = Route("fog", "publish", Filters(headline="fog"), order=1, section=section)
    assert verdicts(rule) == {
        "Fog at the mole": "publish", "Tide of fog": "hold", "Choir sings": "no match"
    }  # fmt: skip
    run = try_rule(rule)
    assert "It has no body." in run.trials[1].reasons
    assert all("waits" in trial.happened for trial in run.trials)
    assert sum(count for _, count in run.counts) == 3
    assert not Article.objects.exists()
    assert Rule.objects.count() == 1
    assert Intake.objects.filter(outcome="held").count() == 3


def test_a_rule_behind_one_that_stops_decides_nothing(wire):
    assert set(verdicts(Route("late", "discard", order=900)).values()) == {"other"}
    first = try_rule(Route("late", "discard", order=900)).trials[0]
    assert "quill" in first.sentence


def test_the_saved_rule_stands_aside_for_the_one_being_tried(wire):
    saved = Rule.objects.get()
    section = Section.objects.get(slug="world").pk
    changed = Route("quill", "publish", order=saved.order, number=saved.pk, section=section)
    assert verdicts(changed)["Choir sings"] == "publish"


def test_an_item_is_judged_as_it_was_when_it_came(wire):
    old = datetime.now(UTC) - timedelta(days=30)
    Item.objects.update(first_seen=old)
    fog = Item.objects.get(key="urn:fog")
    fog.versions.update(received_at=old, dated=old - timedelta(hours=1))
    section = Section.objects.get(slug="world").pk
    fresh = Route("fog", "publish", order=1, section=section, max_age=timedelta(hours=2))
    assert verdicts(fresh)["Fog at the mole"] == "publish"


def test_what_it_says_is_what_the_same_rule_then_does(wire):
    """Saved and met by the same reports again, the rule does what the trial said."""
    section = Section.objects.get(slug="world")
    Rule.objects.create(
        order=1, name="fog", headline="fog", action="publish", section=section, max_age_hours=None
    )
    said = verdicts(routes()[0])
    for number, (key, headline) in enumerate((("fog", "Fog at the mole"), ("choir", "Choir"))):
        version = Item.objects.get(key=f"urn:{key}").latest
        at = version.item.first_seen
        seen = offered(version, candidate(version, at, version.item.source), [section], at)
        assert (decide(seen, routes()).outcome == "published") == (number == 0), headline
    assert said["Fog at the mole"] == "publish"


def test_the_number_of_queries_does_not_grow(wire):
    counts = []
    for size in (3, 30):
        for number in range(size):
            send(wire, ninjs(f"urn:{size}:{number}", body=body(f"m{number}")))
        with CaptureQueriesContext(connection) as queries:
            try_rule(Route("all", "publish", order=1))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def posted(**facts):
    empty = dict.fromkeys(
        ["feed", "source", "category", "topic", "language", "urgency", "headline", "words",
         "pictured", "kind", "from_hour", "to_hour", "zone", "queue", "section", "fallback"], ""
    )  # fmt: skip
    given = {"order": "1", "name": "fog", "action": "publish", "access": "metered", "stop": "on"}
    return empty | given | {"max_age_hours": ""} | facts


def test_the_form_of_a_rule_tries_it_saved_or_not(wire, publisher):
    section = str(Section.objects.get(slug="world").pk)
    saved = Rule.objects.get()
    form = publisher.get(reverse("rules:add"))
    assert reverse("desk_try_rule", args=[0]) in form.content.decode()
    for number in (0, saved.pk):
        answer = publisher.post(
            reverse("desk_try_rule", args=[number]), posted(headline="fog", section=section)
        )
        assert answer.status_code == 200
        assert "would publish it" in answer.content.decode()
        assert "It has no body." in answer.content.decode()
    saved.refresh_from_db()
    assert (saved.action, Rule.objects.count()) == ("hold", 1)


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"action": "queue"}, "Name the queue"),
        ({"action": "queue", "queue": "Unmapped"}, "Choose another name"),
        ({"from_hour": "10:00"}, "both hours"),
        ({"from_hour": "10:00", "to_hour": "10:00"}, "never work"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"kind": "teaser"}, "Only news"),
        ({"name": ""}, "required"),
    ],
)
def test_a_rule_that_could_not_work_is_refused_with_what_to_do(wire, publisher, facts, complaint):
    tried = publisher.post(reverse("desk_try_rule", args=[0]), posted(**facts))
    assert tried.status_code == 422
    assert complaint in tried.content.decode()
    saved = publisher.post(reverse("rules:add"), posted(**facts))
    assert complaint in saved.content.decode()
    assert Rule.objects.count() == 1


def test_a_rule_is_saved_with_all_it_asks_for(wire, publisher):
    facts = {
        "language": "en", "urgency": "3", "words": "mole fog", "pictured": "False", "kind": "news",
        "from_hour": "22:00", "to_hour": "06:00", "zone": "Asia/Kolkata", "action": "queue",
        "queue": "night", "topic": "medtop:04",
    }  # fmt: skip
    assert publisher.post(reverse("rules:add"), posted(**facts)).status_code == 302
    filters = Rule.objects.get(name="fog").route("UTC").filters
    assert (filters.urgency, filters.pictured, filters.hours.zone) == (3, False, "Asia/Kolkata")
    publisher.post(reverse("rules:edit", args=[Rule.objects.get(name="fog").pk]), posted(**facts))
    assert Rule.objects.get(name="fog").queue == "night"


def test_an_editor_without_the_right_tries_nothing(wire):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=ada().email, password=PASSWORD)
    assert client.post(reverse("desk_try_rule", args=[0]), posted()).status_code == 302
    assert Client().post(reverse("desk_try_rule", args=[0]), posted()).status_code == 302
