"""The desk gives a pushed feed its secret, to those who may change feeds, and shows it once."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.actions import make_staff
from broadsheet.wire import actions
from broadsheet.wire.models import PushAddress
from tests.cast import PASSWORD, ada

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"<code>([\w-]{43})</code>")


@pytest.fixture
def pushed(paper):
    return actions.add_feed("wave", "push:")


@pytest.fixture
def publisher(paper):
    client = Client()
    client.force_login(make_staff("pat@lantern.example", PASSWORD, publisher=True))
    return client


def address(feed) -> str:
    return reverse("wire_credentials", args=[feed.pk])


def test_a_secret_is_made_and_shown_once(pushed, publisher):
    before = publisher.get(address(pushed))
    assert "no secret yet" in before.content.decode()
    first = publisher.post(address(pushed))
    secret = SECRET.search(first.content.decode())[1]
    assert "no-store" in first["Cache-Control"]
    after = publisher.get(address(pushed)).content.decode()
    assert SECRET.search(after) is None
    assert PushAddress.objects.get().token in after
    assert secret not in after
    assert SECRET.search(publisher.post(address(pushed)).content.decode())[1] != secret


def test_the_form_leads_there_for_pushed_feeds_alone(pushed, feed, publisher):
    assert (
        address(pushed) in publisher.get(reverse("feeds:edit", args=[pushed.pk])).content.decode()
    )
    assert (
        address(feed) not in publisher.get(reverse("feeds:edit", args=[feed.pk])).content.decode()
    )
    assert publisher.post(address(feed)).status_code == 400


def test_who_may_not_change_feeds_gets_none(pushed):
    editor = ada()
    editor.user_permissions.remove(*Permission.objects.filter(codename="change_feed"))
    client = Client()
    client.force_login(editor)
    assert client.post(address(pushed)).status_code in (302, 403)
    assert not PushAddress.objects.exists()


def test_a_forged_form_makes_none(pushed, publisher):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = publisher.cookies
    assert strict.post(address(pushed)).status_code == 403
    assert not PushAddress.objects.exists()
