"""The last seat, two people, one moment: one of them has it; and nobody reads who left."""

from functools import partial

import pytest
from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Grant, Seat, SeatInvitation, Subscription
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.group_cast import (
    family,
    make_plan,
    member,
    reader,
    reads,
    secret_for,
    sound,
)
from tests.at_once import at_once
from tests.cast import ben

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["family"]


def tried(call):
    try:
        return call()
    except Refusal as refusal:
        return str(refusal)


def asked(group, *names):
    """Readers with an invitation each, and the calls that take them up."""
    for name in names:
        actions.invite(group, f"{name}@lantern.example")
    readers = [reader(name) for name in names]
    return [
        partial(tried, partial(actions.take_seat, who, secret_for(name)))
        for who, name in zip(readers, names, strict=True)
    ]


def test_case_45_the_last_seat_goes_once(till, family):
    group = buy(till, ben(), family).settled.subscription
    calls = asked(group, "rosa", "sami", "tara")
    # Two more come in past the invitations: one seat is left for three.
    for name in ("uma", "vik"):
        Seat.objects.create(subscription=group, reader=reader(name))
    with transaction.atomic():
        actions.lend(group)
    found = at_once(*calls)
    assert sum(isinstance(one, Seat) for one in found) == 1
    assert sum("Every seat of this group is taken" in str(one) for one in found) == 2
    assert Seat.objects.live().count() == 3
    assert SeatInvitation.objects.waiting().count() == 2
    sound()


def test_the_last_invitation_goes_out_once(till, family):
    couple = make_plan("couple", price=10_000, count=1, seats=2)
    group = buy(till, ben(), couple).settled.subscription
    found = at_once(*[
        lambda n=n: tried(lambda: actions.invite(group, f"m{n}@lantern.example")) for n in range(4)
    ])  # fmt: skip
    assert sum(isinstance(one, SeatInvitation) for one in found) == 1
    assert SeatInvitation.objects.count() == 1


def test_a_double_click_takes_one_seat(till, family):
    group = buy(till, ben(), family).settled.subscription
    (call,) = asked(group, "rosa")
    assert len({seat.pk for seat in at_once(call, call, call)}) == 1
    assert Seat.objects.count() == 1
    sound()


def test_a_renewal_a_removal_and_a_taking_at_once_agree(till, family):
    group = buy(till, ben(), family).settled.subscription
    seat = member(group, "rosa")
    (call,) = asked(group, "sami")
    at_once(
        lambda: actions.settle(till, group.ref),
        lambda: actions.set_renewal(Subscription.objects.get(pk=group.pk), renews=False),
        lambda: actions.vacate(seat, Seat.REMOVED),
        call,
    )
    assert not reads(seat.reader)
    assert reads(User.objects.get(email="sami@lantern.example"))
    assert not Grant.objects.filter(source="group_grace", revoked_at=None).exists()
    sound()
