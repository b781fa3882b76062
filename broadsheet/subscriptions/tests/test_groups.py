"""A subscription for several readers: members read by what the owner's opens, exactly as long."""

from datetime import timedelta

import pytest

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.press_log.models import Entry, Subject
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Grant, PlanChange, Seat, SeatInvitation, Subscription
from broadsheet.subscriptions.models.groups import LASTS
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.rules import GRACE, GROUP, GROUP_GRACE, SUBSCRIPTION
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, buy
from broadsheet.subscriptions.tests.group_cast import (
    family,
    group,
    live,
    make_plan,
    member,
    reader,
    reads,
    secret_for,
    sound,
    subjects,
)
from broadsheet.subscriptions.tests.test_webhooks import body, deliver

__all__ = ["family", "group"]
ENDED = "Your seat in the group of ben@lantern.example has ended"


def spans(user, *sources):
    """What grants say, without whose they are."""
    found = Grant.objects.filter(reader=user, source__in=sources, revoked_at=None)
    return set(found.values_list("entitlement", "period", "valid_until"))


def follows(seat):
    """Whether the member has exactly what the owner has."""
    owner = seat.subscription.reader
    return spans(seat.reader, GROUP) == spans(owner, SUBSCRIPTION) and spans(
        seat.reader, GROUP_GRACE
    ) == spans(owner, GRACE)


def cancel(till, subscription):
    actions.tell_gateway(till, actions.set_renewal(subscription, renews=False))


def renew(till, travel, group, days=31):
    travel.shift(timedelta(days=days))
    till.gateway.run_due()
    actions.settle(till, group.ref)


def test_who_takes_a_seat_reads_at_once_and_the_owner_is_told(group):
    seat = member(group, "rosa")
    assert reads(seat.reader)
    assert follows(seat)
    assert subjects("ben")[-1] == "rosa@lantern.example reads with you now"
    assert Entry.objects.filter(subject=Subject.READER, ref=str(seat.reader_id)).exists()
    sound()


def test_renewals_reach_the_members_with_the_owner(group, till, travel):
    seat = member(group, "rosa")
    renew(till, travel, group)
    assert reads(seat.reader)
    assert follows(seat)
    assert Grant.objects.filter(seat=seat, period=1, revoked_at=None).exists()
    sound()


def test_case_45_group_owner_lapses_and_members_are_told_once(group, till, travel):
    seat, own_plan = member(group, "rosa"), make_plan("small", price=10_000, count=1)
    sami = member(group, "sami").reader
    buy(till, sami, own_plan)
    till.gateway.set_card(group.ref, read_number(DECLINED))
    renew(till, travel, group)
    assert reads(seat.reader), "in grace with the owner"
    assert follows(seat)
    for _ in range(5):
        travel.shift(timedelta(days=5))
        till.gateway.run_due()
        actions.ask_again()
        actions.end_due()
    group.refresh_from_db()
    assert group.state == Subscription.ENDED
    assert not reads(seat.reader)
    assert not reads(group.reader)
    assert reads(sami), "by the plan of their own"
    assert subjects("rosa").count(ENDED) == subjects("sami").count(ENDED) == 1
    sound()


