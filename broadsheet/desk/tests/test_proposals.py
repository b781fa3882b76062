"""The desk's screens about withdrawals that somebody must decide, and about sources."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.actions import make_staff
from broadsheet.desk.models import Article, Intake, WithdrawalRequest
from broadsheet.wire.models import Item, Source
from tests.cast import PASSWORD, ada, ninjs, send

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


@pytest.fixture
def editor(paper):
    return signed_in(ada())


@pytest.fixture
def asked(feed):
    send(feed, ninjs("urn:quill:157", headline="Letter shows closure"))
    send(feed, ninjs("urn:quill:kill", headline="Please look at 157", body=""))
    item, text = (Item.objects.get(key=f"urn:quill:{key}") for key in ("157", "kill"))
    return WithdrawalRequest.objects.create(version=text.latest, named="157", item=item)


def test_a_withdrawal_that_a_text_asks_for_is_confirmed_with_a_reason(asked, editor):
    listed = editor.get(reverse("desk_requests")).content.decode()
    assert "Letter shows closure" in listed and "Please look at 157" in listed
    address = reverse("desk_settle_request", args=[asked.pk])
    editor.post(address, {"choice": "withdraw", "reason": ""})
    assert Article.objects.get().withdrawn_at is None
    editor.post(address, {"choice": "withdraw", "reason": "Not genuine."})
    assert Article.objects.get().notices.get().text == "Not genuine."
    assert "Letter" not in editor.get(reverse("desk_requests")).content.decode()
    editor.post(address, {"choice": "stands"})
    asked.refresh_from_db()
    assert asked.confirmed and asked.settled_by.email == "ada@lantern.example"


def test_a_report_may_stand_whatever_a_text_asks(asked, editor):
    address = reverse("desk_settle_request", args=[asked.pk])
    assert editor.post(address, {"choice": "perhaps"}).status_code == 400
    editor.post(address, {"choice": "stands"})
    asked.refresh_from_db()
    assert not asked.confirmed and asked.settled_at
    assert Article.objects.get().withdrawn_at is None


def test_a_withdrawn_report_is_published_again_from_its_form(feed, editor):
    send(feed, ninjs(version=1))
    send(feed, ninjs(version=2, status="canceled"))
    article = Article.objects.get()
    address = reverse("desk_reinstate", args=[article.pk])
    form = editor.get(reverse("wagtailsnippets_desk_article:edit", args=[article.pk]))
    assert address in form.content.decode()
    assert editor.get(address).status_code == 200
    editor.post(address, {"reason": "Genuine after all."})
    assert Article.objects.get().withdrawn_at is not None
    send(feed, ninjs(version=3))
    editor.post(address, {"reason": ""})
    assert Article.objects.get().withdrawn_at is not None
    editor.post(address, {"reason": "Genuine after all."})
    assert Article.objects.get().withdrawn_at is None


def test_an_item_that_was_released_again_is_admitted_by_a_person(feed, editor):
    send(feed, ninjs(version=1, status="canceled"))
    send(feed, ninjs(version=2))
    item = Item.objects.get()
    address = reverse("desk_readmit", args=[item.pk])
    assert address in editor.get(reverse("desk_item", args=[item.pk])).content.decode()
    editor.post(address)
    item.refresh_from_db()
    assert item.status == "usable"
    assert Intake.objects.get().outcome == "held"


def test_who_may_not_withdraw_decides_nothing_about_withdrawals(asked):
    user = ada()
    for group in user.groups.all():
        group.permissions.remove(Permission.objects.get(codename="withdraw_article"))
    for client in (signed_in(user), Client()):
        for name, args in (
            ("requests", []), ("settle_request", [asked.pk]), ("readmit", [asked.item_id]),
            ("reinstate", [Article.objects.get().pk]),
        ):  # fmt: skip
            answer = client.post(reverse(f"desk_{name}", args=args), {"choice": "withdraw",
                                 "reason": "x"})  # fmt: skip
            assert answer.status_code in (302, 403)
    asked.refresh_from_db()
    assert asked.settled_at is None


def test_the_publisher_sets_what_a_source_asks_for(feed):
    publisher = signed_in(make_staff("eve@lantern.example", PASSWORD, publisher=True, name="Eve"))
    source = Source.objects.get()
    address = reverse("sources:edit", args=[source.pk])
    facts = {"agency": "Quill", "name": "quill", "zone": "Asia/Kolkata", "language": "en-IN",
             "credit_line": "", "max_age_hours": "24", "online_days": "30",
             "noindex": "on"}  # fmt: skip
    assert publisher.get(address).status_code == 200
    assert "no time zone" in publisher.post(address, facts | {"zone": "X"}).content.decode()
    assert publisher.post(address, facts | {"online_days": "0"}).status_code == 200
    assert publisher.post(address, facts).status_code == 302
    source.refresh_from_db()
    assert (source.online_days, source.noindex, source.auto_publish) == (30, True, False)
