"""What follows the wire whatever staff own, and texts of before that come again."""

import json
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from broadsheet.desk.models import Article, Notice
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Arrival, Item, Version
from broadsheet.wire.tests.test_identity import NINE, TOLD, entry, rss
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db
FACTS = [{"by": "By Bert"}, {"usageTerms": "Not for use in India"}, {"edNote": "Eds: note"},
         {"subjects": [{"name": "Sport"}]}, {"urgency": 1}, {"slugline": "new"}]  # fmt: skip


def stating(data, **facts):
    return json.dumps(json.loads(data) | facts).encode()


def tide(text=TOLD["tide"], at=NINE, headline="Tide"):
    return rss(entry("g", "https://q.example/tide", headline, text, at))


def rework_the_body(article):
    user = ada()
    article.body, article.body_from = "<p>Ours.</p>", article.basis
    article.save_revision(user=user, clean=False).publish(user=user, skip_permission_checks=True)


@pytest.mark.parametrize("facts", FACTS)
def test_case_17_a_change_of_what_follows_the_wire_is_a_quiet_version(feed, facts):
    send(feed, ninjs())
    for _ in range(2):
        send(feed, stating(ninjs(version=2), **facts))
    assert Version.objects.count() == 2
    article = Article.objects.get()
    assert (article.basis.number, article.waiting) == (2, None)
    assert not Notice.objects.exists()


def test_case_33_a_corrected_byline_reaches_a_report_whose_body_is_ours(feed):
    send(feed, stating(ninjs(), by="By Anna"))
    rework_the_body(Article.objects.get())
    send(feed, stating(ninjs(version=2), by="By Bert"))
    article = Article.objects.get()
    assert (article.basis.fields["byline"], article.waiting) == ("By Bert", None)
    assert article.full_body == "<p>Ours.</p>"
    send(feed, stating(ninjs(version=3, body=body("new")), by="By Bert"))
    article = Article.objects.get()
    assert (article.basis.number, article.waiting.number) == (2, 3)


def test_the_order_of_subjects_and_a_feed_that_states_less_make_no_version(feed, tmp_path):
    (tmp_path / "top").mkdir()
    other = wire.add_feed("quill-top", str(tmp_path / "top"), agency="Quill")
    names = [{"name": "Sport"}, {"name": "Sea"}]
    send(feed, stating(ninjs(), subjects=names))
    send(feed, stating(ninjs(), subjects=names[::-1]))
    for one in (other, feed, other):
        send(one, stating(ninjs(), subjects=names if one == feed else names[:1]))
    assert Version.objects.count() == 1


def test_a_wire_that_states_two_ways_in_turn_makes_two_versions_and_no_more(feed):
    for number in range(6):
        send(feed, stating(ninjs(), by=f"By {'AB'[number % 2]}"))
    assert Version.objects.count() == 2


def test_case_18_an_old_text_that_comes_again_without_a_newer_date_is_not_applied(feed, client):
    for text in (TOLD["tide"], TOLD["tide"] + " Later it fell.", TOLD["tide"], TOLD["tide"]):
        send(feed, tide(text))
    assert Version.objects.count() == 2
    assert "Later it fell" in Article.objects.get().full_body
    again = Arrival.objects.get(version__number=1).again_at
    assert again is not None
    assert Arrival.objects.get(version__number=2).again_at is None
    client.force_login(ada())
    page = client.get(reverse("desk_item", args=[Item.objects.get().pk])).content.decode()
    assert page.count("came again later") == 1


def test_case_18_a_wire_that_goes_back_to_its_old_text_by_a_newer_date_is_followed(feed):
    for hour, text in enumerate((TOLD["tide"], TOLD["tide"] + " Later it fell.", TOLD["tide"])):
        send(feed, tide(text, NINE - timedelta(hours=5 - hour)))
    assert Version.objects.count() == 3
    assert "Later it fell" not in Article.objects.get().full_body


def test_case_47_what_was_withheld_is_released_by_its_old_text(feed):
    send(feed, tide())
    send(feed, tide("Wait.", headline="HOLD HOLD HOLD"))
    assert Article.objects.get().held
    send(feed, tide())
    assert not Article.objects.get().held
    assert isinstance(Item.objects.get().latest.received_at, datetime)
