"""The pages of a group: the owner's, the invitation's, the member's, the desk's."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import browser as stranger_browser
from broadsheet.accounts.tests.doors import code_for, fill, reached
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, Seat, SeatInvitation
from broadsheet.subscriptions.models.groups import LASTS
from broadsheet.subscriptions.tests.conftest import buy, terms
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries, said
from broadsheet.subscriptions.tests.group_cast import (
    browser,
    family,
    group,
    live,
    make_plan,
    member,
    reader,
    reads,
    secret_for,
    text,
)

__all__ = ["family", "group"]
PAGE = "/account/group/"


def link(name):
    return f"/account/invitation/{secret_for(name)}/"


@pytest.fixture
def owner(group):
    return browser(group.reader)


def test_the_owner_invites_and_sees_who_is_asked(owner, group):
    assert "<strong>1</strong> of 4 seats taken" in text(owner.get(PAGE))
    shown = text(owner.post(PAGE, {"email": "rosa@lantern.example"}, follow=True))
    assert "The invitation is on its way to rosa@lantern.example" in shown
    assert "Invited on 31 March 2026, until 14 April 2026" in shown
    assert "You can invite 2 more readers" in shown
    mail = Mail.objects.get(to="rosa@lantern.example")
    assert mail.subject == "Read The Lantern with ben@lantern.example"
    assert link("rosa") in mail.html
    assert "Unlimited reading" in " ".join(mail.text.split())
    assert 'href="/account/group/"' in text(owner.get("/account/"))


@pytest.mark.parametrize(
    ("email", "words"),
    [("", "required"), ("rosa", "valid"), ("x@y", "valid"), ("ben@lantern.example", "your own")],
)
def test_what_cannot_be_invited_is_said_beside_the_address(owner, email, words):
    answer = owner.post(PAGE, {"email": email})
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert not SeatInvitation.objects.exists()


def test_sent_again_withdrawn_and_removed_with_one_button_each(owner, group):
    owner.post(PAGE, {"email": "rosa@lantern.example"})
    first, number = link("rosa"), SeatInvitation.objects.get().pk
    shown = text(owner.post(reverse("invite_again", args=[number]), follow=True))
    assert "Sent again to rosa@lantern.example" in shown
    assert Client().get(first).status_code == 404
    assert Client().get(link("rosa")).status_code == 200
    shown = text(owner.post(reverse("withdraw_invited", args=[number]), follow=True))
    assert "The invitation of rosa@lantern.example is withdrawn" in shown
    assert Client().get(link("rosa")).status_code == 410
    seat = member(group, "sami")
    shown = text(owner.post(reverse("remove_member", args=[seat.pk]), follow=True))
    assert "sami@lantern.example does not read with you any more" in shown
    assert not reads(seat.reader)


def test_too_many_invitations_in_a_day_wait_for_tomorrow(owner, group):
    owner.post(PAGE, {"email": "rosa@lantern.example"})
    again = reverse("invite_again", args=[SeatInvitation.objects.get().pk])
    for _ in range(19):
        owner.post(again)
    sent = Mail.objects.count()
    assert "Try again tomorrow" in text(owner.post(again, follow=True))
    answer = owner.post(PAGE, {"email": "sami@lantern.example"})
    assert (answer.status_code, Mail.objects.count()) == (422, sent)
    assert "Try again tomorrow" in text(answer)


def test_nobody_touches_another_group(owner, group, till, family):
    actions.invite(group, "sami@lantern.example")
    seat, rosa = member(group, "rosa"), browser(reader("tara"))
    number = SeatInvitation.objects.waiting().get().pk
    for name, which in (("invite_again", number), ("withdraw_invited", number),
                        ("remove_member", seat.pk)):  # fmt: skip
        address = reverse(name, args=[which])
        assert rosa.post(address).status_code == 404
        assert owner.get(address).status_code == 405
        assert "/accounts/login/" in Client().post(address).headers["location"]
        assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    rosa.post(reverse("leave_group", args=[seat.pk]))
    assert live(group) == ["rosa"]


def test_without_a_group_the_page_says_how_to_get_one(till, plan, travel):
    rosa = reader("rosa")
    assert "You have no plan for several readers" in text(browser(rosa).get(PAGE))
    buy(till, rosa, plan)
    assert "You have no plan for several readers" in text(browser(rosa).get(PAGE))
    assert PAGE not in text(browser(rosa).get("/account/"))
    assert "/accounts/login/" in Client().get(PAGE).headers["location"]


def test_looking_takes_nothing_and_a_stranger_is_led_through_the_code(group):
    actions.invite(group, "rosa@lantern.example")
    client = stranger_browser()
    where = link("rosa")
    for _ in range(2):
        shown = client.get(where)
        assert "ben@lantern.example</strong> invites you" in text(shown)
        assert "r…@lantern.example" in text(shown)
        assert "rosa@lantern.example" not in text(shown)
        assert "no-store" in shown.headers["cache-control"]
    assert client.post(where).status_code == 200
    assert not Seat.objects.exists()
    sign_up = shown.context["sign_up"]
    asked = fill(client, client.get(sign_up), "email", email="rosa@lantern.example")
    inside = fill(client, asked, "code", code=code_for("rosa@lantern.example"))
    assert reached(inside) == where
    assert "Take the seat" in text(client.get(where))
    shown = client.post(where, follow=True)
    assert "You read through the group of ben@lantern.example now" in text(shown)
    assert reads(User.objects.get(email="rosa@lantern.example"))
    assert client.get(where).headers["location"] == "/account/"


def test_every_invitation_that_cannot_be_taken_says_why(group, travel, till):
    rosa, sami = browser(reader("rosa")), browser(reader("sami"))
    actions.invite(group, "rosa@lantern.example")
    where = link("rosa")
    wrong = sami.post(where)
    assert wrong.status_code == 403
    assert "sent to another address" in text(wrong)
    assert "r…@lantern.example; you are signed in as sami@lantern.example" in text(wrong)
    assert browser(group.reader).get(where).status_code == 409
    assert sami.get("/account/invitation/nothing/").status_code == 404
    travel.shift(LASTS)
    late = rosa.post(where)
    assert (late.status_code, "has expired" in text(late)) == (410, True)
    actions.send_again(SeatInvitation.objects.get())
    for name in ("a", "b", "c"):
        Seat.objects.create(subscription=group, reader=reader(name))
    full = rosa.post(link("rosa"))
    assert (full.status_code, "Every seat of this group is taken" in text(full)) == (409, True)
    Seat.objects.all().delete()
    # Sessions end as well.
    browser(User.objects.get(email="rosa@lantern.example")).post(link("rosa"))
    used = browser(reader("tara")).get(link("rosa"))
    assert (used.status_code, "has been used" in text(used)) == (410, True)
    actions.invite(group, "sami@lantern.example")
    till.gateway.cancel(group.ref)
    actions.set_renewal(group, renews=False)
    travel.shift(timedelta(days=40))
    assert "not in force" in text(sami.get(link("sami")))


def test_members_see_whose_group_it_is_and_no_money(group):
    seat = member(group, "rosa")
    client = browser(seat.reader)
    shown = text(client.get("/account/"))
    assert "You read through the group of <strong>ben@lantern.example</strong>." in shown
    assert '<p class="plan-name">Family</p>' in shown
    for private in ("₹400", "On the paper’s invitation", "Next charge", "Invoices"):
        assert private not in shown
    leave = reverse("leave_group", args=[seat.pk])
    assert "When you leave, that ends at once" in text(client.get(leave))
    assert reads(seat.reader)
    assert "You have left the group of ben@lantern.example" in text(client.post(leave, follow=True))
    assert not reads(seat.reader)
    assert "You have left this group already" in text(client.post(leave, follow=True))


def test_the_price_list_and_the_offer_say_for_how_many(till, family, plan):
    shown = text(Client().get("/subscribe/"))
    assert shown.count("For 4 readers") == 1
    rosa = browser(reader("rosa"))
    assert "This plan is <strong>for 4 readers</strong>, you among them" in text(
        rosa.get("/subscribe/family/")
    )
    assert "for 4 readers" not in text(rosa.get("/subscribe/quarterly/"))


def test_a_smaller_plan_is_refused_with_what_to_do(owner, group):
    make_plan("alone", price=10_000, count=1)
    member(group, "rosa")
    shown = text(owner.get("/account/plan/to/alone/", follow=True))
    assert "2 people read with your plan, and this one is for 1 reader" in shown
    assert "Remove 1 reader from your group first" in shown


def test_the_pages_ask_as_often_for_many_members_as_for_one(till, travel, paper):
    actions.make_entitlements()
    cache.clear()
    wide = make_plan("club", price=40_000, count=1, seats=20)
    group = buy(till, reader("ben"), wide).settled.subscription
    seat = member(group, "rosa")
    pages = {"owner": browser(group.reader), "member": browser(seat.reader), "desk": publisher()}
    address = reverse("business_subscription", args=[group.pk])

    def asked():
        return (
            queries(pages["owner"], PAGE), queries(pages["owner"], "/account/"),
            queries(pages["member"], "/account/"), queries(pages["desk"], address),
        )  # fmt: skip

    few = asked()
    for number in range(6):
        member(group, f"m{number}")
        actions.invite(group, f"i{number}@lantern.example")
    assert asked() == few


def test_the_desk_sees_seats_and_removes_one(till, family, travel):
    staff = publisher()
    group = buy(till, reader("ben"), family).settled.subscription
    seat = member(group, "rosa")
    actions.invite(group, "sami@lantern.example")
    address = reverse("business_subscription", args=[group.pk])
    shown = " ".join(page(staff, address).split())
    for words in ("2 of 4 seats taken", "A seat taken", "sami@lantern.example was invited on"):
        assert words in shown
    remove = reverse("business_remove_member", args=[group.pk, seat.pk])
    assert clerk("subscriptions.view_subscription").post(remove).status_code in (302, 403)
    assert live(group) == ["rosa"]
    assert "rosa@lantern.example has lost the seat" in said(staff.post(remove, follow=True))
    assert live(group) == []
    assert "A seat ended" in page(staff, address)
    assert staff.post(remove).status_code == 404
    assert "for 4 readers" in page(staff, reverse("business_plans")).lower()


def test_the_plan_form_makes_a_version_with_other_seats(till, plan):
    staff = publisher()
    address = reverse("business_plan", args=[plan.pk])
    facts = {
        "name": "Quarterly", "slug": "quarterly", "order": 1, "on_sale": "on", "price": "900",
        "currency": "INR", "count": 3, "unit": "month", "tax_name": "GST", "tax_rate": "18",
        "tax_included": "on", "entitlements": ["unlimited", "premium", "ad_free"],
    }  # fmt: skip
    staff.post(address, facts)
    assert Plan.objects.get().versions.count() == 1, "empty is one, as it was"
    staff.post(address, facts | {"seats": 5})
    assert (plan.current.number, plan.current.seats) == (2, 5)
    for wrong in ("0", "-1", "101", "many"):
        staff.post(address, facts | {"seats": wrong})
    assert plan.current.number == 2
    assert terms().seats == 1


def test_the_owner_is_told_that_the_others_lose_access_too(group, owner):
    for where in ("/account/cancel/", "/account/pause/"):
        assert "in your group, and" not in text(owner.get(where))
    member(group, "rosa")
    assert "1 reader reads with you in your group" in text(owner.get("/account/cancel/"))
    member(group, "emma")
    shown = text(owner.get("/account/pause/"))
    assert "2 readers read with you in your group, and lose access as long as" in shown


def test_a_member_is_told_of_the_seat_before_paying_and_on_the_page_of_groups(group, plan):
    seat = member(group, "rosa")
    client = browser(seat.reader)
    offered = text(client.get("/subscribe/quarterly/"))
    assert "You read Family already, through the group of ben@lantern.example" in offered
    shown = text(client.get(PAGE))
    assert "You read through the group of <strong>ben@lantern.example</strong>" in shown
    assert f"/account/group/leave/{seat.pk}/" in shown
    assert "You have no plan for several readers" not in shown


def test_a_plan_with_too_few_seats_says_so_in_the_list(group, owner, plan):
    assert "/account/plan/to/quarterly/" in text(owner.get("/account/plan/"))
    member(group, "rosa")
    shown = text(owner.get("/account/plan/"))
    assert "2 people read with your plan, and this one is for 1 reader." in shown
    assert "/account/plan/to/quarterly/" not in shown


@pytest.mark.parametrize("who", ["owner", "member", "other"])
def test_the_way_to_the_group_stands_in_the_account_of_who_has_one(group, who):
    seat = member(group, "rosa")
    reader_ = {"owner": group.reader, "member": seat.reader, "other": reader("emma")}[who]
    shown = text(browser(reader_).get("/account/"))
    assert (f'<li><a href="{PAGE}">Group</a></li>' in shown) == (who != "other")


@pytest.mark.parametrize("where", ["plan", "pause", "cancel", "billing"])
def test_the_pages_behind_the_overview_stand_under_it(owner, where):
    shown = text(owner.get(f"/account/{where}/"))
    assert '<a href="/account/" aria-current="true">Overview</a>' in shown
    assert f'<a href="{PAGE}" aria-current="page">Group</a>' in text(owner.get(PAGE))


def test_seats_that_are_kept_are_counted(owner, group):
    for name in ("rosa", "emma", "carl"):
        actions.invite(group, f"{name}@lantern.example")
    shown = text(owner.get(PAGE))
    assert "1</strong> of 4 seats taken, yours among them. 3 are kept for invitations." in shown
    assert "You can invite" not in shown and "No seat is free" not in shown
