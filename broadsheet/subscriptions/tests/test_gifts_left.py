"""Gifts that are left: by buyers before they paid, and by accounts that are erased."""

from datetime import date, timedelta

import pytest
from django.test import Client

from broadsheet.accounts.models import Mail, User
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import GiftSubscription, Plan
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.tests.conftest import GOOD, terms
from broadsheet.subscriptions.tests.gift_cast import bought, code, fresh, ordered, redeemed
from tests.cast import ada, ben

KID = "kid@lantern.example"


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture(autouse=True)
def then(travel):
    return travel


@pytest.fixture
def given(till, plan):
    """A gift of Ben's, on its way to somebody."""
    facts = {"buyer_name": "Ben B", "message": "From your father", "recipient_email": KID}
    return bought(till, plan, buyer=ben(), **facts)


def names(gift):
    found = fresh(gift)
    return found.buyer_name, found.message, found.recipient_email


def silent(*_):
    raise GatewaySilent("Nobody answers.")


def test_a_buyer_who_goes_leaves_a_gift_that_is_good_and_names_nobody(given):
    reader = User.objects.create_user(KID)
    assert actions.ask_to_erase(given.buyer)
    assert names(given) == ("", "From your father", KID)
    redeemed(given, reader)
    assert names(given) == ("", "", "")
    assert fresh(given).redeemed_by == reader


def test_a_gift_that_a_gone_buyer_set_for_a_day_is_sent_and_names_nobody(till, plan, then):
    facts = {"buyer_name": "Ben", "recipient_email": KID, "send_on": date(2026, 4, 3)}
    gift = bought(till, plan, buyer=ben(), **facts)
    assert actions.ask_to_erase(gift.buyer)
    then.shift(timedelta(days=3))
    assert actions.send_gifts() == 1
    mail = Mail.objects.get(to=KID)
    assert "Somebody" in mail.text
    assert "Ben" not in mail.text + mail.html


def test_a_buyer_who_goes_after_it_was_redeemed_takes_the_words_along(given):
    reader = User.objects.create_user(KID)
    redeemed(given, reader)
    assert actions.ask_to_erase(given.buyer)
    assert names(given) == ("", "", "")
    assert fresh(given).redeemed_by == reader


def test_given_back_after_its_buyer_went_it_names_nobody(given, till):
    assert actions.ask_to_erase(given.buyer)
    actions.refund(till, fresh(given).payment, "Asked for", ada())
    assert fresh(given).refunded_at is not None
    assert names(given) == ("", "", "")


def test_run_out_without_a_buyer_it_names_nobody(given, then):
    assert actions.ask_to_erase(given.buyer)
    then.move_to(fresh(given).expires_at - timedelta(seconds=1))
    assert actions.forget_gifts() == 0
    assert names(given)[2] == KID
    then.shift(timedelta(seconds=1))
    assert actions.forget_gifts() == 0
    assert names(given) == ("", "", "")


def test_who_redeemed_and_goes_leaves_no_address(given):
    reader = User.objects.create_user(KID)
    redeemed(given, reader)
    assert actions.ask_to_erase(reader)
    assert not GiftSubscription.objects.filter(recipient_email=KID).exists()
    assert fresh(given).buyer_name == "Ben B"


def test_the_page_of_a_buyer_who_is_gone_is_gone(given):
    mine = f"/subscribe/gift/of/{given.key}/"
    label = given.payment.invoice.label
    assert actions.ask_to_erase(given.buyer)
    for address in (mine, f"{mine}left/", f"{mine}{label}.pdf"):
        assert Client().get(address).status_code == 404
    assert Client().post(mine, {"wish": "show"}).status_code == 404
    assert fresh(given).shown_at is None
    offered = Client().post("/subscribe/redeem/", {"code": code(given)})
    assert offered.status_code == 302


def test_what_was_never_paid_is_forgotten_in_time_and_what_was_paid_never(till, plan, then):
    paid, left = bought(till, plan), ordered(till, plan, recipient_email=KID, message="Hello")
    with pytest.MonkeyPatch.context() as line:
        line.setattr(till, "open_checkout", silent)
        with pytest.raises(GatewaySilent):
            ordered(till, plan, recipient_email=KID)
    refused = ordered(till, plan)
    GiftSubscription.objects.filter(pk=refused.pk).update(state=GiftSubscription.REFUSED)
    then.shift(timedelta(days=2))
    actions.ask_again()
    assert fresh(left).state == GiftSubscription.LEFT
    then.shift(timedelta(days=28, seconds=-1))
    assert actions.forget_gifts() == 0
    then.shift(timedelta(seconds=1))
    assert actions.forget_gifts() == 3
    assert list(GiftSubscription.objects.values_list("pk", flat=True)) == [paid.pk]


def test_a_page_that_is_still_open_is_kept(till, plan, then):
    gift = ordered(till, plan)
    then.shift(timedelta(days=31))
    assert actions.forget_gifts() == 0
    actions.ask_again()
    assert fresh(gift).state == GiftSubscription.LEFT
    assert actions.forget_gifts() == 1


def test_an_open_page_is_asked_about_less_often_with_time(till, plan, then):
    ordered(till, plan)
    asked = []
    for minute in range(1, 6 * 60):
        then.shift(timedelta(minutes=1))
        if actions.ask_again():
            asked.append(minute)
    fresh_, later = [m for m in asked if m <= 60], [m for m in asked if m > 60]
    assert len(fresh_) >= 25
    assert 4 <= len(later) <= 6


def test_paid_in_the_old_window_while_the_new_page_could_not_be_opened(till, plan, then):
    other = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(other, terms(price=270_000, unit="year", count=1))
    token = new_key()
    first = ordered(till, plan, token=token)
    with pytest.MonkeyPatch.context() as line:
        line.setattr(till, "open_checkout", silent)
        for wanted in (other, other):
            with pytest.raises(GatewaySilent):
                ordered(till, wanted, token=token)
    assert fresh(first).state == GiftSubscription.OPEN
    till.pay(first.ref, GOOD)
    then.shift(timedelta(minutes=3))
    actions.ask_again()
    assert fresh(first).state == GiftSubscription.PAID
    assert ordered(till, other, token=token).pk == first.pk, "not paid twice"
    assert Payment.objects.count() == 1


def test_the_gateway_lets_go_of_the_page_before_in_the_same_step(till, plan):
    other = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(other, terms(price=270_000, unit="year", count=1))
    token = new_key()
    first = ordered(till, plan, token=token)
    second = ordered(till, other, token=token)
    assert (fresh(first).state, fresh(second).state) == ("left", "open")
    third = ordered(till, plan, token=token)
    assert (fresh(second).state, fresh(third).state) == ("left", "open")
