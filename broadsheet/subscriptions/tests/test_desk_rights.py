"""Readers and money are the publisher's: editors see none of it, clerks what they were given."""

import pytest
from django.urls import reverse
from wagtail import hooks

from broadsheet.accounts.models import User
from broadsheet.ledger.models import Payment, RefundOrder
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import (
    Entitlement,
    GiftSubscription,
    Grant,
    PartnerBenefit,
    Plan,
    PlanVersion,
    Seat,
    Subscription,
)
from broadsheet.subscriptions.newsroom import menu
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, page, publisher, subscriber
from broadsheet.subscriptions.tests.gift_cast import ordered
from broadsheet.subscriptions.tests.test_desk_refunds import give_back
from tests.cast import ada, ben

POSTED = {
    "business_renewal", "business_plan_delete", "business_import_act", "business_remove_member",
    "business_benefit_secret",
}  # fmt: skip


@pytest.fixture
def subscription(till, plan, travel):
    ordered(till, plan)
    return subscriber(till, plan, "rosa@lantern.example")


def addresses(subscription):
    keys = {
        "business_subscription": subscription.pk,
        "business_renewal": subscription.pk,
        "business_refund": Payment.objects.get().pk,
        "business_invoice": Payment.objects.get().invoice.label,
        "business_plan": subscription.version.plan_id,
        "business_plan_delete": subscription.version.plan_id,
    }
    listed = actions.take_file(b"email\nrosa@lantern.example\n", "list.csv")
    keys |= {f"business_import{end}": listed.pk for end in ("", "_problems", "_act")}
    benefit = PartnerBenefit.objects.create(
        partner="Film", title="A month of films", entitlement="premium", kind="codes"
    )
    keys |= {f"business_benefit{end}": benefit.pk for end in ("", "_secret")}
    keys["business_gift"] = GiftSubscription.objects.get().pk
    seat = Seat.objects.create(
        subscription=subscription, reader=User.objects.create_user("mia@lantern.example")
    )
    pairs = {"business_remove_member": (subscription.pk, seat.pk)}
    grant = Grant.objects.create(reader=subscription.reader, entitlement="premium")
    keys |= {"business_reader": subscription.reader_id, "business_revoke": grant.pk}
    args = {name: (key,) for name, key in keys.items()} | pairs
    own = [(p.name, reverse(p.name, args=args.get(p.name, ()))) for p in menu.ADDRESSES]
    right = Entitlement.objects.first()
    sets = [
        reverse(f"{name}:{screen}", args=[row.pk] if screen in ("edit", "delete") else [])
        for name, row in (("entitlements", right), ("grants", grant))
        for screen in ("index", "add", "edit", "delete")
    ]
    settings = [
        reverse("wagtailsettings:edit", args=place)
        for place in (("subscriptions", "salespolicy"), ("ledger", "seller"))
    ]
    return own + [(url, url) for url in sets + settings]


def test_the_publisher_opens_every_screen(subscription):
    client = publisher()
    for name, address in addresses(subscription):
        expected = 405 if name in POSTED else 200
        assert client.get(address, follow=True).status_code == expected, address


@pytest.mark.parametrize("who", [ada, ben])
def test_an_editor_and_a_reader_open_none(subscription, who):
    client = at_desk(who())
    for _name, address in addresses(subscription):
        answer = client.get(address)
        assert answer.status_code in (302, 403), address
        assert b"rosa@lantern.example" not in answer.content


def test_every_right_that_a_screen_asks_for_can_be_given_in_the_desk(subscription, monkeypatch):
    client, asked, known = clerk(), set(), dict(addresses(subscription))

    def has_perms(_user, rights, _obj=None):
        asked.update(rights)
        return "wagtailadmin.access_admin" in rights

    monkeypatch.setattr(User, "has_perms", has_perms)
    for path in menu.ADDRESSES + menu.SHARING:
        client.get(known.get(path.name) or reverse(path.name, args=[1]))
    given = {
        f"{app}.{name}"
        for found in hooks.get_hooks("register_permissions")
        for app, name in found().values_list("content_type__app_label", "codename")
    }
    assert "subscriptions.delete_plan" in asked
    assert asked - given == set()


def test_an_editor_changes_nothing(subscription):
    client = at_desk(ada())
    for _name, address in addresses(subscription):
        posted = {"renews": "no", "reason": "Mine.", "name": "Mine", "slug": "mine", "price": "1"}
        assert client.post(address, posted).status_code in (302, 403), address
    subscription.refresh_from_db()
    assert subscription.renews
    assert not RefundOrder.objects.exists()
    assert (Plan.objects.get().name, PlanVersion.objects.count()) == ("Quarterly", 1)


def test_an_editors_menu_has_no_entry_for_readers(paper):
    text = page(at_desk(ada()), "/desk/")
    assert "/desk/business/" not in text
    assert "/desk/grants/" not in text
    assert "salespolicy" not in text


def test_the_publishers_menu_has_them_in_one_group(paper):
    text = page(publisher(), "/desk/")
    for address in (
        "business/overview",
        "business/plans",
        "business/gateway",
        "entitlements",
        "grants",
    ):
        assert f"/desk/{address}/" in text


def test_a_clerk_sees_what_was_given_and_cannot_refund(subscription):
    client = clerk("subscriptions.view_subscription")
    story = reverse("business_subscription", args=[subscription.pk])
    text = page(client, story)
    assert "Refund…" not in text
    assert "Cancel renewal" not in text
    assert client.get(reverse("business_payments")).status_code == 302
    refund = reverse("business_refund", args=[Payment.objects.get().pk])
    client.post(refund, {"amount": "1", "reason": "Kindness"})
    assert not RefundOrder.objects.exists()
    assert "Income" not in page(client, reverse("business"))


def test_a_clerk_with_the_right_refunds(subscription):
    client = clerk("subscriptions.view_subscription", "ledger.add_refund")
    assert "Refund…" in page(client, reverse("business_subscription", args=[subscription.pk]))
    give_back(client, Payment.objects.get())
    assert Subscription.objects.get().end_reason == "refunded"
