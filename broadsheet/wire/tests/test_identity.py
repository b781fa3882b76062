"""One item, the right versions: whatever becomes of guids and links (docs/cases.md, 14 to 22)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.desk.models import Article, Intake, Notice
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Alias, Arrival, Item, Version
from tests.cast import body, ninjs, send

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOLD = {
    "tide": "The tide gauge at the north mole rose by two metres during the night and the lower"
    " quay was closed to lorries until the pumps had done their work in the morning.",
    "choir": "Forty singers from six islands will rehearse a forgotten oratorio in the chapel this"
    " winter, and the conductor says that the score was found behind an organ in spring.",
    "bread": "Bakers of the old town ask for cheaper flour before the feast because three mills"
    " stopped grinding in summer, which made every loaf dearer by a third since then.",
}


def entry(guid, link, headline, text, at=NINE):
    """One item of an RSS document; a guid or link of "" is left out."""
    stated = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    stated += f"<link>{link}</link>" if link else ""
    return (
        f"<item>{stated}<title>{headline}</title><description>{text}</description>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
    )


def rss(*entries):
    return f"<rss version='2.0'><channel>{''.join(entries)}</channel></rss>".encode()


def versions():
    return Version.objects.count()


def test_case_14_without_a_guid_the_link_is_the_key_and_stays_it(feed):
    send(feed, rss(entry("", "http://www.q.example/tide?utm_source=a", "Tide", TOLD["tide"])))
    key = Item.objects.get().key
    assert key == "https://q.example/tide"
    send(feed, rss(entry("g1", "https://q.example/tide/", "Tide rises", TOLD["tide"])))
    send(feed, rss(entry("g1", "https://q.example/moved", "Tide falls", TOLD["tide"])))
    assert Item.objects.get().key == key
    assert versions() == 3


def test_case_14_without_guid_and_link_headline_and_date_are_the_key(feed):
    for text in (TOLD["tide"], TOLD["tide"] + " Later it fell."):
        send(feed, rss(entry("", "", "Tide", text)))
    send(feed, rss(entry("", "", "Tide", TOLD["tide"], NINE + timedelta(days=1))))
    assert sorted(item.versions.count() for item in Item.objects.all()) == [1, 2]
    assert all(item.key.startswith("made:") for item in Item.objects.all())


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("https://q.example/tide", "https://q.example/tide"),
        ("http://www.q.example/tide/", "http://www.q.example/tide?utm_campaign=x"),
        ("another-guid", "http://www.q.example/tide/?fbclid=1"),
        ("http://q.example/tide", "https://q.example/tide-rises-by-two-metres"),
    ],
)
def test_case_15_a_changed_guid_or_link_attaches_as_a_version(feed, guid, link):
    send(feed, rss(entry("http://q.example/tide", "http://q.example/tide", "T", TOLD["tide"])))
    send(feed, rss(entry(guid, link, "Tide", TOLD["tide"] + " Pumps ran until ten.")))
    assert Item.objects.count() == 1
    assert versions() == 2
    assert Article.objects.count() == 1


def test_case_15_a_new_guid_of_an_unchanged_text_is_a_name_and_no_version(feed):
    send(feed, rss(entry("one", "https://q.example/tide", "Tide", TOLD["tide"])))
    send(feed, rss(entry("two", "https://q.example/tide", "Tide", TOLD["tide"])))
    send(feed, rss(entry("two", "https://q.example/slug-edited", "Tide", TOLD["tide"])))
    assert Item.objects.count() == versions() == 1
    assert Alias.objects.filter(value="link:https://q.example/slug-edited").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Gold rises", "Gold rose today."), ("Mayor resigns", "The mayor has left.")),
        (("Markets at the close", "Prices rose."), ("Markets at the close", "Prices fell.")),
        (("Markets at the close", TOLD["tide"]), ("Markets at the close", TOLD["choir"])),
        (("Gold rises", "Gold rose today."), ("STORY WITHDRAWN", TOLD["choir"])),
    ],
)
def test_case_15_reports_of_different_guids_do_not_merge_by_a_page_they_share(feed, first, second):
    send(feed, rss(entry("monday", "https://q.example/live", *first)))
    for _ in range(2):
        send(feed, rss(entry("tuesday", "https://q.example/live", *second)))
    monday, tuesday = Item.objects.order_by("pk")
    assert (monday.versions.count(), tuesday.versions.count()) == (1, 1)
    assert monday.status == "usable"
    assert first[1].split()[0] in Article.objects.get(item=monday).full_body


def test_case_16_one_guid_for_all_gives_way_to_the_links(feed):
    document = rss(
        *(entry("1", f"https://q.example/{name}", name, text) for name, text in TOLD.items())
    )
    for _ in range(2):
        send(feed, document)
    assert set(Item.objects.values_list("key", flat=True)) == {
        f"https://q.example/{name}" for name in TOLD
    }
    assert versions() == Article.objects.count() == 3
    assert "one id" in feed.fetches.first().problem
    send(feed, rss(entry("1", "https://q.example/choir", "Choir sings", TOLD["choir"])))
    assert Item.objects.get(key="https://q.example/choir").versions.count() == 2


def test_case_16_a_guid_that_names_another_story_makes_a_new_item_and_warns_the_desk(feed):
    send(feed, rss(entry("g", "https://q.example/tide", "Tide rises", TOLD["tide"])))
    for _ in range(2):
        send(feed, rss(entry("g", "https://q.example/choir", "Choir sings", TOLD["choir"])))
    tide, choir = Item.objects.order_by("pk")
    assert tide.latest.headline == "Tide rises"
    assert choir.key == "https://q.example/choir"
    assert choir.versions.count() == 1
    intake = Intake.objects.get(item=choir)
    assert intake.outcome == "held"
    assert "id" in " ".join(intake.reasons)
    assert Article.objects.get().item == tide


@pytest.mark.parametrize(
    ("headline", "link"),
    [
        ("CORRECTED: Choir sings", "https://q.example/choir"),
        ("STORY WITHDRAWN", "https://q.example/choir"),
        ("HOLD HOLD HOLD", "https://q.example/choir"),
        ("Tide rises again", "https://q.example/choir"),
        ("Choir sings", "https://q.example/tide"),
    ],
)
def test_case_16_who_corrects_withdraws_or_develops_a_story_means_that_story(feed, headline, link):
    send(feed, rss(entry("g", "https://q.example/tide", "Tide rises", TOLD["tide"])))
    send(feed, rss(entry("g", link, headline, TOLD["choir"])))
    assert Item.objects.get().versions.count() == 2


def test_case_16_the_wires_next_number_of_a_guid_is_that_item_however_it_reads(feed):
    send(feed, ninjs(version=1, headline="Tide rises", body=f"<p>{TOLD['tide']}</p>"))
    send(feed, ninjs(version=2, headline="Choir sings", body=f"<p>{TOLD['choir']}</p>"))
    assert Item.objects.get().versions.count() == 2


def test_case_17_a_silent_update_is_a_version_and_white_space_is_none(feed):
    link = '<a href="https://a.example/x" rel="nofollow">mole</a>'
    moved = '<a  rel="nofollow" href="https://a.example/x">mole</a>'
    send(feed, ninjs(body=f"<p>At the {link} stood a crane.</p>{body()}"))
    send(feed, ninjs(body=f"<p>At the {moved}\n stood  a crane.</p>\n{body()}"))
    assert versions() == 1
    send(feed, ninjs(body=f"<p>At the {link} stood two cranes.</p>{body()}"))
    assert versions() == 2
    assert "two cranes" in Article.objects.get().full_body
    assert not Notice.objects.exists()


def test_case_18_an_older_version_that_comes_late_is_stored_and_not_applied(feed):
    for number in (1, 3, 2, 3, 2):
        send(feed, ninjs(version=number, body=body(f"mark{number}")))
    assert [(v.wire_version, v.applies) for v in Version.objects.all()] == [
        ("1", True), ("3", True), ("2", False)
    ]  # fmt: skip
    assert "mark3" in Article.objects.get().full_body


def test_case_19_two_feeds_of_an_agency_bring_one_item_with_two_arrivals(feed, tmp_path):
    other = wire.add_feed("quill-top", str(tmp_path / "top"), agency="Quill")
    for one in (feed, other, feed, other):
        send(one, ninjs())
    assert Item.objects.count() == versions() == Article.objects.count() == 1
    brought = Arrival.objects.values_list("feed__name", "fetch")
    assert [name for name, _ in brought] == ["quill", "quill-top"]
    assert [fetch for _, fetch in brought] == [
        feed.fetches.order_by("pk")[0].pk, other.fetches.order_by("pk")[0].pk
    ]  # fmt: skip


def test_case_21_a_report_dated_before_the_newest_is_taken(feed):
    send(feed, ninjs("urn:new", at=NINE))
    send(feed, ninjs("urn:old", at=NINE - timedelta(days=1), headline="Backfilled"))
    assert Item.objects.get(key="urn:old").latest.applies
    assert Article.objects.filter(item__key="urn:old", live=True).exists()


def test_case_22_what_vanishes_from_a_feed_stays_as_it_is(feed):
    two = [entry(name, f"https://q.example/{name}", name, TOLD[name]) for name in ("tide", "choir")]
    send(feed, rss(*two))
    send(feed, rss(two[1]))
    send(feed, rss())
    assert Item.objects.filter(status="usable").count() == 2
    assert Article.objects.filter(live=True, withdrawn_at=None).count() == 2
    assert versions() == 2


def test_case_41_a_withdrawal_that_names_nothing_is_rejected_loudly(feed):
    send(feed, ninjs("urn:a"))
    nameless = json.loads(ninjs(status="canceled"))
    for uri in (None, "", "  "):
        send(feed, json.dumps(nameless | {"uri": uri}).encode())
        assert feed.fetches.first().rejected == 1
        assert "identity" in feed.fetches.first().problem
    assert Item.objects.get().status == "usable"
    assert Article.objects.get().withdrawn_at is None


def test_case_42_a_withdrawal_before_its_item_waits_for_it(feed):
    for _ in range(2):
        send(feed, ninjs("urn:late", version=2, status="canceled"))
    assert Item.objects.get().versions.count() == 1
    send(feed, ninjs("urn:late", version=1))
    send(feed, ninjs("urn:late", version=3, headline="Usable, they say"))
    item = Item.objects.get()
    assert item.status == "canceled"
    assert item.versions.count() == 3
    assert not Article.objects.exists()


def test_case_56_yesterdays_documents_again_change_nothing(feed):
    documents = [
        ninjs(version=1), ninjs(version=2, headline="CORRECTED: Harbour opens at six"),
        ninjs("urn:b", version=1), ninjs("urn:b", version=2, status="canceled"),
    ]  # fmt: skip
    for document in documents:
        send(feed, document)
    before = versions(), Article.objects.count(), Notice.objects.count()
    for document in documents:
        send(feed, document)
    for fetch in feed.fetches.all():
        wire.replay(fetch)
    assert (versions(), Article.objects.count(), Notice.objects.count()) == before == (4, 2, 2)


def test_a_document_that_is_known_costs_the_same_few_queries_however_long_it_is(feed):
    counts = []
    for size in (3, 60):
        document = rss(
            *(entry(f"g{n}", f"https://q.example/{n}", f"Report {n}", TOLD["tide"] + f" {n}")
              for n in range(size))
        )  # fmt: skip
        send(feed, document)
        with CaptureQueriesContext(connection) as queries:
            send(feed, document)
        counts.append(len(queries))
    assert counts[0] == counts[1]
