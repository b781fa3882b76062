"""Documents become items and versions: what is new, what is the same, what came late."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.wire.models import Alias, Item, Version
from tests.cast import body, ninjs, send

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def rss(*items, head=""):
    """An RSS document of (guid, link, headline, text[, date]) items."""
    made = [
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link>"
        f"<title>{headline}</title><description>{text}</description>"
        f"<pubDate>{(at or [NINE])[0]:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for guid, link, headline, text, *at in items
    ]
    return f"<rss version='2.0'><channel>{head}{''.join(made)}</channel></rss>".encode()


def changed(data, **facts):
    """A ninjs item with keys set (or, when None, taken out)."""
    item = json.loads(data) | facts
    return json.dumps({name: value for name, value in item.items() if value is not None}).encode()


def texts():
    return list(Version.objects.order_by("sequence").values_list("item__key", "fields__headline"))


def test_the_same_document_again_makes_no_version(feed):
    for _ in range(3):
        send(feed, ninjs())
    assert Version.objects.count() == 1


def test_spaces_and_attribute_order_make_no_version(feed):
    send(feed, ninjs(body='<p>The <a href="https://a.example/x" rel="nofollow">tide</a> rose.</p>'))
    send(feed, ninjs(body='<p>The <a rel="nofollow"  href="https://a.example/x">tide</a>\n rose.'))
    assert Version.objects.count() == 1


def test_a_silent_change_under_the_same_number_and_date_is_a_version(feed):
    send(feed, ninjs(version=1, body=body("first")))
    send(feed, ninjs(version=1, body=body("second")))
    assert "second" in Item.objects.get().latest.body


def test_an_older_number_that_comes_late_is_kept_and_not_applied(feed):
    send(feed, ninjs(version=1, body=body("first")))
    send(feed, ninjs(version=3, body=body("third")))
    send(feed, ninjs(version=2, body=body("second")))
    assert "third" in Item.objects.get().latest.body
    assert [v.applies for v in Version.objects.all()] == [True, True, False]


def test_without_numbers_the_date_of_the_change_tells_what_is_late(feed):
    first, second, third = (
        changed(
            ninjs(at=NINE + timedelta(hours=hour), body=body(mark)),
            version=None, firstCreated=NINE.isoformat(),
        )
        for hour, mark in ((1, "first"), (2, "second"), (3, "third"))
    )  # fmt: skip
    for document in (first, third, second):
        send(feed, document)
    assert "third" in Item.objects.get().latest.body


def test_what_came_before_and_is_sent_again_late_makes_no_version(feed):
    old, new = ninjs(version=1, body=body("old")), ninjs(version=2, body=body("new"))
    for document in (old, new, old):
        send(feed, document)
    assert Version.objects.count() == 2


def test_the_wire_may_go_back_to_an_earlier_text(feed):
    for number, mark in enumerate(("a", "b", "a"), start=1):
        send(feed, ninjs(version=number, body=body(mark)))
    assert Version.objects.count() == 3
    assert Item.objects.get().latest.number == 3


def test_an_item_that_vanishes_from_its_feed_stays(feed):
    send(
        feed,
        rss(("a", "https://q.example/a", "One", "x"), ("b", "https://q.example/b", "Two", "y")),
    )
    send(feed, rss(("b", "https://q.example/b", "Two", "y")))
    assert Item.objects.filter(status="usable").count() == 2


def test_a_withdrawal_without_identity_touches_nothing(feed):
    send(feed, ninjs())
    send(feed, changed(ninjs(status="canceled"), uri=None))
    assert Item.objects.get().status == "usable"
    assert feed.fetches.first().rejected == 1
    assert "identity" in feed.fetches.first().problem


def test_a_withdrawal_before_its_item_stands(feed):
    send(feed, ninjs(version=2, status="canceled"))
    send(feed, ninjs(version=3))
    assert Item.objects.get().status == "canceled"


def test_a_withdrawal_keeps_the_text_it_withdraws(feed):
    send(feed, ninjs(version=1, body=body("kept")))
    send(feed, changed(ninjs(version=2, status="canceled"), bodies=None, headlines=None))
    assert "kept" in Item.objects.get().latest.body


def test_an_expiry_that_is_set_later_is_taken_though_no_word_changed(feed):
    send(feed, ninjs())
    later = NINE + timedelta(days=30)
    send(feed, changed(ninjs(), expires=later.isoformat()))
    send(feed, changed(ninjs(), expires=later.isoformat()))
    assert Item.objects.get().latest.expires == later
    assert Version.objects.count() == 2


def test_a_transport_that_does_not_state_an_expiry_takes_none_away(feed):
    stating = changed(ninjs(), expires=(NINE + timedelta(days=30)).isoformat())
    for document in (stating, ninjs(), stating, ninjs()):
        send(feed, document)
    assert Version.objects.count() == 1


def test_an_embargo_is_lifted_by_a_later_number_without_one(feed):
    send(feed, changed(ninjs(version=1), embargoed="2999-01-01T00:00:00Z"))
    send(feed, ninjs(version=2))
    assert Item.objects.get().latest.embargo_until is None


def test_a_new_guid_under_the_same_link_is_the_same_item(feed):
    text = "The ferry from the north pier left an hour late and came back before the tide turned."
    send(feed, rss(("old", "http://www.q.example/a?utm_source=x", "One", text)))
    send(feed, rss(("new", "https://q.example/a/", "One, changed", text)))
    assert Item.objects.count() == 1
    assert Alias.objects.filter(value="id:new").exists()


def test_reports_side_by_side_under_one_link_are_different_items(feed):
    document = rss(
        ("a", "https://q.example/live", "Tide", "x"), ("b", "https://q.example/live", "Fog", "y")
    )
    for _ in range(2):
        send(feed, document)
    assert texts() == [("a", "Tide"), ("b", "Fog")]


def test_without_an_id_the_link_is_the_identity_and_without_a_link_the_headline(feed):
    document = "<rss version='2.0'><channel><item><title>Fog</title><description>Thick fog."
    document += "</description></item><item><link>https://q.example/a</link><title>Tide</title>"
    document += "<description>High tide.</description></item></channel></rss>"
    for _ in range(2):
        send(feed, document.encode())
    assert Item.objects.count() == 2
    assert Item.objects.filter(key="https://q.example/a").exists()


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\x1b", "\U0010ffff", "\u202e"])
def test_characters_that_a_database_refuses_stop_no_report(feed, odd):
    item = json.loads(
        ninjs(f"urn:{odd}:1", headline=f"Fo{odd}g", standfirst=f"Thick{odd} fog now.")
    )
    item |= {
        "by": f"A{odd}da", "edNote": f"No{odd}te", "version": f"1{odd}", "language": odd,
        "url": f"https://q.example/{odd}a", "altIds": {f"x{odd}": f"y{odd}"}, "located": odd,
        "subjects": [{"name": f"Ti{odd}de"}], "usageTerms": odd, "creditLine": odd,
        "infoSources": [{"name": f"Qu{odd}ill"}],
        "bodies": [{"contentType": "text/html", "value": f"<p>Th{odd}e {body()}</p>"}],
        "associations": [{"type": "picture", "creditline": f"P{odd}", "headline": odd,
                          "description_text": odd, "renditions": [{"href": f"a{odd}.jpg"}]}],
    }  # fmt: skip
    send(feed, json.dumps(item).encode())
    assert Item.objects.get().latest.headline.startswith("Fo")


def test_two_agencies_may_use_the_same_id(feed, tmp_path):
    from broadsheet.wire import actions

    other = actions.add_feed("reed", str(tmp_path), agency="Reed")
    send(feed, ninjs())
    send(other, ninjs())
    assert Item.objects.count() == 2


def test_a_date_ahead_of_the_clock_is_not_shown(feed):
    send(feed, ninjs(at=datetime.now(UTC) + timedelta(hours=5, minutes=30)))
    assert Item.objects.get().latest.dated is None


def test_a_signal_in_the_headline_is_read_and_taken_off(feed):
    send(feed, ninjs(headline="CORRECTED: Ferry left at six"))
    version = Version.objects.get()
    assert version.signal == "correction"
    assert version.headline == "Ferry left at six"
    assert version.fields["headline_as_sent"] == "CORRECTED: Ferry left at six"


def test_what_is_not_for_publication_reaches_the_desk_and_no_reader(feed):
    text = body() + "<p>The following information is not for publication: ring 5550100.</p>"
    send(feed, ninjs(body=text, note="Corrects the hour."))
    fields = Version.objects.get().fields
    assert "5550100" not in fields["body"]
    assert "5550100" in fields["ednote"]
    assert fields["note"] == "Corrects the hour."
