"""A hub sends what is new as soon as it is there; the paper believes only what it signed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from broadsheet.kit import clock
from broadsheet.wire import actions, checks, hubs
from broadsheet.wire.models import Feed, Fetch, HubLease, Item, Version
from broadsheet.wire.tests.drops.hub import hub_serving

ENTRY = """<entry><id>{scheme}://hill.example/news/{n}</id><title>Ferry {n} is late again</title>
<link href="{scheme}://hill.example/news/{n}"/><updated>2026-11-20T06:30:00Z</updated>
<content type="html">&lt;p&gt;The ferry from the north pier left an hour late.&lt;/p&gt;</content>
</entry>"""


def atom(*numbers: int, scheme: str = "http") -> bytes:
    entries = "".join(ENTRY.format(n=n, scheme=scheme) for n in numbers)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Hill</title>{entries}</feed>'.encode()


@pytest.fixture
def hub(settings, live_server):
    settings.ORIGIN = live_server.url
    with hub_serving(atom(1)) as running:
        settings.ENV = replace(settings.ENV, wire_allow_hosts=running.place)
        yield running


@pytest.fixture
def feed(hub, home):
    feed = actions.add_feed("hill", hub.topic, agency="Hill")
    Feed.objects.filter(pk=feed.pk).update(hub="on")
    feed.refresh_from_db()
    return feed


def subscribed(feed: Feed) -> HubLease:
    actions.fetch(feed)
    assert hubs.keep_leases() == 1
    return HubLease.objects.get()


def later(moment: datetime) -> int:
    with clock.standing_at(moment):
        return hubs.keep_leases()


@pytest.mark.django_db(transaction=True)
def test_case_08_a_hub_is_found_asked_verified_and_believed_when_it_signs(feed, hub):
    lease = subscribed(feed)
    assert len(hub.wish["hub.secret"]) >= 32
    assert lease.token in hub.wish["hub.callback"]
    answer = hub.answers[0]
    assert (answer.status_code, answer.text) == (200, "challenge-1")
    assert answer.headers["content-type"].startswith("text/plain")
    assert lease.until is not None
    assert lease.until > clock.now()
    for number, method in enumerate(("sha1", "sha256", "sha384", "sha512"), start=2):
        assert hub.send(atom(number), method=method) == 202
    assert Item.objects.count() == 5
    assert hub.send(atom(9), secret="a guess") == 202
    assert hub.send(b"", secret="a guess") == 202
    feed.refresh_from_db()
    assert (Item.objects.count(), feed.ignored) == (5, 2)
    assert Fetch.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_relative_addresses_are_those_of_the_feed_that_was_subscribed_to(feed, hub):
    subscribed(feed)
    link = "&lt;p&gt;See &lt;a href=&quot;/tides&quot;&gt;the tides&lt;/a&gt;.&lt;/p&gt;"
    entry = f'<id>urn:2</id><title>Tides</title><content type="html">{link}</content>'
    hub.send(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{entry}</entry></feed>'.encode())
    assert f'href="http://{hub.place}/tides"' in Version.objects.latest("sequence").body


@pytest.mark.django_db(transaction=True)
def test_case_08_http_and_https_names_of_one_report_are_one_item(feed, hub):
    subscribed(feed)
    assert hub.send(atom(1, scheme="https")) == 202
    item = Item.objects.get()
    assert item.versions.count() == 1
    assert Fetch.objects.filter(outcome="taken").count() == 2


@pytest.mark.django_db(transaction=True)
def test_case_08_polling_goes_on_seldom_while_the_lease_runs(feed, hub):
    subscribed(feed)
    hub.body = atom(1, 2)
    feed.refresh_from_db()
    actions.fetch(feed)
    feed.refresh_from_db()
    assert feed.next_at > clock.now() + timedelta(minutes=55)
    assert Item.objects.count() == 2
    assert hub.send(b"") == 202, "signed, but nothing in it: come and look"
    hub.send(b"")
    feed.refresh_from_db()
    assert feed.next_at <= clock.now()


@pytest.mark.django_db(transaction=True)
def test_case_08_a_lease_is_renewed_before_it_ends_and_given_back_with_the_feed(feed, hub):
    lease = subscribed(feed)
    assert later(clock.now() + timedelta(seconds=0.70 * hub.lease)) == 0
    assert later(clock.now() + timedelta(seconds=0.76 * hub.lease)) == 1
    assert [wish["hub.mode"] for wish in hub.wishes] == ["subscribe", "subscribe"]
    assert hub.verify(mode="unsubscribe").status_code == 404, "nobody asked for that"
    feed.delete()
    assert hub.send(atom(7)) == 410
    assert hubs.keep_leases() == 1
    assert hub.wish["hub.mode"] == "unsubscribe"
    assert hub.answers[-1].status_code == 200
    assert not HubLease.objects.filter(pk=lease.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_feed_that_is_paused_gives_its_lease_back_and_takes_it_again(feed, hub):
    subscribed(feed)
    hub.verifies = False
    Feed.objects.update(active=False)
    hubs.keep_leases()
    assert hub.wish["hub.mode"] == "unsubscribe"
    assert hub.verify(mode="subscribe").status_code == 404
    Feed.objects.update(active=True)
    hubs.keep_leases()
    assert hub.wish["hub.mode"] == "subscribe"
    assert hub.verify().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_hub_that_denies_is_asked_again_tomorrow_and_the_feed_is_fetched_as_before(feed, hub):
    subscribed(feed)
    assert hub.verify(mode="denied", reason="closed for stocktaking").status_code == 200
    lease = HubLease.objects.get()
    assert "stocktaking" in lease.problem
    assert not hubs.is_sending(feed, clock.now())
    assert later(clock.now() + timedelta(hours=23)) == 0
    assert later(clock.now() + timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_hub_that_refuses_is_asked_ever_more_seldom(feed, hub):
    hub.status = 500
    lease = subscribed(feed)
    assert "answered 500: not for you" in lease.problem
    assert later(clock.now() + timedelta(seconds=61)) == 1
    assert later(clock.now() + timedelta(seconds=100)) == 0


@pytest.mark.django_db(transaction=True)
def test_case_08_a_hub_over_plain_http_that_nobody_listed_never_gets_a_secret(feed, hub):
    actions.fetch(feed)
    by_name = hub.address.replace("127.0.0.1", "localhost")
    HubLease.objects.update(hub=by_name)
    assert hubs.keep_leases() == 1
    assert hub.wishes == []
    lease = HubLease.objects.get()
    assert "https" in lease.problem
    assert not hubs.is_sending(feed, clock.now()), "so it is fetched as often as before"


@pytest.mark.django_db(transaction=True)
def test_a_hub_that_has_moved_is_followed(feed, hub):
    hub.moved = True
    lease = subscribed(feed)
    assert lease.problem == ""
    assert len(hub.wishes) == 1
    assert hubs.is_sending(feed, clock.now())


@pytest.mark.django_db
def test_the_doctor_names_what_is_wrong_with_a_lease(settings, paper_feed):
    settings.ORIGIN = "https://paper.example"
    lease = a_lease(web_feed(paper_feed))
    assert list(checks.complaints()) == []
    lease.until = clock.now() - timedelta(seconds=1)
    lease.save()
    assert "lease of feed hill is over" in next(checks.complaints())[0]
    lease.problem = "The hub answered 500: no."
    lease.save()
    assert "is fetched, not sent: The hub answered 500" in next(checks.complaints())[0]


@pytest.mark.django_db
def test_the_doctor_says_when_nobody_outside_can_send(settings, paper_feed):
    settings.ORIGIN = "http://localhost:8000"
    web_feed(paper_feed)
    actions.add_feed("wave", "push:")
    actions.add_feed("sea", "sftp://sea.example/")
    said = " ".join(text for text, _ in checks.complaints())
    for part in ("hill shall be sent by its hub", "wave waits for pushes and has no secret",
                 "http://localhost:8000 is not reachable", "sea trusts no host key"):  # fmt: skip
        assert part in said


def a_lease(feed: Feed) -> HubLease:
    return HubLease.objects.create(
        feed=feed, location=feed.location, hub="http://hub.example/", topic=feed.location,
        asked_at=clock.now(),
    )  # fmt: skip


def web_feed(feed: Feed, hub: str = "on") -> Feed:
    Feed.objects.filter(pk=feed.pk).update(location="https://hill.example/feed", hub=hub)
    feed.refresh_from_db()
    return feed


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"hub.mode": "subscribe", "hub.topic": "https://other.example/", "hub.challenge": "c"},
        {"hub.mode": "unsubscribe", "hub.topic": "https://hill.example/feed", "hub.challenge": "c"},
        {"hub.mode": "subscribe", "hub.topic": "https://hill.example/feed"},
        {},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(settings, asked, request):
    settings.ORIGIN = "https://paper.example"
    lease = a_lease(web_feed(request.getfixturevalue("paper_feed")))
    client = Client()
    assert client.get(f"/webhooks/wire/hub/{lease.token}/", asked).status_code == 404
    assert client.get("/webhooks/wire/hub/somewhere/", asked).status_code == 404
    lease.refresh_from_db()
    assert lease.until is None


@pytest.fixture
def paper_feed(paper, tmp_path):
    return actions.add_feed("hill", str(tmp_path), agency="Hill")


@pytest.mark.django_db
def test_no_hub_is_told_of_a_paper_that_it_cannot_reach(settings, paper_feed):
    for origin, choice, may in (
        ("http://localhost:8000", "auto", False),
        ("http://localhost:8000", "on", True),
        ("https://paper.example", "auto", True),
        ("https://paper.example", "off", False),
        ("", "on", False),
    ):
        settings.ORIGIN = origin
        assert hubs.may_follow(web_feed(paper_feed, choice)) is may


@pytest.mark.django_db
def test_the_secret_is_not_in_the_database_and_another_one_for_each_lease(settings, paper_feed):
    lease = a_lease(web_feed(paper_feed))
    secret = hubs.secret_of(lease)
    lease.token = "another"
    assert hubs.secret_of(lease) != secret
    assert secret not in str(HubLease.objects.values().get())
    assert len(secret) >= 43
