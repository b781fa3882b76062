"""Entitlements in the desk: told anew at any time, named once."""

import pytest
from django.urls import reverse

from broadsheet.subscriptions.models import Entitlement
from broadsheet.subscriptions.tests.desk_cast import page, publisher, said

FORM = {"name": "archive", "title": "The archive", "benefit": "Back to 1997.", "order": "50"}


@pytest.fixture
def client(plan):
    return publisher()


def test_one_is_added(client):
    client.post(reverse("entitlements:add"), FORM)
    assert Entitlement.objects.get(name="archive").benefit == "Back to 1997."
    assert "The archive" in page(client, reverse("business_plan_add"))


def test_its_name_stays(client):
    right = Entitlement.objects.get(name="premium")
    edit = reverse("entitlements:edit", args=[right.pk])
    client.post(edit, FORM | {"title": "The best"})
    right.refresh_from_db()
    assert (right.name, right.title) == ("premium", "The best")


@pytest.mark.parametrize(
    "name",
    ["Two words", "UPPER", "", "premium", "metered", "again", "gift:31", "institution", "count"],
)
def test_a_name_that_cannot_be_is_refused(client, name):
    client.post(reverse("entitlements:add"), FORM | {"name": name})
    assert Entitlement.objects.count() == 3


def test_what_a_plan_gives_is_not_deleted(client):
    right = Entitlement.objects.get(name="premium")
    answer = client.post(reverse("entitlements:delete", args=[right.pk]), follow=True)
    assert "it stays as long as the plan" in said(answer)
    assert Entitlement.objects.filter(name="premium").exists()


def test_what_no_plan_gives_can_go(client):
    client.post(reverse("entitlements:add"), FORM)
    right = Entitlement.objects.get(name="archive")
    client.post(reverse("entitlements:delete", args=[right.pk]))
    assert not Entitlement.objects.filter(name="archive").exists()
