"""An owner's renewal and a member's own act at the same moment: neither waits for the other in a
circle; a withdrawn invitation takes no seat."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from broadsheet.accounts.models import Mail, User
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.actions import inviting, settling
from broadsheet.subscriptions.actions.gifts import redeeming
from broadsheet.subscriptions.models import GiftSubscription, Seat, SeatInvitation
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from broadsheet.subscriptions.tests.group_cast import (
    family,
    member,
    reader,
    reads,
    secret_for,
    sound,
)
from broadsheet.subscriptions.tests.test_two_at_once import at_once
from tests.cast import ben

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["family"]


@pytest.fixture
def postgres():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: rows are locked on PostgreSQL alone.")


@pytest.fixture
def meeting(monkeypatch):
    """Both are in the middle of it at once: the owner's renewal is booked, and the member holds the
    own row; or a second goes by, because one lets the other pass."""
    booked, held = threading.Event(), threading.Event()
    book, check = settling._book_charge, redeeming.check_redeemable

    def booking(*args):
        book(*args)
        booked.set()
        held.wait(1)

    def checking(gift):
        held.set()
        booked.wait(1)
        return check(gift)

    monkeypatch.setattr(settling, "_book_charge", booking)
    monkeypatch.setattr(redeeming, "check_redeemable", checking)
    return SimpleNamespace(booked=booked, held=held)


@pytest.mark.parametrize("member_first", [False, True])
def test_a_renewal_and_a_members_gift_do_not_wait_for_each_other(
    postgres, till, plan, family, travel, meeting, member_first
):
    if member_first:
        rosa, owner = reader("rosa"), ben()
    else:
        owner, rosa = ben(), None
    group = buy(till, owner, family).settled.subscription
    if rosa is None:
        rosa = member(group, "rosa").reader
    else:
        actions.invite(group, rosa.email)
        actions.take_seat(rosa, secret_for("rosa"))
    gift = bought(till, plan)
    travel.move_to(group.paid_until() + timedelta(minutes=1))
    till.gateway.run_due()
    meeting.booked.clear()
    meeting.held.clear()
    at_once(lambda: actions.settle(till, group.ref), lambda: redeemed(gift, rosa))
    assert group.periods.count() == 2
    assert GiftSubscription.objects.get().redeemed_by == rosa
    assert reads(rosa)
    sound()


def withdrawing_first(monkeypatch, invitation):
    """Somebody withdraws when all that stands against the seat was looked at."""
    judge = inviting.flaw_of

    def judged(*args):
        found = judge(*args)
        waiting = SeatInvitation.objects.waiting().filter(pk=invitation.pk)
        waiting.update(withdrawn_at=invitation.made_at)
        return found

    monkeypatch.setattr(inviting, "flaw_of", judged)


def test_an_invitation_that_was_withdrawn_meanwhile_takes_no_seat(till, family, monkeypatch):
    group = buy(till, ben(), family).settled.subscription
    rosa = reader("rosa")
    invitation = actions.invite(group, rosa.email)
    withdrawing_first(monkeypatch, invitation)
    Mail.objects.filter(to=group.reader.email).delete()
    with pytest.raises(Refusal, match="withdrawn"):
        actions.take_seat(rosa, secret_for("rosa"))
    assert not Seat.objects.exists()
    assert not Mail.objects.filter(to=group.reader.email).exists()
    assert not reads(rosa)
    sound()


def test_who_withdraws_while_the_seat_is_taken_is_told_that_it_is_too_late(
    postgres, till, family, monkeypatch
):
    group = buy(till, ben(), family).settled.subscription
    rosa = reader("rosa")
    invitation = actions.invite(group, rosa.email)
    judged = threading.Event()
    judge = inviting.flaw_of

    def judging(*args):
        found = judge(*args)
        judged.set()
        threading.Event().wait(0.5)
        return found

    def withdraw():
        judged.wait(10)
        return actions.take_invitation_back(invitation)

    monkeypatch.setattr(inviting, "flaw_of", judging)
    taken, withdrawn = at_once(lambda: actions.take_seat(rosa, secret_for("rosa")), withdraw)
    assert (taken.reader, withdrawn) == (rosa, False)
    assert SeatInvitation.objects.get().withdrawn_at is None
    assert User.objects.get(pk=rosa.pk).seats.get() == taken
    sound()