def test_case_45_seats_reduced_below_use_are_refused_and_then_taken_newest_first(
    group, till, travel
):
    smaller = make_plan("couple", price=20_000, count=1, seats=2)
    seats = [member(group, name) for name in ("rosa", "sami")]
    with pytest.raises(Refusal) as refused:
        quote_of(group, smaller.current, clock.now())
    assert "3 people read with your plan, and this one is for 2 readers" in str(refused.value)
    assert "Remove 1 reader from your group first" in str(refused.value)
    # At the gateway it happens anyway: planned while there was room.
    actions.vacate(seats[1], Seat.REMOVED)
    said = quote_of(group, smaller.current, clock.now())
    assert not said.at_once, "what is paid for is lent to the end of the period"
    token = actions.sealed(group, smaller.current, said, clock.now())
    change = actions.change_plan(till, group, smaller.current, token)
    assert change.state == PlanChange.PLANNED
    with pytest.raises(Refusal, match="Every seat is taken"):
        actions.invite(group, "sami@lantern.example")
    travel.shift(timedelta(minutes=1))
    newest = Seat.objects.create(subscription=group, reader=seats[1].reader)
    actions.lend(group)
    assert reads(newest.reader)
    renew(till, travel, group)
    group.refresh_from_db()
    assert group.version == smaller.current
    assert live(group) == ["rosa"]
    assert not reads(newest.reader)
    assert subjects("sami").count(ENDED) == 2, "removed, and later one of too many"
    assert "fewer seats now" in Mail.objects.filter(to="sami@lantern.example").latest("pk").text
    sound()


def test_case_45_a_member_with_an_own_plan_keeps_both(group, till, travel):
    seat = member(group, "rosa")
    own = buy(till, seat.reader, make_plan("small", price=10_000, count=1)).settled.subscription
    assert Subscription.objects.live().count() == 2
    assert Payment.objects.filter(reader=seat.reader).count() == 1
    actions.vacate(seat, Seat.LEFT)
    assert reads(seat.reader)
    cancel(till, own)
    travel.shift(timedelta(days=20))
    again = member_again(group, "rosa")
    travel.shift(timedelta(days=11))
    actions.end_due()
    till.gateway.run_due()
    actions.settle(till, group.ref)
    own.refresh_from_db()
    assert not own.is_live
    assert reads(seat.reader), "by the seat"
    assert follows(again)
    sound()


def member_again(group, name):
    actions.invite(group, f"{name}@lantern.example")
    return actions.take_seat(User.objects.get(email=f"{name}@lantern.example"), secret_for(name))


def test_more_seats_at_once_when_the_plan_is_wider(group, till, travel):
    wide = make_plan("club", price=80_000, count=1, seats=8)
    seat = member(group, "rosa")
    travel.shift(timedelta(days=3))
    said = quote_of(group, wide.current, clock.now())
    assert said.at_once
    token = actions.sealed(group, wide.current, said, clock.now())
    assert actions.change_plan(till, group, wide.current, token).state == PlanChange.DONE
    group.refresh_from_db()
    assert follows(seat)
    for number in range(6):
        member(group, f"m{number}")
    with pytest.raises(Refusal, match="Every seat is taken"):
        actions.invite(group, "late@lantern.example")
    sound()


def test_a_refund_closes_the_members_doors_with_the_owners(group, till):
    seat, staff = member(group, "rosa"), User.objects.create_user("ada@lantern.example")
    actions.refund(till, Payment.objects.get(), "Asked", staff)
    assert not reads(group.reader)
    assert not reads(seat.reader)
    assert subjects("rosa")[-1] == ENDED
    assert "If it goes on, you read on by" in Mail.objects.latest("pk").text
    sound()


def test_a_dispute_closes_and_opens_again(group, till):
    seat = member(group, "rosa")
    payment = Payment.objects.get()
    till.gateway.open_dispute(payment.ref, fee=0)
    deliver(body(group.ref, "evt_1"))
    actions.take_events()
    assert not reads(seat.reader)
    (row,) = till.gateway.book.rows("SELECT ref FROM dispute")
    till.gateway.end_dispute(row["ref"], "won")
    actions.settle(till, group.ref)
    assert reads(group.reader)
    assert reads(seat.reader)
    assert follows(seat)
    assert subjects("rosa").count(ENDED) == 1
    sound()


def test_cancelled_means_to_the_end_of_the_period_for_everybody(group, till, travel):
    seat = member(group, "rosa")
    cancel(till, group)
    assert reads(seat.reader)
    assert follows(seat)
    travel.shift(timedelta(days=31))
    assert not reads(seat.reader)
    actions.end_due()
    actions.end_due()
    assert subjects("rosa").count(ENDED) == 1
    sound()


