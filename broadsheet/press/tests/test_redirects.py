"""Addresses never move; what moves all the same leaves a redirect behind."""

import sqlite3

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Redirect, Section
from broadsheet.desk.rules import address_of
from broadsheet.press import actions as press
from tests.cast import ada, ninjs, send, the_article
from tests.surfaces import status

pytestmark = pytest.mark.django_db


def location(home, path):
    store = sqlite3.connect(home / "pressed.sqlite3")
    try:
        row = store.execute("SELECT status, location FROM page WHERE path=?", (path,)).fetchone()
    finally:
        store.close()
    return row


def test_case_53_an_address_is_given_once_and_never_again(feed, home):
    send(feed, ninjs("urn:1", headline="Harbour opens"))
    first = the_article()
    path = first.path
    send(feed, ninjs("urn:1", headline="Harbour opens an hour late", version=2))
    assert the_article().path == path
    desk.withdraw(first, "False.", by=ada())
    press.catch_up()
    send(feed, ninjs("urn:2", headline="Harbour opens"))
    press.catch_up()
    assert Article.objects.get(item__key="urn:2").path == f"{path}-2"
    assert (status(path), status(f"{path}-2")) == (410, 200)


def test_case_53_an_old_address_leads_to_the_report(feed, home):
    send(feed, ninjs())
    article = the_article()
    Redirect.objects.create(path="/archive-1998/harbour.html", to=article.path)
    press.press_everything()
    assert location(home, "/archive-1998/harbour.html") == (301, article.path)


def test_a_section_that_moves_leaves_its_old_address_behind(paper, home):
    section = Section.objects.get(slug="world")
    for slug in ("globe", "planet"):
        section.slug = slug
        section.save()
    press.press_everything()
    assert location(home, "/world/") == (301, "/planet/")
    assert location(home, "/globe/") == (301, "/planet/")
    assert status("/planet/") == 200


def test_a_section_that_comes_back_stands_at_its_address_again(paper, home):
    section = Section.objects.get(slug="world")
    for slug in ("globe", "world"):
        section.slug = slug
        section.save()
    press.press_everything()
    assert status("/world/") == 200
    assert location(home, "/globe/") == (301, "/world/")


def test_what_stands_at_an_address_goes_before_a_redirect(feed, home):
    send(feed, ninjs())
    article = the_article()
    Redirect.objects.create(path=article.path, to="/world/")
    press.press_everything()
    assert status(article.path) == 200


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/old", "/old"), ("old", "/new"), ("/old", "https://elsewhere.example/"),
        ("/old", "//elsewhere.example"), ("/world/", "/new"), ("/desk/", "/new"),
        ("/accounts/login/", "/new"), ("/a/../b", "/new"), ("/a b", "/new"), ("/old", "/moved"),
    ],
)  # fmt: skip
def test_a_redirect_that_cannot_be_is_refused_with_a_reason(paper, path, to):
    Redirect.objects.create(path="/moved", to="/world/")
    with pytest.raises(ValidationError):
        Redirect(path=path, to=to).full_clean()


@given(st.text(max_size=40))
def test_an_address_is_root_relative_and_without_surprises(text):
    path = address_of(text)
    assert not path or (path.startswith("/") and not path.startswith("//"))
    assert path in ("", text.strip())
    assert not any(part in (".", "..") for part in path.split("/"))
