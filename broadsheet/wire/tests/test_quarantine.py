"""Nothing that arrives is lost: raw bytes are kept, what cannot be read waits and is read again."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from broadsheet.kit.say import Refusal
from broadsheet.wire import actions
from broadsheet.wire.actions import arriving
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from broadsheet.wire.transports.base import Arrival
from tests.cast import body, ninjs, send

pytestmark = pytest.mark.django_db


def arrive(feed, data, name="item.json"):
    at = datetime.now(UTC)
    return actions.take_arrival(feed, Arrival(name, data, None, None, at))


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"<html><body>Log in</body></html>", b'{"a":1}'])
def test_what_cannot_be_read_is_kept_with_its_reason(feed, data):
    fetch = arrive(feed, data)
    assert fetch.outcome == Outcome.QUARANTINED
    assert fetch.problem.endswith(".")
    assert actions.blobs().get(fetch.blob) == data


@pytest.mark.parametrize("name", ["caf\udce9.json", "a\0b@x.json", "n" * 3000, "\ud800.json"])
def test_case_09_a_document_of_any_name_and_type_is_taken(feed, name):
    kind = "application/json\0; profile=" + "a" * 300
    arrival = Arrival(name, ninjs(), kind, None, datetime.now(UTC))
    fetch = actions.take_arrival(feed, arrival)
    fetch.refresh_from_db()
    assert (fetch.outcome, Item.objects.count()) == (Outcome.TAKEN, 1)
    assert 0 < len(fetch.name) <= 2000 and len(fetch.content_type) <= 200


def refusing(word):
    """Have the database itself refuse every name that holds a word."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER refusing BEFORE INSERT ON wire_alias WHEN NEW.value LIKE"
                f" '%{word}%' BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        else:
            cursor.execute(
                f"ALTER TABLE wire_alias ADD CONSTRAINT refusing CHECK (value NOT LIKE '%{word}%')"
            )


def test_case_09_a_document_that_cannot_be_taken_in_waits_and_the_others_go_on(feed, tmp_path):
    refusing("poison")
    folder = tmp_path / "quill"
    for number, key in enumerate(("urn:a", "urn:poison", "urn:b")):
        (folder / f"{number}.json").write_bytes(ninjs(key, headline=f"Report {number}"))
    report = actions.fetch(feed)
    assert (report.new, report.rejected) == (2, 1)
    waiting = Fetch.objects.get(outcome=Outcome.QUARANTINED)
    assert waiting.name == "1.json" and "Replay" not in waiting.problem[:6]
    assert "replay it" in waiting.problem
    assert actions.blobs().get(waiting.blob)
    feed.refresh_from_db()
    assert actions.fetch(feed).fetched == 0, "what waits is not fetched again and again"


def test_a_document_is_kept_as_it_came(feed):
    data = ninjs(headline="Caf\xe9 & harbour")
    assert actions.blobs().get(arrive(feed, data).blob) == data


def test_a_document_is_read_again_after_its_format_was_set_right(feed):
    Feed.objects.update(format="rss")
    fetch = arrive(Feed.objects.get(), ninjs())
    assert fetch.outcome == Outcome.QUARANTINED
    Feed.objects.update(format="auto")
    fetch = actions.replay(Fetch.objects.get())
    assert fetch.outcome == Outcome.TAKEN
    assert fetch.replayed_at is not None
    assert Item.objects.count() == 1


def test_replaying_what_was_read_changes_nothing(feed):
    fetch = arrive(feed, ninjs())
    actions.replay(fetch)
    assert Version.objects.count() == 1


def test_replaying_an_old_document_does_not_bring_its_text_back(feed):
    old = arrive(feed, ninjs(body=body("old")))
    send(feed, ninjs(body=body("new")))
    actions.replay(Fetch.objects.get(pk=old.pk))
    assert "new" in Item.objects.get().latest.body
    assert Version.objects.count() == 2


def test_replaying_resolves_relative_links_as_the_first_reading_did(paper):
    feed = actions.add_feed("hill", "https://hill.example/feed.json", agency="Hill")
    data = ninjs(body='<p>See <a href="/tides">the tides</a> of the whole coming week.</p>')
    arrival = Arrival(
        "hill.example/feed.json", data, None, "https://hill.example/feed.json", datetime.now(UTC)
    )
    fetch = actions.take_arrival(feed, arrival)
    assert 'href="https://hill.example/tides"' in Version.objects.get().body
    actions.replay(fetch)
    assert Version.objects.count() == 1


def test_a_crash_in_the_middle_leaves_a_document_to_be_replayed(feed, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt("power cut")

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(arriving, "take_in", crash)
        arrive(feed, ninjs())
    fetch = Fetch.objects.get()
    assert fetch.outcome == Outcome.QUARANTINED
    assert "Replay" in fetch.problem
    assert actions.replay(fetch).new == 1


def test_one_broken_item_costs_only_itself(feed):
    document = b"<rss><channel><item><guid>a</guid><title>Whole</title><description>Words"
    document += b"</description></item><item><guid>b</guid><title>Bro"
    fetch = arrive(feed, document)
    assert fetch.outcome == Outcome.TAKEN
    assert fetch.repairs
    assert Item.objects.filter(key="a").exists()


@pytest.mark.parametrize(
    ("name", "location", "format"),
    [("x", "gopher://a.example/", "auto"), ("x", "/tmp", "newsml"), ("quill", "/tmp", "auto")],
)
def test_a_feed_that_cannot_be_is_refused_and_nothing_is_added(feed, name, location, format):
    with pytest.raises(Refusal) as refusal:
        actions.add_feed(name, location, agency="Another", format=format)
    assert refusal.value.remedy.endswith(".")
    assert Feed.objects.count() == 1


def test_a_feed_is_fetched_by_one_process_at_a_time(feed):
    assert actions.claim(feed, datetime.now(UTC))
    with pytest.raises(Refusal, match="is being fetched"):
        actions.fetch(feed)