def test_an_invitation_works_once_for_whom_it_was_sent_to(group):
    rosa, sami = reader("rosa"), reader("sami")
    actions.invite(group, "Rosa@Lantern.example ")
    secret = secret_for("rosa")
    with pytest.raises(Refusal, match="another address than yours"):
        actions.take_seat(sami, secret)
    with pytest.raises(Refusal, match="your own group"):
        actions.take_seat(group.reader, secret)
    seat = actions.take_seat(rosa, secret)
    assert actions.take_seat(rosa, secret) == seat, "a double click"
    actions.vacate(seat, Seat.LEFT)
    with pytest.raises(Refusal, match="has been used"):
        actions.take_seat(rosa, secret)
    assert not reads(rosa)
    assert subjects("rosa").count(ENDED) == 0, "who leaves knows it"
    sound()


def test_the_secret_is_not_kept(group):
    actions.invite(group, "rosa@lantern.example")
    secret = secret_for("rosa")
    assert secret not in str(list(SeatInvitation.objects.values()))
    with pytest.raises(Refusal, match="withdrawn"):
        actions.take_seat(reader("rosa"), SeatInvitation.objects.get().digest)


def test_expired_sent_again_withdrawn(group, travel):
    rosa = reader("rosa")
    invitation = actions.invite(group, rosa.email)
    first = secret_for("rosa")
    travel.shift(LASTS)
    with pytest.raises(Refusal, match="has expired"):
        actions.take_seat(rosa, first)
    actions.send_again(invitation)
    with pytest.raises(Refusal):
        actions.take_seat(rosa, first)
    second = secret_for("rosa")
    assert actions.take_invitation_back(invitation)
    with pytest.raises(Refusal, match="was withdrawn"):
        actions.take_seat(rosa, second)
    with pytest.raises(Refusal, match="Nothing was sent"):
        actions.send_again(invitation)
    assert not actions.take_invitation_back(invitation)
    assert actions.invite(group, rosa.email).pk != invitation.pk
    assert not Seat.objects.exists()


def test_invitations_keep_seats_and_nobody_is_asked_twice(group, travel):
    for name in ("rosa", "sami", "tara"):
        actions.invite(group, f"{name}@lantern.example")
    for email, said in {
        "uma@lantern.example": "Every seat is taken",
        "sami@lantern.example": "is invited already",
        "BEN@lantern.example": "your own address",
    }.items():
        with pytest.raises(Refusal, match=said):
            actions.invite(group, email)
    actions.take_seat(reader("rosa"), secret_for("rosa"))
    with pytest.raises(Refusal, match="reads with you already"):
        actions.invite(group, "rosa@lantern.example")
    travel.shift(LASTS)
    actions.invite(group, "uma@lantern.example")
    assert SeatInvitation.objects.count() == 4


def test_a_plan_for_one_and_one_that_is_over_invite_nobody(till, family, travel):
    alone = buy(till, reader("rosa"), make_plan("alone", price=10_000)).settled.subscription
    with pytest.raises(Refusal, match="for one reader"):
        actions.invite(alone, "sami@lantern.example")
    group = buy(till, reader("ben"), family).settled.subscription
    actions.invite(group, "sami@lantern.example")
    actions.refund(till, group.periods.get().payment, "Asked", alone.reader)
    with pytest.raises(Refusal, match="opens nothing"):
        actions.invite(group, "uma@lantern.example")
    with pytest.raises(Refusal, match="not in force"):
        actions.take_seat(reader("sami"), secret_for("sami"))


def test_the_owner_goes_and_the_members_are_told(group, till):
    seat = member(group, "rosa")
    actions.invite(group, "sami@lantern.example")
    actions.ask_to_erase(group.reader)
    seat.refresh_from_db()
    assert seat.why == Seat.CLOSED
    assert not reads(seat.reader)
    assert subjects("rosa").count(ENDED) == 1
    actions.ask_again()
    actions.erase_due()
    assert not User.objects.filter(email="ben@lantern.example").exists()
    assert not SeatInvitation.objects.exists()
    assert User.objects.filter(pk=seat.reader_id).exists()
    assert subjects("rosa").count(ENDED) == 1
    sound()


