"""Each queue holds what it says, in its order, with its next action, at a constant cost."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.admin.models import EditingSession

from broadsheet.accounts.models import User
from broadsheet.desk import actions as desk
from broadsheet.desk.models import (
    Article,
    Intake,
    Notice,
    Paper,
    Rule,
    Section,
    WithdrawalRequest,
)
from broadsheet.desk.reads.narrowing import Narrowed, narrowed
from broadsheet.desk.reads.paging import PAGE, Part, mixed_page, page
from broadsheet.desk.reads.queues import ALL, BY_NAME, MOST, QUEUES, count
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Fetch, Item
from broadsheet.wire.transports.base import Arrival
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def editor(paper):
    return ada()


@pytest.fixture
def client(editor):
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(editor, "allauth.account.auth_backends.AuthenticationBackend")
    return made


def publish(article, by, **values):
    for name, value in values.items():
        setattr(article, name, value)
    article.save_revision(user=by, clean=False).publish(user=by)
    return Article.objects.get(pk=article.pk)


def in_queue(name):
    return list(BY_NAME[name].rows(datetime.now(UTC)))


def shown(client, name, **query):
    address = reverse("desk_incoming") if name == "all" else reverse("desk_queue", args=[name])
    return client.get(address, query).content.decode()


def unread(feed):
    wire.take_arrival(
        feed, Arrival("bad.xml", b"<html>Sign in</html>", "text/html", None, datetime.now(UTC))
    )


def test_an_empty_queue_says_what_would_stand_there(client):
    for queue in (ALL, *QUEUES):
        text = shown(client, queue.name)
        assert str(queue.empty).split("'")[0] in text.replace("&#x27;", "'")
        assert "desk-stack" not in text


def test_new_is_published_reworked_or_discarded_from_the_list(client, feed):
    Rule.objects.update(action="hold")
    for n in range(3):
        send(feed, ninjs(f"urn:{n}", headline=f"Held words {n}"))
    assert shown(client, "new").count("Publish now") == 3
    first, second, third = Item.objects.order_by("pk")
    here = reverse("desk_queue", args=["new"]) + "?source=quill"
    answer = client.post(reverse("desk_publish_item", args=[first.pk]), {"next": here})
    assert answer.headers["Location"] == here
    client.post(reverse("desk_make_article", args=[second.pk]))
    client.post(reverse("desk_discard", args=[third.pk]))
    assert in_queue("new") == []
    assert Article.objects.get(item=first).live
    assert not Article.objects.get(item=second).live
    client.post(reverse("desk_put_back", args=[third.pk]))
    assert [intake.item_id for intake in in_queue("new")] == [third.pk]


def test_what_may_not_reach_readers_is_not_published_from_the_list(client, feed):
    send(feed, ninjs(headline="Read {{x}} now"))
    item = Item.objects.get()
    answer = client.post(reverse("desk_publish_item", args=[item.pk]), follow=True)
    assert "template marks" in answer.content.decode()
    assert not Article.objects.filter(live=True).exists()


def test_an_action_never_leads_off_the_paper(client, feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs())
    address = reverse("desk_discard", args=[Item.objects.get().pk])
    for bad in ("https://evil.example/", "//evil.example/", "javascript:x"):
        assert "evil" not in client.post(address, {"next": bad}).headers["Location"]


def test_case_31_a_held_headline_is_flagged_when_the_wire_turns_away(client, editor, feed):
    send(feed, ninjs(headline="Minister wins the vote on the harbour", body=body("first")))
    publish(Article.objects.get(), editor, headline="Narrow win for the minister")
    send(feed, ninjs(version=2, headline="Minister wins the vote on the old harbour"))
    assert in_queue("stale") == []
    send(feed, ninjs(version=3, headline="Government falls as ferry talks collapse",
                     body=body("third")))  # fmt: skip
    article = Article.objects.get()
    assert article.headline == "Narrow win for the minister"
    assert "third crew" in article.full_body
    assert in_queue("stale") == [article]
    text = shown(client, "stale")
    assert "Government falls as ferry talks collapse" in text
    client.post(reverse("desk_keep_headline", args=[article.pk]))
    assert in_queue("stale") == []
    last = article.edits.last()
    assert (last.before, last.after) == ("Narrow win for the minister",) * 2
    send(feed, ninjs(version=4, headline="Talks resume: nothing collapsed, says ferry line"))
    assert in_queue("stale") == [article]
    client.post(reverse("desk_release", args=[article.pk, "headline"]))
    assert in_queue("stale") == []
    assert Article.objects.get().full_headline.startswith("Talks resume")


@pytest.mark.parametrize("headline", ["Minister wins vote", "CORRECTED-Minister wins vote"])
def test_case_31_a_correction_alone_flags_the_held_headline(editor, feed, headline):
    send(feed, ninjs(headline="Minister wins vote"))
    publish(Article.objects.get(), editor, headline="Ours")
    send(feed, ninjs(version=2, headline=headline, body=body("second")))
    assert bool(in_queue("stale")) is headline.startswith("CORRECTED")


def test_case_33_an_update_waits_when_the_body_is_ours_and_a_correction_makes_it_urgent(
    client, editor, feed
):
    send(feed, ninjs(headline="Ferry sails", body=body("first")))
    article = Article.objects.get()
    publish(article, editor, body="<p>Our own.</p>", body_from=article.basis)
    send(feed, ninjs(version=2, headline="Ferry sails", body=body("second")))
    article = Article.objects.get()
    assert article.full_body == "<p>Our own.</p>"
    assert article.disclosure.form == "edited"
    assert in_queue("updates") == [article]
    assert "desk-bad" not in shown(client, "updates")
    send(feed, ninjs(version=3, headline="CORRECTED-Ferry sails", body=body("third")))
    assert "desk-bad" in shown(client, "updates")
    answer = client.post(
        reverse("desk_compare", args=[article.pk]), {"choice": "theirs", "next": "/desk/"}
    )
    assert answer.headers["Location"] == "/desk/"
    assert in_queue("updates") == []
    assert "third crew" in Article.objects.get().full_body


def test_what_the_wire_corrects_or_withdraws_stands_there_until_it_was_seen(client, feed):
    send(feed, ninjs(headline="Six aboard"))
    send(feed, ninjs(version=2, headline="CORRECTED-Six aboard", note="It was five."))
    notice = Notice.objects.get()
    assert in_queue("corrections") == [notice]
    assert "It was five." in shown(client, "corrections")
    client.post(reverse("desk_seen", args=[notice.pk]))
    assert in_queue("corrections") == []
    send(feed, ninjs(version=3, status="canceled", note="Not genuine."))
    assert [n.text for n in in_queue("withdrawals")] == ["Not genuine."]
    client.post(reverse("desk_seen", args=[in_queue("withdrawals")[0].pk]))
    assert in_queue("withdrawals") == []


def test_held_reports_are_released_by_whoever_holds_them(client, editor, feed):
    send(feed, ninjs("urn:1", headline="By us"))
    send(feed, ninjs("urn:2", headline="By the wire"))
    send(feed, ninjs("urn:2", version=2, status="withheld", note="Wait."))
    ours = Article.objects.get(item__key="urn:1")
    desk.hold(ours, "We look.", by=editor)
    assert {a.item.key for a in in_queue("held")} == {"urn:1", "urn:2"}
    for article in Article.objects.all():
        client.post(reverse("desk_release_hold", args=[article.pk]))
    assert [a.item.key for a in in_queue("held")] == ["urn:2"]


def test_what_appears_or_ends_later_stands_in_the_order_of_its_hour(client, editor, feed):
    for n in range(4):
        send(feed, ninjs(f"urn:{n}", headline=f"Report {n}"))
    now = datetime.now(UTC)
    one, two, three, four = Article.objects.order_by("pk")
    publish(one, editor, embargo_until=now + timedelta(hours=9))
    Article.objects.filter(pk=two.pk).update(wire_embargo_until=now + timedelta(hours=2))
    publish(three, editor, expire_at=now + timedelta(hours=3))
    four.go_live_at = now + timedelta(hours=5)
    four.save_revision(user=editor, clean=False).publish(user=editor)
    later = [article.pk for article in BY_NAME["later"].rows(now).order_by("appears")]
    assert later == [two.pk, four.pk, one.pk]
    assert [article.pk for article in in_queue("expiring")] == [three.pk]


def embargoed(feed, key, hours):
    """A report that becomes an article by itself when its embargo lifts."""
    item = json.loads(ninjs(key, headline=f"Under embargo {key}"))
    lifts = datetime.now(UTC) + timedelta(hours=hours)
    send(feed, json.dumps(item | {"embargoed": lifts.isoformat()}).encode())
    return Intake.objects.get(item__key=key)


def ask_to_withdraw(feed, number):
    """A text of the wire that asks to take a published report back by its name."""
    send(feed, ninjs(f"urn:quill:9{number}", headline=f"Letter {number}"))
    send(feed, ninjs(f"urn:kill:{number}", headline=f"Look at {number}"))
    item, asking = (
        Item.objects.get(key=key) for key in (f"urn:quill:9{number}", f"urn:kill:{number}")
    )
    return WithdrawalRequest.objects.create(
        version=asking.latest, named=f"9{number}", item=item
    )  # fmt: skip


def test_a_report_that_waits_for_its_embargo_stands_among_what_appears_later(client, editor, feed):
    send(feed, ninjs("urn:0"))
    publish(Article.objects.get(), editor, embargo_until=datetime.now(UTC) + timedelta(hours=2))
    for number, hours in enumerate((1, 3)):
        assert embargoed(feed, f"urn:e{number}", hours).due_at is not None
    text = shown(client, "later")
    places = [
        text.index(words) for words in ("urn:e0</a>", "Harbour opens early</a>", "urn:e1</a>")
    ]
    assert places == sorted(places)
    assert "Under embargo" not in shown(client, "new")
    assert "Embargoed and scheduled (3)" in text
    client.post(reverse("desk_discard", args=[Item.objects.get(key="urn:e0").pk]))
    shown(client, "all")  # Where the desk is told what it did.
    assert "urn:e0" not in shown(client, "later")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=4), tick=False):
        desk.publish_due()
    assert not Article.objects.filter(item__key="urn:e0").exists()
    assert Article.objects.filter(item__key="urn:e1", live=True).exists()


def test_case_39_a_withdrawal_that_a_text_asks_for_stands_among_the_withdrawals(client, feed):
    asked = ask_to_withdraw(feed, 1)
    unknown = WithdrawalRequest.objects.create(version=asked.version, named="no such report")
    text = shown(client, "withdrawals")
    assert "Letter 1</a>" in text and "“Look at 1” asks to withdraw it." in text
    assert "no such report" in text and "Nothing that came in has this name." in text
    assert f"{reverse('desk_requests')}#asked-{asked.pk}" in text
    assert f'id="asked-{unknown.pk}"' in client.get(reverse("desk_requests")).content.decode()
    assert "Withdrawals (2)" in text
    client.post(reverse("desk_settle_request", args=[asked.pk]), {"choice": "stands"})
    assert "Letter 1</a>" not in shown(client, "withdrawals")
    assert "Letter 1</a>" not in shown(client, "withdrawals", source="none")


def test_a_document_that_cannot_be_read_is_read_again_from_the_list(client, feed):
    unread(feed)
    assert "bad.xml" in shown(client, "quarantine")
    fetch = Fetch.objects.get()
    answer = client.post(reverse("desk_replay", args=[fetch.pk]), follow=True)
    assert "Still not readable" in answer.content.decode()


def test_lists_are_narrowed_by_source_section_day_and_words(client, feed):
    Rule.objects.update(action="hold")
    with time_machine.travel(NOW, tick=False):
        send(feed, ninjs("urn:1", headline="Ärzte wait"))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        send(feed, ninjs("urn:2", headline="Boats wait"))
    for query, there in (
        ({"q": "ärzte"}, ["Ärzte"]), ({"day": "2026-11-21"}, ["Boats"]),
        ({"source": "quill"}, ["Ärzte", "Boats"]), ({"source": "none"}, []),
        ({"section": "world"}, ["Ärzte", "Boats"]), ({"section": "markets"}, []),
        ({"day": "no day", "at": ">broken"}, ["Ärzte", "Boats"]),
    ):  # fmt: skip
        for queue in ("new", "all"):
            text = shown(client, queue, **query)
            assert [w for w in ("Ärzte", "Boats") if f"{w} wait" in text] == there, query


def test_a_day_is_the_papers_day(feed):
    Rule.objects.update(action="hold")
    with time_machine.travel(datetime(2026, 11, 20, 20, 0, tzinfo=UTC), tick=False):
        send(feed, ninjs())  # 01:30 of the 21st in Kolkata
    first = datetime.fromisoformat("2026-11-21T00:00+05:30")
    wanted = Narrowed(day=(first, first + timedelta(days=1)))
    assert [part.found.count() for part in narrowed(BY_NAME["new"], wanted, NOW)] == [1]


def test_times_are_the_papers_whatever_zone_an_account_once_chose(client, editor, feed):
    from wagtail.users.models import UserProfile

    UserProfile.objects.create(user=editor, current_time_zone="America/New_York")
    with time_machine.travel(NOW, tick=False):
        send(feed, ninjs())
    text = shown(client, "all")
    assert "17:30</time>" in text
    assert "Asia/Kolkata" in text
    assert UserProfile.objects.get(user=editor).current_time_zone == "America/New_York"
    article = Article.objects.get()
    Article.objects.filter(pk=article.pk).update(embargo_until=NOW)
    form = client.get(reverse("wagtailsnippets_desk_article:edit", args=[article.pk]))
    assert "2026-11-20 17:30" in form.content.decode()
    assert Paper.objects.get().time_zone == "Asia/Kolkata"


def test_a_list_says_who_has_a_report_locked_or_open(client, editor, feed):
    send(feed, ninjs())
    article = Article.objects.get()
    ben = User.objects.create_superuser("ben@lantern.example", "x", first_name="Ben")
    Article.objects.update(locked=True, locked_by=ben)
    EditingSession.objects.create(
        user=ben, content_type=ContentType.objects.get_for_model(Article),
        object_id=str(article.pk), last_seen_at=datetime.now(UTC),
    )  # fmt: skip
    text = shown(client, "all")
    assert "locked by Ben" in text
    assert "open at Ben" in text


def test_paging_by_key_shows_each_row_once_both_ways(paper):
    Article.objects.bulk_create(
        [Article(section=Section.objects.first(), stale_since=NOW - timedelta(hours=n // 7))
         for n in range(PAGE * 2 + 20)]
    )  # fmt: skip
    found = Article.objects.all()
    for rising in (False, True):
        seen, key, pages = [], "", []
        while True:
            one = page(found, "stale_since", key, rising=rising)
            pages.append([row.pk for row in one.rows])
            seen += pages[-1]
            if not one.older:
                break
            key = one.older
        assert sorted(seen) == sorted(found.values_list("pk", flat=True))
        assert len(seen) == len(set(seen))
        back = page(found, "stale_since", one.newer, rising=rising)
        assert [row.pk for row in back.rows] == pages[-2]
        first = page(found, "stale_since", back.newer, rising=rising)
        assert ([row.pk for row in first.rows], first.newer) == (pages[0], "")


def test_a_page_of_several_kinds_of_rows_shows_each_once_both_ways(paper):
    section = Section.objects.first()
    moments = [NOW - timedelta(hours=n // 5) for n in range(PAGE + 30)]
    Article.objects.bulk_create([Article(section=section, stale_since=at) for at in moments])
    Article.objects.bulk_create([Article(section=section, embargo_until=at) for at in moments])
    parts = [
        Part(Article.objects.filter(stale_since__isnull=False), "stale_since"),
        Part(Article.objects.filter(embargo_until__isnull=False), "embargo_until"),
    ]
    for rising in (False, True):
        key, pages = "", []
        while not pages or key:
            one = mixed_page(parts, key, rising=rising)
            pages.append([row.pk for row in one.rows])
            key = one.older
        seen = [pk for numbers in pages for pk in numbers]
        assert sorted(seen) == sorted(Article.objects.values_list("pk", flat=True))
        rows = Article.objects.in_bulk(seen)
        times = [rows[pk].stale_since or rows[pk].embargo_until for pk in seen]
        assert times == sorted(times, reverse=not rising)
        for number in range(len(pages) - 2, -1, -1):
            one = mixed_page(parts, one.newer, rising=rising)
            assert [row.pk for row in one.rows] == pages[number]
        assert one.newer == ""


def test_no_queue_is_counted_beyond_its_bound(paper):
    section = Section.objects.first()
    Article.objects.bulk_create(
        [Article(section=section, held=True) for _ in range(MOST + 50)], batch_size=500
    )
    assert count(BY_NAME["held"], NOW) == MOST + 1


def fill(feed, numbers, editor):
    """Something for every queue."""
    for n in numbers:
        Rule.objects.update(action="publish")
        send(feed, ninjs(f"urn:{n}", headline=f"Report {n} sails"))
        article = Article.objects.get(item__key=f"urn:{n}")
        publish(article, editor, headline="Ours", body="<p>Ours.</p>", body_from=article.basis,
                expire_at=datetime.now(UTC) + timedelta(hours=3))  # fmt: skip
        send(feed, ninjs(f"urn:{n}", version=2, headline=f"CORRECTED-Quite another thing {n}"))
        Rule.objects.update(action="hold")
        send(feed, ninjs(f"urn:new{n}", headline="New"))
        unread(feed)
        send(feed, ninjs(f"urn:w{n}"))
        Rule.objects.update(action="publish")
        embargoed(feed, f"urn:e{n}", hours=n + 1)
        ask_to_withdraw(feed, n)


def queries(client, name):
    with CaptureQueriesContext(connection) as captured:
        shown(client, name)
    return len(captured)


def test_a_queue_asks_the_database_as_often_for_many_rows_as_for_few(client, editor, feed):
    names = [queue.name for queue in (ALL, *QUEUES)]
    fill(feed, range(2), editor)
    for name in names:
        shown(client, name)
    few = {name: queries(client, name) for name in names}
    fill(feed, range(2, 7), editor)
    more = {name: asked for name in names if (asked := queries(client, name)) > few[name]}
    assert more == {}
    assert max(few.values()) <= 50


def plan(found):
    return found.explain().lower() if connection.vendor == "sqlite" else ""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans small tables")
@pytest.mark.parametrize("queue", [ALL, *QUEUES], ids=lambda queue: queue.name)
def test_no_queue_scans_a_table(paper, queue):
    sign = "" if queue.rising else "-"
    for kind in queue.kinds:
        found = kind.rows(NOW)
        counted = [found.order_by()[:100]] if queue is not ALL else []
        for asked in (*counted, found.order_by(f"{sign}{kind.place}", f"{sign}pk")[:51]):
            said = asked.explain().lower()
            scanned = [line for line in said.splitlines() if "scan" in line and "using" not in line]
            assert not [line for line in scanned if "constant row" not in line], said


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans small tables")
@pytest.mark.parametrize("name", ["all", "new", "updates", "stale", "held"])
def test_the_order_of_a_long_queue_comes_from_its_index(paper, name):
    queue = BY_NAME[name]
    said = queue.rows(NOW).order_by(f"-{queue.place}", "-pk")[:51].explain().lower()
    assert "temp b-tree for order by" not in said or "last term" in said, said


def test_a_discarded_item_says_who_discarded_it(client, feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs())
    client.post(reverse("desk_discard", args=[Item.objects.get().pk]))
    assert Intake.objects.get().reasons == ["Discarded by Ada."]
