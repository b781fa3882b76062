"""Readers are told of a correction when the text before them holds it: not earlier, not twice."""

from datetime import timedelta

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Notice, NoticeKind, Rule
from broadsheet.desk.rules import is_for_editors
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.wire.models import Item
from tests.cast import ada, body, ninjs, send
from tests.surfaces import where

pytestmark = pytest.mark.django_db

CORRECTED = "CORRECTED: Harbour opens early"


@pytest.fixture
def article(feed):
    send(feed, ninjs(body=body("first")))
    return Article.objects.get()


def own_body(article, editor):
    article.body = "<p>Our own words on the harbour.</p>"
    article.save_revision(user=editor, clean=False).publish(
        user=editor, skip_permission_checks=True
    )
    return Article.objects.get()


def test_case_52_a_correction_is_told_when_our_text_holds_it_not_when_it_waits(feed, article):
    editor = ada()
    own_body(article, editor)
    send(feed, ninjs(version=2, headline=CORRECTED, body=body("second")))
    assert not Notice.objects.exists()
    desk.take_waiting(Article.objects.get(), by=editor)
    assert Notice.objects.get().kind == NoticeKind.CORRECTION


def test_case_52_who_keeps_the_own_text_tells_of_no_correction(feed, article):
    editor = ada()
    own_body(article, editor)
    send(feed, ninjs(version=2, headline=CORRECTED, body=body("second")))
    desk.keep_own_body(Article.objects.get(), by=editor)
    assert not Notice.objects.exists()


def test_case_52_a_correction_passed_over_while_it_waited_is_told_with_the_next_version(
    feed, article
):
    editor = ada()
    own_body(article, editor)
    send(feed, ninjs(version=2, headline=CORRECTED, body=body("second")))
    send(feed, ninjs(version=3, body=body("third")))
    desk.take_waiting(Article.objects.get(), by=editor)
    assert Notice.objects.get().version.number == 2


def test_nothing_is_told_of_what_no_reader_had(feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs())
    editor = ada()
    desk.make_article(Item.objects.get(), by=editor)
    send(feed, ninjs(version=2, headline=CORRECTED, body=body("second")))
    assert not Notice.objects.exists()


def test_a_note_to_editors_is_not_for_readers(feed, article):
    note = "EDITORS: call the desk about the second source"
    send(feed, ninjs(version=2, headline=CORRECTED, body=body("second"), note=note))
    assert Notice.objects.get().text == "The agency has corrected this report."
    press.press_everything()
    assert not where("second source")


@pytest.mark.parametrize(
    ("note", "is_theirs"),
    [
        ("EDS: adds byline", True),
        ("Editors: do not use the picture", True),
        ("Note to editors - map to follow", True),
        ("Corrects the year in paragraph two.", False),
        ("Editor in chief is Ms Adomako, not Mr Adomako.", False),
    ],
)
def test_a_note_to_editors_is_known_by_how_it_begins(note, is_theirs):
    assert is_for_editors(note) == is_theirs


def test_what_was_taken_back_stands_on_no_surface(article):
    editor = ada()
    press.press_everything()
    note = desk.correct(article, "The lighthouse is six metres high.", by=editor)
    press.catch_up()
    assert {"/feed.rss", "/corrections/", article.path} < where("six metres high")
    desk.take_back(note, by=editor)
    press.catch_up()
    assert not where("six metres high")


def test_an_embargoed_report_that_is_withdrawn_leaves_no_trace(feed, article):
    editor = ada()
    Article.objects.filter(pk=article.pk).update(embargo_until=clock.now() + timedelta(hours=5))
    press.press_everything()
    desk.withdraw(Article.objects.get(), "It named the witness.", by=editor)
    press.catch_up()
    assert not where("named the witness")
    assert not where("Harbour opens early")