def test_a_member_goes_and_the_seat_is_free_and_nothing_of_it_is_left(group):
    seat = member(group, "rosa")
    actions.ask_to_erase(seat.reader)
    assert not Seat.objects.exists()
    assert not SeatInvitation.objects.exists()
    assert live(group) == []
    for name in ("sami", "tara", "uma"):
        member(group, name)
    sound()


def test_who_was_invited_and_goes_takes_the_invitation_along(group):
    rosa = reader("rosa")
    actions.invite(group, rosa.email)
    rosa.delete()
    assert not SeatInvitation.objects.exists()


def test_who_was_invited_in_vain_and_goes_leaves_no_address(group):
    rosa = reader("rosa")
    assert actions.take_invitation_back(actions.invite(group, rosa.email))
    rosa.delete()
    assert not SeatInvitation.objects.filter(email=rosa.email).exists()


def test_invitations_that_came_to_nothing_are_forgotten(group, travel):
    actions.invite(group, "rosa@lantern.example")
    member(group, "sami")
    travel.shift(LASTS + timedelta(days=29))
    assert actions.forget_invitations() == 0
    travel.shift(timedelta(days=2))
    assert actions.forget_invitations() == 1
    assert SeatInvitation.objects.get().email == "sami@lantern.example"


def test_the_checks_find_what_is_wrong_with_seats(group):
    seat = member(group, "rosa")
    sound()
    lent = Grant.objects.filter(seat=seat, source=GROUP).first()
    Grant.objects.filter(pk=lent.pk).update(revoked_at=clock.now())
    assert any("is not followed by seat" in p.text for p in checks.problems())
    Grant.objects.filter(pk=lent.pk).update(revoked_at=None, valid_until=clock.now())
    assert any("follows no grant of the group's owner" in p.text for p in checks.problems())
    actions.lend(group)
    sound()
    for name in ("a", "b", "c"):
        Seat.objects.create(subscription=group, reader=reader(name))
    assert any("more than its plan has" in p.text for p in checks.problems())
    actions.lend(group)
    assert live(group)[0] == "rosa"
    sound()


def test_a_seat_whose_grants_outlived_it_is_found(group):
    seat = member(group, "rosa")
    Seat.objects.filter(pk=seat.pk).update(left_at=clock.now())
    assert any("follows no grant" in p.text for p in checks.problems())


def test_the_export_tells_seats_and_invitations_and_no_secret(group):
    seat = member(group, "rosa")
    actions.invite(group, "sami@lantern.example")
    of = {kind.name: kind for kind in KINDS}
    (mine,) = of["seats"].rows(seat.reader)
    assert mine["subscription_reader_email"] == "ben@lantern.example"
    (theirs,) = of["group-members"].rows(group.reader)
    assert theirs["reader_email"] == "rosa@lantern.example"
    emails = [row["email"] for row in of["seat-invitations"].rows(group.reader)]
    assert emails == ["rosa@lantern.example", "sami@lantern.example"]
    assert [row["email"] for row in of["seat-invitations"].rows(seat.reader)] == emails[:1]
    mails = str(list(of["mails"].rows(seat.reader)))
    assert "/account/invitation/" in mails
    assert secret_for("rosa") not in mails


def test_paid_once_for_several_readers_lends_as_well(till, family, travel):
    ticket = make_plan("ticket", price=10_000, count=1, seats=2, renews=False)
    group = buy(till, reader("ben"), ticket, GOOD).settled.subscription
    seat = member(group, "rosa")
    assert reads(seat.reader)
    travel.shift(timedelta(days=32))
    actions.end_due()
    assert not reads(seat.reader)
    assert subjects("rosa").count(ENDED) == 1
    sound()
