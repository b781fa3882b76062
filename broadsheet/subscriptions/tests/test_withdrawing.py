"""Withdrawing from a contract: two steps, with or without an account open, once, all money back."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import Mail
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Billing, Refund, RefundOrder, Seller
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription, Withdrawal
from broadsheet.subscriptions.reads.rights import entitlements
from broadsheet.subscriptions.reads.withdrawing import withdrawal_address
from broadsheet.subscriptions.rules import withdrawal_ends
from broadsheet.subscriptions.tests.conftest import buy
from tests.cast import ben

BEGUN = datetime(2026, 11, 2, 10, tzinfo=UTC)
KOLKATA = "Asia/Kolkata"


@pytest.fixture
def travel():
    with time_machine.travel(BEGUN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bought(till, plan, travel):
    Seller.objects.create(country="DE", tax_number="DE136695976")
    return buy(till, ben(), plan).settled.subscription


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(answer):
    return " ".join(answer.content.decode().split())


@given(st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)))
def test_there_are_fourteen_whole_days_and_no_end_at_a_weekend(concluded):
    ends = withdrawal_ends(concluded, 14, KOLKATA)
    local, begun = (at.astimezone(ZoneInfo(KOLKATA)) for at in (ends, concluded))
    assert (local.hour, local.minute) == (0, 0)
    last = local.date() - timedelta(days=1)
    assert last.weekday() < 5
    assert 14 <= (last - begun.date()).days <= 16


def test_an_end_on_a_saturday_is_moved_to_monday():
    saturday = datetime(2026, 11, 7, 12, tzinfo=UTC)
    assert withdrawal_ends(saturday, 14, "UTC").date() == date(2026, 11, 24)


def test_two_steps_in_the_account_end_it_and_give_everything_back(bought, till):
    client, where = signed_in(bought.reader), reverse("withdraw")
    assert where in read(client.get("/account/"))
    assert "17 November 2026" in read(client.get(where))
    assert client.post(where, {"name": " "}).status_code == 422
    declared = read(client.post(where, {"name": "Ben Read"}))
    assert "Confirm withdrawal" in declared
    assert "Quarterly" in declared
    assert not Withdrawal.objects.exists()
    assert client.post(where, {"name": "Ben Read", "confirm": "1"}).headers["location"] == where
    assert "You withdrew from the contract about Quarterly" in read(client.get(where))
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.end_reason) == ("ended", "withdrawn")
    assert entitlements(bought.reader, BEGUN) == set()
    assert Refund.objects.get().amount == Withdrawal.objects.get().amount == 90000
    assert not subscription.renews_told
    actions.ask_again()
    assert [*checks.everything()] == []
    mail = Mail.objects.get(subject__startswith="You withdrew")
    text = " ".join(mail.text.split())
    for said in ("Ben Read", bought.reader.email, "2 November 2026", "15:30", "₹900"):
        assert said in text


def test_the_link_in_the_mail_needs_no_account(bought):
    link = withdrawal_address(bought)
    assert link in Mail.objects.get().text
    path, client = link[link.index("/subscribe/") :], Client(enforce_csrf_checks=True)
    page = client.get(path)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    typed = {"name": "Ben Read", "csrfmiddlewaretoken": token}
    assert "Withdraw from the contract" in read(page)
    assert client.post(path, {"name": "Ben Read", "confirm": "1"}).status_code == 403
    assert "Confirm withdrawal" in read(client.post(path, typed))
    assert client.post(path, typed | {"confirm": "1"}).status_code == 302
    assert "A mail to" in read(client.get(path))
    assert Withdrawal.objects.count() == 1
    for wrong in (path[:-2] + "x/", "/subscribe/withdraw/1/"):
        assert client.get(wrong).status_code == 404


def test_it_happens_once(bought):
    first = actions.withdraw(bought, "Ben Read")
    assert actions.withdraw(bought, "Somebody") == first
    assert RefundOrder.objects.count() == Withdrawal.objects.count() == 1
    assert Mail.objects.filter(subject__startswith="You withdrew").count() == 1


def test_a_silent_gateway_is_told_later(bought, till, monkeypatch):
    def silent(*_, **__):
        raise GatewaySilent("Nobody there.")

    with monkeypatch.context() as line:
        line.setattr(till, "refund", silent)
        line.setattr(till, "set_renewal", silent)
        actions.withdraw(bought, "Ben Read")
    assert entitlements(bought.reader, BEGUN) == set()
    assert not Refund.objects.exists()
    actions.ask_again()
    assert Refund.objects.get().amount == 90000
    assert [*checks.everything()] == []


def test_after_the_last_day_cancelling_is_offered_instead(bought, travel):
    travel.move_to(withdrawal_ends(BEGUN, 14, KOLKATA) - timedelta(seconds=1))
    assert withdrawal_address(bought)
    travel.move_to(withdrawal_ends(BEGUN, 14, KOLKATA))
    client, where = signed_in(bought.reader), reverse("withdraw")
    assert where not in read(client.get("/account/"))
    assert "The time to withdraw is over" in read(client.post(where, {"name": "B", "confirm": "1"}))
    assert reverse("cancel") in read(client.get(where))
    with pytest.raises(Refusal, match="over"):
        actions.withdraw(bought, "Ben Read")
    assert Subscription.objects.get().is_live


def test_who_cancelled_may_still_withdraw(bought):
    actions.set_renewal(bought, renews=False)
    actions.withdraw(bought, "Ben Read")
    assert Refund.objects.get().amount == 90000
    assert [*checks.everything()] == []


@pytest.mark.parametrize(
    ("seller", "reader", "may"),
    [("DE", "", True), ("IN", "", False), ("IN", "FR", True), ("DE", "US", False), ("", "", False)],
)
def test_the_readers_country_decides_and_else_the_sellers(till, plan, travel, seller, reader, may):
    Seller.objects.create(country=seller)
    user = ben()
    if reader:
        Billing.objects.create(reader=user, name="Ben", country=reader)
    subscription = buy(till, user, plan).settled.subscription
    assert bool(withdrawal_address(subscription)) is may
    assert ("withdraw" in Mail.objects.get().text) is may


def test_before_the_law_there_is_no_button(till, plan, travel):
    travel.move_to(datetime(2026, 6, 10, tzinfo=UTC))
    Seller.objects.create(country="DE")
    assert withdrawal_address(buy(till, ben(), plan).settled.subscription) == ""
