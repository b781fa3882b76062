"""The checks recompute what everybody may read, and compare it row by row with the grants."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from broadsheet.kit import clock
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Coupon,
    CouponUse,
    Grant,
    ImportedSubscription,
    Institution,
    Seat,
)
from broadsheet.subscriptions.reads.coupons import reduced
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from broadsheet.subscriptions.tests.group_cast import family, member
from broadsheet.subscriptions.tests.group_cast import reader as named
from broadsheet.subscriptions.tests.import_cast import imported
from tests.cast import ben

__all__ = ["family"]
LATER = timedelta(days=400)


def said():
    return [str(problem) for problem in checks.everything()]


def in_a_group(till, plan, family):
    member(buy(till, ben(), family).settled.subscription, "rosa")


def by_a_gift(till, plan, family):
    redeemed(bought(till, plan), ben())


def by_a_coupon(till, plan, family):
    coupon = Coupon.objects.create(code="GUEST", percent=100, periods=1)
    actions.redeem(ben(), plan.current, coupon, seen=reduced(plan.current, coupon).seal)


def brought_along(till, plan, family):
    imported()


def at_an_institution(till, plan, family):
    rights = ["premium", "ad_free"]
    Institution.objects.create(name="Library", domains="library.example", entitlements=rights)
    for name in ("ida", "max"):
        user = named(name)
        address = f"{name}@library.example"
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=False)


def one():
    """One grant that no subscription wrote."""
    first = Grant.objects.filter(entitlement="premium", subscription=None).earliest("pk")
    return Grant.objects.filter(pk=first.pk)


def other_reader():
    one().update(reader=named("zoe"))


def later_end():
    one().update(valid_until=clock.now() + LATER)


def later_begin():
    one().update(valid_from=F("valid_from") + timedelta(days=1))


def other_right():
    one().update(entitlement="archive")


def no_cause():
    nothing = dict.fromkeys(("seat", "gift", "imported", "institution"))
    one().update(reason="", **nothing)


def revoked():
    one().update(revoked_at=clock.now())


def invented_source():
    one().update(source="whatever")


WORLDS = (in_a_group, by_a_gift, by_a_coupon, brought_along, at_an_institution)
TAMPERS = (other_reader, later_end, later_begin, other_right, no_cause, revoked, invented_source)
CASES = [
    (world, tamper)
    for world in WORLDS
    for tamper in TAMPERS
    # What a coupon opened may be revoked in the desk.
    if (world, tamper) != (by_a_coupon, revoked)
]


@pytest.mark.parametrize(("world", "tamper"), CASES, ids=lambda case: case.__name__)
def test_whatever_somebody_changes_of_a_grant_is_named(till, plan, family, travel, world, tamper):
    world(till, plan, family)
    assert said() == []
    tamper()
    assert said() != []


def left_with_grants():
    Seat.objects.update(left_at=clock.now())


def unconfirmed():
    EmailAddress.objects.filter(email__endswith="@library.example").update(verified=False)


def fewer_seats():
    Institution.objects.update(seats=1)


def ended_institution():
    Institution.objects.update(ends=clock.now() + LATER)


def taken_back():
    ImportedSubscription.objects.update(state="undone")


def unused():
    CouponUse.objects.update(final_at=None)


@pytest.mark.parametrize(
    ("world", "tamper", "words"),
    [
        (in_a_group, left_with_grants, "follows no grant"),
        (at_an_institution, unconfirmed, "no confirmed address there"),
        (at_an_institution, fewer_seats, "2 readers in 1 seats"),
        (at_an_institution, ended_institution, "is not what Library opens"),
        (brought_along, taken_back, "has no import behind it"),
        (by_a_coupon, unused, "has no use of a coupon"),
        (by_a_coupon, later_end, "ends at another time"),
        (by_a_gift, other_right, "is not what gift"),
    ],
)  # fmt: skip
def test_a_cause_that_was_changed_is_named(till, plan, family, travel, world, tamper, words):
    world(till, plan, family)
    tamper()
    assert words in " ".join(said())


def test_what_staff_give_has_no_other_cause(till, plan):
    reader = ben()
    Grant.objects.create(reader=reader, entitlement="premium", reason="Reader of the year")
    subscription = buy(till, reader, plan).settled.subscription
    assert said() == []
    Grant.objects.filter(source="complimentary").update(subscription=subscription)
    assert "the cause of something else" in " ".join(said())


def test_more_subscriptions_are_no_more_queries(till, plan, family):
    def everybody(*names):
        for name in names:
            group = buy(till, named(name), family).settled.subscription
            member(group, f"{name}s-mate")
            redeemed(bought(till, plan), named(f"{name}s-friend"))

    def queries():
        with CaptureQueriesContext(connection) as made:
            assert said() == []
        return len(made)

    everybody("ada")
    few = queries()
    everybody("bea", "cem", "dora")
    assert queries() == few
