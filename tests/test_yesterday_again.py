"""Yesterday's fetches run again, or its database comes back: readers notice nothing."""

import random

import pytest

from broadsheet.accounts.models import Mail
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Notice, Rule, Section
from broadsheet.kit.tests.loopback import reply, serving
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.press_log.models import Entry
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Alias, Feed, Fetch, Item, Version
from broadsheet.wire.tests.faults import allow, rss
from tests.cast import body, make_feed, ninjs, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db(transaction=True)


def yesterday(feed):
    """A day: three reports, an update, a correction, a withdrawal, and a page nobody could read."""
    documents = [
        ninjs("urn:1", headline="Harbour opens early"),
        ninjs("urn:2", headline="Fog at sea"),
        ninjs("urn:3", headline="Ferry back in service"),
        ninjs("urn:1", headline="Harbour opens early", body=body("second"), version=2),
        ninjs("urn:2", headline="CORRECTED: Fog at sea", body=body("third"), version=2),
        ninjs("urn:3", status="canceled", headline="Ferry back in service", version=2),
        b"<html><body>Log in</body></html>",
    ]
    for number, document in enumerate(documents):
        send(feed, document, f"{number}.json")
    press.catch_up()


def everything():
    """Whatever a reader, an editor or a subscriber to notices could tell the difference by."""
    return {
        "articles": list(
            Article.objects.order_by("pk").values_list(
                "pk", "path", "shown_headline", "basis", "waiting", "live", "held",
                "first_published_at", "withdrawn_at",
            )
        ),
        "versions": list(Version.objects.order_by("pk").values_list("pk", "content_hash")),
        "items": list(Item.objects.order_by("pk").values_list("pk", "key", "status", "latest")),
        "aliases": Alias.objects.count(),
        "announced": Entry.objects.count(),
        "notices": Notice.objects.count(),
        "edits": Edit.objects.count(),
        "mail": Mail.objects.count(),
        "pages": surfaces(),
    }  # fmt: skip


def hand_over():
    with gathered():
        desk.catch_up()
    press.catch_up()


@pytest.mark.parametrize("seed", range(3))
def test_case_56_reading_every_stored_fetch_again_changes_nothing(paper, tmp_path, seed):
    feed = make_feed(tmp_path)
    yesterday(feed)
    before = everything()
    fetches = list(Fetch.objects.select_related("feed__source"))
    random.Random(seed).shuffle(fetches)
    for fetch in fetches:
        wire.replay(fetch)
    hand_over()
    assert everything() == before


def test_case_56_a_feed_whose_memory_was_lost_publishes_nothing_twice(paper, settings):
    routes = {"/": reply(200, rss("a", "b"), ETag='"1"')}
    with serving(routes) as server:
        allow(settings, server)
        feed = wire.add_feed("quill", server.url(), agency="Quill")
        world = Section.objects.get(slug="world")
        Rule.objects.create(name="quill", feed=feed, section=world, action="publish")
        wire.fetch(feed)
        hand_over()
        before = everything()
        assert len(before["articles"]) == 2
        Feed.objects.update(state={}, moments=[], hours=[], rhythm=None)
        wire.fetch(feed)
        hand_over()
    assert len(server.asked) == 2
    assert server.asked[1][1]["If-None-Match"] is None
    assert everything() == before


def test_case_56_the_same_files_dropped_again_publish_nothing_twice(paper, tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    feed = make_feed(folder)
    documents = {"1.json": ninjs("urn:1"), "2.json": ninjs("urn:2", headline="Fog at sea")}
    for name, document in documents.items():
        send(feed, document, name)
    press.catch_up()
    before = everything()
    for name, document in documents.items():
        (folder / f"again-{name}").write_bytes(document)
    report = wire.fetch(Feed.objects.get())
    hand_over()
    assert (report.fetched, report.new, report.updated) == (2, 0, 0)
    assert everything() == before
