"""Who may do what: readers nothing, editors their work, the publisher the rest."""

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article
from broadsheet.desk.reads.queues import QUEUES
from broadsheet.press import actions as press
from tests.cast import PASSWORD, ada, ben, ninjs, send
from tests.surfaces import status, where

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


@pytest.fixture
def article(feed):
    send(feed, ninjs(headline="Harbour opens early"))
    return Article.objects.get()


@pytest.fixture
def without_withdrawing():
    """An editor who may do everything but withdraw."""
    user = ada()
    for group in user.groups.all():
        group.permissions.remove(Permission.objects.get(codename="withdraw_article"))
    return signed_in(user)


def screens(article):
    item = article.item_id
    return [
        reverse("wagtailadmin_home"),
        reverse("desk_incoming"),
        reverse("desk_item", args=[item]),
        *(reverse("desk_queue", args=[queue.name]) for queue in QUEUES),
        reverse("desk_log", args=[article.pk]),
        reverse("wagtailsnippets_desk_article:edit", args=[article.pk]),
        reverse("wagtailsnippets_desk_article:list"),
        *(
            reverse(f"desk_{name}", args=[article.pk])
            for name in ("compare", "correct", "hold", "withdraw")
        ),
    ]


def test_an_editor_opens_every_screen(article):
    client = signed_in(ada())
    for address in screens(article):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("who", ["reader", "nobody"])
def test_a_reader_opens_no_screen(article, who):
    client = signed_in(ben()) if who == "reader" else Client()
    for address in screens(article):
        answer = client.get(address)
        assert answer.status_code in (302, 403), address
        assert b"Harbour opens early" not in answer.content


@pytest.mark.parametrize("who", ["reader", "nobody"])
def test_a_reader_changes_nothing(article, who):
    client = signed_in(ben()) if who == "reader" else Client()
    for name, posted in (
        ("withdraw", {"reason": "Mine."}),
        ("correct", {"kind": "correction", "text": "Mine."}),
        ("compare", {"choice": "theirs"}),
    ):
        client.post(reverse(f"desk_{name}", args=[article.pk]), posted)
    client.post(reverse("desk_release", args=[article.pk, "headline"]))
    article.refresh_from_db()
    assert article.withdrawn_at is None
    assert not article.notices.exists()


def test_withdrawing_is_a_right_of_its_own(article, without_withdrawing):
    address = reverse("desk_withdraw", args=[article.pk])
    assert without_withdrawing.get(address).status_code in (302, 403)
    without_withdrawing.post(address, {"reason": "Wrong island."})
    article.refresh_from_db()
    assert article.withdrawn_at is None
    edit = reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
    assert address not in without_withdrawing.get(edit).content.decode()


@pytest.mark.parametrize("action", ["withdraw", "make_article", "release", "replay"])
def test_nothing_is_changed_by_a_mere_link(article, action):
    client, fetch = signed_in(ada()), article.item.latest.fetch
    arguments = {
        "withdraw": [article.pk], "make_article": [article.item_id],
        "release": [article.pk, "headline"], "replay": [fetch.pk],
    }  # fmt: skip
    before = Article.objects.values().get()
    client.get(reverse(f"desk_{action}", args=arguments[action]))
    assert Article.objects.values().get() == before


@pytest.mark.parametrize(
    "name", ["wagtailsettings:edit", "sections:add", "static_pages:add", "rules:add", "feeds:add"]
)
def test_settings_sections_rules_and_feeds_are_the_publishers(paper, name):
    arguments = ["desk", "paper"] if name.startswith("wagtailsettings") else []
    address = reverse(name, args=arguments)
    assert signed_in(ada()).get(address).status_code in (302, 403)
    publisher = User.objects.create_superuser("pia@lantern.example", PASSWORD)
    assert signed_in(publisher).get(address, follow=True).status_code == 200


def test_not_even_the_publisher_deletes_what_readers_have_seen(article):
    publisher = User.objects.create_superuser("pia@lantern.example", PASSWORD)
    client = signed_in(publisher)
    client.post(reverse("wagtailsnippets_desk_article:delete", args=[article.pk]))
    several = reverse("wagtail_bulk_action", args=["desk", "article", "delete"])
    answer = client.post(f"{several}?id={article.pk}", follow=True)
    assert "withdrawn, not deleted" in answer.content.decode()
    with pytest.raises(ProtectedError), transaction.atomic():
        Article.objects.all().delete()
    assert Article.objects.filter(pk=article.pk).exists()


def test_unpublishing_in_the_desk_takes_the_report_off_every_surface(article):
    press.press_everything()
    assert "/" in where("Harbour opens early")
    address = reverse("wagtailsnippets_desk_article:unpublish", args=[article.pk])
    signed_in(ada()).post(address)
    press.catch_up()
    assert where("Harbour opens early") == set()
    assert status(article.path) == 410


@pytest.mark.django_db
def test_the_search_box_of_the_menu_finds_articles(feed):
    send(feed, ninjs(headline="Lamp oil runs short"))
    client = signed_in(ada())
    assert "/desk/snippets/desk/article/" in client.get("/desk/").content.decode()
    found = client.get("/desk/snippets/desk/article/", {"q": "lamp oil"}).content.decode()
    assert "Lamp oil runs short" in found
