"""Headlines that look like an agency's codes: the desk decides, readers see nothing of it."""

import json

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Intake, WithdrawalRequest
from broadsheet.wire.models import Item, Version
from broadsheet.wire.tests.formats.feeds import item, rss
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db
DOUBTED = ["EMBARGOED UNTIL 0600 GMT MONDAY: Economy grew", "NOT FOR PUBLICATION: budget",
           "Media Advisory: Mayor to speak", "Test message", "PLEASE IGNORE - TEST",
           "IGNORE: TEST MESSAGE", "TEST: election results", "Daybook for Friday", "(KILL) Ferry",
           "Advisory: Mayor to speak", "STORY KILLED: please do not use", "URGENT - KILL",
           "SPERRFRIST 15 Uhr", "KILL KILL KILL"]  # fmt: skip


def by_rss(headline, mark="plain"):
    return rss(item(headline, body(mark).replace("<", "&lt;")))


@pytest.mark.parametrize("headline", DOUBTED)
def test_a_doubted_headline_never_publishes_itself_and_the_desk_is_told_why(feed, headline):
    send(feed, ninjs(headline=headline))
    send(feed, by_rss(headline), "feed.xml")
    assert not Article.objects.exists()
    for intake in Intake.objects.all():
        assert intake.outcome == "held" and intake.reasons


def test_an_editor_may_publish_what_was_only_doubted(feed):
    send(feed, ninjs(headline="Test message"))
    assert Intake.objects.get().reasons == ["It may not be meant for readers."]
    assert desk.publish_item(Item.objects.get(), by=ada()).live


def test_case_39_a_coded_headline_where_the_wire_says_usable_withdraws_nothing(feed):
    send(feed, ninjs(headline="Senate to vote on power bill"))
    send(feed, ninjs(version=2, headline="KILL-SWITCH BILL PASSES SENATE", body=body("second")))
    article = Article.objects.get()
    assert article.withdrawn_at is None
    assert article.full_headline == "Senate to vote on power bill"
    assert article.waiting == Version.objects.last()
    request = WithdrawalRequest.objects.get()
    assert (request.item, request.settled_at) == (article.item, None)
    desk.take_waiting(article, by=ada())
    send(feed, ninjs(version=3, headline="Kill-switch bill passes Senate", body=body("third")))
    assert Article.objects.get().full_headline == "Kill-switch bill passes Senate"
    assert Item.objects.get().status == "usable"


def test_case_39_a_withdrawal_that_a_headline_asks_for_is_one_click_of_the_desk(feed):
    send(feed, ninjs(headline="Ferry sails"))
    send(feed, ninjs(version=2, headline="KILL KILL KILL", body=body("gone")))
    request = WithdrawalRequest.objects.get()
    desk.settle_request(request, confirm=True, reason="The agency asks so.", by=ada())
    assert Article.objects.get().withdrawn_at is not None
    assert Item.objects.get().status == "canceled"


def test_a_headline_about_an_article_of_law_asks_to_withdraw_nothing(feed):
    send(feed, ninjs("urn:quill:370", headline="Cricket: India win", body=body("cricket")))
    headline = "Withdraw Article 370 petition, court tells PDP"
    send(feed, ninjs("urn:quill:9", headline=headline, body=body("court")))
    assert not WithdrawalRequest.objects.exists()
    assert Article.objects.count() == 2


def test_case_39_in_rss_a_code_before_the_known_headline_withdraws(feed):
    send(feed, by_rss("Ferry sails on Friday"), "1.xml")
    for _ in range(2):
        send(feed, by_rss("KILL: Ferry sails on Friday", "gone"), "2.xml")
    assert Article.objects.get().withdrawn_at is not None
    assert Version.objects.count() == 2


def test_case_39_in_rss_a_code_before_another_headline_only_asks(feed):
    send(feed, by_rss("Ferry sails on Friday"), "1.xml")
    send(feed, by_rss("KILL: Ferry film tops the charts", "film"), "2.xml")
    assert Article.objects.get().withdrawn_at is None
    assert WithdrawalRequest.objects.get().settled_at is None
    assert "film" not in Article.objects.get().full_body


def test_case_39_in_rss_an_unmistakable_code_withdraws_at_once(feed):
    send(feed, by_rss("Ferry sails on Friday"), "1.xml")
    send(feed, by_rss("STORY WITHDRAWN"), "2.xml")
    assert Article.objects.get().withdrawn_at is not None


def test_case_29_an_advisory_by_its_genre_is_held(feed):
    stated = json.loads(ninjs()) | {"genres": [{"name": "Advisory"}]}
    send(feed, json.dumps(stated).encode())
    assert not Article.objects.exists()


@pytest.mark.parametrize("expires", ["gestern", "1970-01-01T00:00:00Z", "2001-01-01T00:00:00Z"])
def test_case_49_what_expired_or_may_have_never_publishes_itself(feed, expires):
    send(feed, json.dumps(json.loads(ninjs()) | {"expires": expires}).encode())
    assert not Article.objects.exists()
    assert "expire" in Intake.objects.get().reasons[0]


def test_case_49_an_update_whose_expiry_cannot_be_read_waits_for_the_desk(feed):
    send(feed, ninjs())
    stated = json.loads(ninjs(version=2, body=body("new"))) | {"expires": "gestern"}
    send(feed, json.dumps(stated).encode())
    article = Article.objects.get()
    assert article.waiting == Version.objects.last()
    assert not article.held
