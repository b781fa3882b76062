"""What an editor opens costs as many queries in a paper of many reports as in one of few."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from broadsheet.desk.models import Article, Edit, Notice
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db
SCREENS = {
    "editor": "wagtailsnippets_desk_article:edit",
    "difference": "desk_compare",
    "log": "desk_log",
}


@pytest.fixture
def client(paper):
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.editor = ada()
    made.force_login(made.editor, "allauth.account.auth_backends.AuthenticationBackend")
    return made


def send_reworked(feed, number, editor):
    """A report whose body is ours, with a newer one of the wire waiting."""
    send(feed, ninjs(f"urn:{number}", headline=f"Report {number}", body=body("first")))
    article = Article.objects.get(item__key=f"urn:{number}")
    article.body, article.body_from = "<p>Ours.</p>", article.basis
    article.save()
    send(feed, ninjs(f"urn:{number}", version=2, headline="Again", body=body("second")))
    Notice.objects.create(article=article, kind="correction", text="Six.", version=article.basis)
    Edit.objects.create(article=article, field="body", by=editor)
    return article


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_of_one_article_asks_as_often_however_many_there_are(client, feed, screen):
    article = send_reworked(feed, 0, client.editor)
    address = reverse(SCREENS[screen], args=[article.pk])
    few = queries(client, address)
    for number in range(1, 6):
        send_reworked(feed, number, client.editor)
    assert queries(client, address) <= few
    assert few <= 60
