"""A report that the agency says grew out of another: linked in the desk and on the older page."""

import json

import pytest
from django.test import Client

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article
from broadsheet.press import actions as press
from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.agency import g2_text
from tests.cast import ada, body, ninjs, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db


def first():
    """The older report."""
    return ninjs("urn:one", headline="Ferry in dock", body=body("dock"))


def second():
    """The report that continues it."""
    item = json.loads(ninjs("urn:two", headline="Ferry sails again", body=body("sails")))
    return json.dumps(item | {"evolvedFrom": "urn:one"}).encode()


def article(key):
    return Article.objects.get(item__key=key)


def page(key):
    return surfaces()[(article(key).path, "full")]


def editor(key):
    client = Client()
    client.force_login(ada())
    shown = client.get(f"/desk/snippets/desk/article/edit/{article(key).pk}/")
    return shown.content.decode()


@pytest.mark.parametrize("order", [(first, second), (second, first)])
def test_the_older_page_leads_to_the_updated_report_whichever_came_first(feed, order):
    for document in order:
        send(feed, document())
        press.catch_up()
    assert Article.objects.count() == 2
    link = f'Updated report: <a href="{article("urn:two").path}">Ferry sails again</a>'
    assert link in page("urn:one")
    assert "Updated report:" not in page("urn:two")


def test_the_link_goes_with_the_updated_report(feed):
    send(feed, first())
    send(feed, second())
    press.catch_up()
    assert "Updated report:" in page("urn:one")
    desk.withdraw(article("urn:two"), "It was wrong.", by=ada())
    press.catch_up()
    assert "Updated report:" not in page("urn:one")


def test_the_editor_shows_both_ways(feed):
    send(feed, second())
    assert "Grew out of:" not in editor("urn:two")
    send(feed, first())
    newer = editor("urn:two")
    assert "Grew out of:" in newer
    assert "Ferry in dock</a>" in newer
    older = editor("urn:one")
    assert "Goes on in:" in older
    assert "Ferry sails again" in older


def test_every_agency_format_says_what_a_report_grew_out_of():
    link = '<link rel="irel:evolvedFrom" residref="urn:g2:0"/>'
    assert parse(g2_text(meta=link).encode()).entries[0].evolved_from == "urn:g2:0"
    assert parse(second()).entries[0].evolved_from == "urn:one"


def test_a_report_that_claims_to_grow_out_of_itself_does_not(feed):
    item = json.loads(first()) | {"evolvedFrom": "urn:one"}
    send(feed, json.dumps(item).encode())
    press.catch_up()
    assert "Updated report:" not in page("urn:one")
    assert "Grew out of:" not in editor("urn:one")
