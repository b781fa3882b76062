"""The feeds' health is seen at a glance, and each of them can be looked into and put right."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries, said
from broadsheet.wire import actions
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from broadsheet.wire.tests.faults import rss
from broadsheet.wire.transports.base import Arrival

pytestmark = pytest.mark.django_db
LIST = "feeds:index"


def made(name, **facts):
    feed = actions.add_feed(name, f"https://{name}.example/rss?key=s3cret", agency=name.title())
    Feed.objects.filter(pk=feed.pk).update(**facts)
    return Feed.objects.get(pk=feed.pk)


def arrived(feed, data, name="rss"):
    at = datetime.now(UTC)
    return actions.take_arrival(feed, Arrival(name, data, None, None, at), seconds=0.25, status=200)


def on(feed):
    return reverse("feeds:feed", args=[feed.pk])


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)


def press_button(client, feed, what):
    return client.post(reverse("feeds:change", args=[feed.pk, what]), follow=True)


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({"fetched_at": ago(minutes=1)}, "well"),
        ({"failures": 2, "failing_since": ago(hours=1), "problem": "No answer."}, "failing"),
        ({"active": False}, "paused"),
        ({"active": False, "problem": "It answered 410."}, "ended"),
        ({"fetched_at": ago(minutes=1), "quiet_since": ago(hours=1)}, "strangely quiet"),
        ({}, "never fetched"),
    ],
)
def test_each_state_is_named_with_its_problem(paper, facts, label):
    feed = made("quill", **facts)
    client = publisher()
    for text in (page(client, reverse(LIST)), page(client, on(feed))):
        assert f">{label}</span>" in text
        assert facts.get("problem", "") in text


def test_who_needs_somebody_comes_first_and_states_can_be_chosen(paper):
    made("able", fetched_at=ago(minutes=1))
    made("zither", failures=1)
    text = page(publisher(), reverse(LIST))
    assert text.index(">zither</a>") < text.index(">able</a>")
    assert ">able</a>" not in page(publisher(), reverse(LIST), state="failing")


def test_keys_in_an_address_are_not_shown(paper):
    feed = made("quill", fetched_at=ago(minutes=1))
    for address in (reverse(LIST), on(feed)):
        assert "s3cret" not in page(publisher(), address)


def test_the_day_is_counted(paper):
    feed = made("quill")
    arrived(feed, rss("a", "b"))
    arrived(feed, rss("a", "b").replace(b"ferry", b"boat").replace(b"</channel>", b"</chanel>"))
    arrived(feed, b"<html>Log in</html>")
    Fetch.objects.create(feed=feed, at=ago(days=2), name="old", outcome=Outcome.TAKEN, new=50)
    text = page(publisher(), on(feed))
    assert [int(n) for n in text.replace("</dd>", "<dd>").split("<dd>")[1::2]] == [2, 2, 0, 1, 1]


def test_the_log_tells_outcome_status_time_and_size(paper):
    feed = made("quill")
    arrived(feed, rss("a"))
    text = page(publisher(), on(feed))
    for words in ("taken in", ">200<", "250 ms", "1 new, 0 updated"):
        assert words in text


def test_a_document_is_shown_as_text_and_never_run(paper):
    fetch = arrived(made("quill"), b"<html><script>alert(1)</script></html>")
    address = reverse("feeds:document", args=[fetch.pk])
    answer = publisher().get(address)
    assert answer.content == b"<html><script>alert(1)</script></html>"
    assert answer["Content-Type"] == "text/plain"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "attachment" in publisher().get(f"{address}?download")["Content-Disposition"]


def test_a_document_that_is_no_longer_kept_is_said_to_be_gone(paper):
    fetch = arrived(made("quill"), rss("a"))
    Fetch.objects.update(blob="")
    answer = publisher().get(reverse("feeds:document", args=[fetch.pk]), follow=True)
    assert "no longer kept" in said(answer)
    assert "no longer kept" in said(
        publisher().post(reverse("feeds:replay", args=[fetch.pk]), follow=True)
    )


def test_any_stored_document_is_read_again(paper):
    feed = made("quill", format="jsonfeed")
    client = publisher()
    waiting = arrived(feed, rss("a"))
    assert waiting.outcome == Outcome.QUARANTINED
    Feed.objects.update(format="auto")
    again = reverse("feeds:replay", args=[waiting.pk])
    assert "with the desk" in said(client.post(again, follow=True))
    assert Item.objects.get().key == "urn:a"
    assert "known already" in said(client.post(again, follow=True))
    assert Version.objects.count() == 1


def test_the_publisher_fetches_now_pauses_and_resumes(paper):
    feed = made("quill", next_at=datetime.now(UTC) + timedelta(hours=3))
    client = publisher()
    assert "in a moment" in said(press_button(client, feed, "fetch"))
    assert Feed.objects.get().next_at <= datetime.now(UTC)
    press_button(client, feed, "pause")
    assert not Feed.objects.get().active
    assert "is paused" in said(press_button(client, feed, "fetch"))
    Feed.objects.update(failures=9, problem="It answered 410.")
    press_button(client, feed, "resume")
    feed = Feed.objects.get()
    assert (feed.active, feed.failures, feed.problem) == (True, 0, "")


def test_who_paused_and_who_resumed_stands_in_the_history(paper):
    feed = made("quill")
    client = publisher()
    press_button(client, feed, "pause")
    assert "is paused" in said(press_button(client, feed, "fetch"))
    press_button(client, feed, "resume")
    history = page(client, reverse("feeds:history", args=[feed.pk]))
    assert "Paused it" in history
    assert "Resumed it" in history
    assert "Fetched it out of turn" not in history
    assert ModelLogEntry.objects.filter(user__isnull=True).count() == 0
    assert reverse("feeds:history", args=[feed.pk]) in page(client, on(feed))


def test_what_was_left_alone_is_counted_on_the_page(paper):
    assert "Left alone" not in page(publisher(), on(made("hill")))
    feed = made("quill", ignored=7)
    assert "<dt>Left alone since it began</dt><dd>7</dd>" in page(publisher(), on(feed))


def test_a_pushed_feed_leads_to_its_push_screen(paper):
    pushed = actions.add_feed("pushed", "push:", agency="Quill")
    assert reverse("wire_credentials", args=[pushed.pk]) in page(publisher(), on(pushed))
    other = made("quill")
    assert "/push/" not in page(publisher(), on(other))


def test_case_02_the_desk_takes_the_new_address_over(paper):
    feed = made(
        "quill", moved_to="https://new.example/rss", moved_seen=3, moved_since=ago(hours=25)
    )
    client = publisher()
    assert "moved for good" in page(client, on(feed))
    press_button(client, feed, "move")
    assert Feed.objects.get().location == "https://new.example/rss"
    assert "moved for good" not in page(client, on(feed))
    assert "has not moved" in said(press_button(client, feed, "move"))


def test_case_02_a_move_is_not_proposed_too_early(paper):
    feed = made("quill", moved_to="https://new.example/", moved_seen=9, moved_since=ago(hours=5))
    assert "Use the new address" not in page(publisher(), on(feed))


def test_an_editor_sees_and_reads_again_and_changes_nothing(paper):
    feed = made("quill")
    fetch = arrived(feed, rss("a"))
    client = clerk("wire.view_feed", "wire.view_fetch", "wire.change_fetch")
    text = page(client, on(feed))
    assert "Fetch now" not in text
    assert client.get(reverse("feeds:document", args=[fetch.pk])).status_code == 200
    assert client.post(reverse("feeds:replay", args=[fetch.pk])).status_code == 302
    for what in ("fetch", "pause", "resume", "move"):
        answer = client.post(reverse("feeds:change", args=[feed.pk, what]))
        assert answer.status_code in (302, 403)
    assert Feed.objects.get().active


def test_who_may_not_see_feeds_sees_none_of_it(paper):
    feed = made("quill")
    fetch = arrived(feed, rss("a"))
    client = clerk()
    for address in (reverse(LIST), on(feed), reverse("feeds:document", args=[fetch.pk])):
        assert client.get(address).status_code in (302, 403)


def test_the_buttons_answer_to_posts_only(paper):
    feed = made("quill")
    assert publisher().get(reverse("feeds:change", args=[feed.pk, "pause"])).status_code == 405


def test_half_a_sign_in_is_refused(paper):
    feed = made("quill")
    form = {
        "source": feed.source_id, "name": "quill", "location": "https://quill.example/rss",
        "format": "auto", "every": 120, "seldom": 60, "auth": "header", "auth_name": "Host",
        "secret": "", "hub": "auto",
    }  # fmt: skip
    client = publisher()
    address = reverse("feeds:edit", args=[feed.pk])
    for right, words in (
        ({}, "longest pause is shorter"),
        ({"seldom": 3600}, "Name the secret"),
        ({"secret": "quill"}, "Give the user, or a header"),
    ):
        form |= right
        assert words in client.post(address, form).content.decode()
    assert client.post(address, form | {"auth_name": "X-Api-Key"}).status_code == 302
    assert Feed.objects.get().auth_name == "X-Api-Key"


def test_the_desks_first_screen_and_menu_raise_the_alarm(paper):
    client = publisher()
    home = reverse("wagtailadmin_home")
    assert "strangely quiet" not in page(client, home)
    made("quill", quiet_since=ago(hours=1))
    made("hill", failures=3)
    text = page(client, home)
    assert "1 feed has gone strangely quiet." in text
    assert "1 feed keeps failing." in text
    assert "Feeds (2)" in text


def test_the_screens_need_as_many_queries_for_many_feeds_as_for_few(paper):
    client, counts = publisher(), []
    for upto in (2, 20):
        for n in range(Feed.objects.count(), upto):
            feed = made(f"feed-{n}", failures=n % 4)
            for m in range(3):
                Fetch.objects.create(feed=feed, name=f"{m}", outcome=Outcome.TAKEN, new=1)
        counts.append(queries(client, reverse(LIST), on(feed), reverse("wagtailadmin_home")))
    assert counts[0] == counts[1]


def test_a_log_of_many_fetches_is_paged(paper):
    feed = made("quill")
    Fetch.objects.bulk_create(
        Fetch(feed=feed, name=f"document {n}", outcome=Outcome.TAKEN, at=ago(minutes=n))
        for n in range(120)
    )
    text = page(publisher(), on(feed), p=3)
    assert "document 119" in text
    assert "document 1<" not in text
