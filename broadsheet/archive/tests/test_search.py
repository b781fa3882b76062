"""Search finds what lists and teasers show anyway, and nothing else."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from broadsheet.archive import reads
from broadsheet.desk.models import Article
from tests.cast import body, ninjs, send

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Kolkata")


def found(query, page=1):
    cards = reads.search(query, page=page, now=datetime.now(UTC), zone=ZONE).cards
    return [card.headline for card in cards]


@pytest.fixture
def report(feed):
    text = body("teaserword", 3) + body("gatedword", 7)
    send(feed, ninjs(headline="Harbour Opens", standfirst="The Ferry left.", body=text))
    return Article.objects.get()


@pytest.mark.parametrize("query", ["harbour", "OPENS", "ferry left", "teaserword", "harb", "crew"])
def test_headline_standfirst_and_teaser_are_found(report, query):
    assert found(query) == ["Harbour Opens"]


@pytest.mark.parametrize("query", ["gatedword", "harbour gatedword", "", "  ", "%", "_", "'"])
def test_gated_words_and_signs_find_nothing(report, query):
    assert found(query) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"live": False},
        {"held": True},
        {"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"embargo_until": datetime(2999, 1, 1, tzinfo=UTC)},
        {"wire_embargo_until": datetime(2999, 1, 1, tzinfo=UTC)},
        {"expire_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"wire_expires": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_nothing_invisible_is_found(report, columns):
    Article.objects.update(**columns)
    assert found("harbour") == []
    assert "Harbour" not in Client().get("/search?q=harbour").content.decode()


def test_the_wires_new_words_are_found_and_the_old_ones_not(report, feed):
    send(feed, ninjs(version=2, headline="Quay shut", body=body("second")))
    assert found("quay second") == ["Quay shut"]
    assert found("opens") == []


def test_words_of_every_script_are_found_in_any_case(feed):
    send(feed, ninjs(headline="Überfahrt nach CAFÉ Straße"))
    send(feed, ninjs("urn:2", headline="बंदरगाह खुला"))
    assert found("überfahrt café strasse") == ["Überfahrt nach CAFÉ Straße"]
    assert found("ÜBERFAHRT") == ["Überfahrt nach CAFÉ Straße"]
    assert found("खुला") == ["बंदरगाह खुला"]


def test_a_report_with_the_word_in_its_headline_comes_first(feed):
    send(feed, ninjs("urn:1", headline="Grain ships queue"))
    send(feed, ninjs("urn:2", headline="Fog", standfirst="The grain ships wait outside."))
    assert found("grain") == ["Grain ships queue", "Fog"]


def test_results_come_twenty_a_page_and_never_twice(feed):
    for number in range(23):
        send(feed, ninjs(f"urn:{number}", headline=f"Tide {number}"))
    first, second = found("tide"), found("tide", 2)
    assert (len(first), len(second)) == (20, 3)
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    "query", ["q=harbour&page=0", "q=harbour&page=x", "q=harbour&page=99999999999999999999",
              "q=harbour&page=%C2%B2", "page=" + "9" * 5000,
              "q=" + "x" * 5000, "q=%00", "q=a&q=b", "", "q=" + "a+" * 300]
)  # fmt: skip
def test_no_query_breaks_the_page(report, query):
    answer = Client().get(f"/search?{query}")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_the_query_is_shown_escaped(report):
    page = Client().get("/search?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page
