"""A buyer withdraws from a gift: two steps, with or without an account, once, before it is used."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from broadsheet.accounts.models import Mail, User
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Billing, Refund, RefundOrder, Seller
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.reads.withdrawing import gift_withdrawable_until
from broadsheet.subscriptions.rules import withdrawal_ends
from broadsheet.subscriptions.tests.gift_cast import (
    CODE,
    bought,
    code,
    fresh,
    mailed,
    ordered,
    redeemed,
)
from tests.cast import ada, ben

BEGUN = datetime(2026, 11, 2, 10, tzinfo=UTC)
ENDS = withdrawal_ends(BEGUN, 14, "Asia/Kolkata")
GINA, KID = "gina@lantern.example", "kid@lantern.example"
OFFER = "Withdraw from this purchase"


@pytest.fixture(autouse=True)
def books_balance(db):
    cache.clear()
    yield
    assert [*checks.everything()] == []


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(BEGUN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def german(paper):
    Seller.objects.create(country="DE", tax_number="DE136695976")


@pytest.fixture
def gift(german, till, plan):
    return bought(till, plan, buyer_name="Gina")


def page(gift):
    return f"/subscribe/gift/of/{gift.key}/"


def at(reader=None):
    client = Client()
    if reader is not None:
        client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(answer):
    return " ".join(answer.content.decode().split())


def silent(*_, **__):
    raise GatewaySilent("Nobody there.")


def refused(*_, **__):
    raise GatewayRefused("The bank did not take it.", "Give it back another way.")


def test_two_steps_from_the_page_of_a_guest_give_everything_back(gift):
    client, where, words = at(), f"{page(gift)}withdraw/", code(gift)
    assert f'href="{where}"' in read(client.get(page(gift)))
    assert where in Mail.objects.get(to=GINA).text
    asked = read(client.get(where))
    assert "17 November 2026" in asked
    assert 'value="Gina"' in asked
    assert client.post(where, {"name": " "}).status_code == 422
    assert "Confirm withdrawal" in read(client.post(where, {"name": "Gina Gold"}))
    assert not RefundOrder.objects.exists()
    done = client.post(where, {"name": "Gina Gold", "confirm": "1"})
    assert done["location"] == where
    assert "You withdrew from the gift of Quarterly on 2 November 2026" in read(client.get(where))
    assert Refund.objects.get().amount == 90000
    assert fresh(gift).refunded_at == BEGUN
    assert OFFER not in read(client.get(page(gift)))
    assert "given back to its buyer" in read(client.post("/subscribe/redeem/", {"code": words}))
    mail = Mail.objects.get(subject="You withdrew from your gift: Quarterly")
    text = " ".join(mail.text.split())
    for said in ("Gina Gold", GINA, "2 November 2026", "15:30", "Asia/Kolkata", "₹900", "3 months"):
        assert said in text
        assert said in mail.html
    assert mail.to == GINA


def test_with_an_account_only_the_buyer_withdraws(german, till, plan):
    reader = ben()
    gift = bought(till, plan, buyer=reader)
    where = f"{page(gift)}withdraw/"
    confirmed = {"name": "Somebody", "confirm": "1"}
    assert at().post(where, confirmed)["location"].startswith("/accounts/login/")
    other = User.objects.create_user("cleo@lantern.example")
    assert at(other).post(where, confirmed).status_code == 403
    assert Client(enforce_csrf_checks=True).post(where, confirmed).status_code == 403
    assert not RefundOrder.objects.exists()
    at(reader).post(where, confirmed)
    assert Refund.objects.get().amount == 90000
    assert "You withdrew from your gift: Quarterly" in mailed(reader.email)


def test_it_happens_once(gift):
    first = actions.withdraw_gift(gift, "Gina")
    assert actions.withdraw_gift(gift, "Somebody") == first
    assert Refund.objects.count() == 1
    assert mailed(GINA).count("You withdrew from your gift: Quarterly") == 1


def test_a_silent_gateway_is_told_later_and_the_code_is_void_at_once(gift, till, monkeypatch):
    words = code(gift)
    with monkeypatch.context() as line:
        line.setattr(till, "refund", silent)
        actions.withdraw_gift(gift, "Gina")
    assert not Refund.objects.exists()
    assert "given back" in read(at().post("/subscribe/redeem/", {"code": words}))
    shown = read(at().get(page(gift)))
    assert "The money is on its way back" in shown
    assert 'name="wish"' not in shown
    assert not CODE.search(read(at().post(page(gift), {"wish": "show"})))
    actions.ask_again()
    assert Refund.objects.get().amount == 90000


def test_what_the_bank_refuses_makes_no_withdrawn_code_good_again(gift, till, monkeypatch):
    words = code(gift)
    with monkeypatch.context() as line:
        line.setattr(till, "refund", refused)
        actions.withdraw_gift(gift, "Gina")
    assert "did not take it" in RefundOrder.objects.get().problem
    assert "given back" in read(at().post("/subscribe/redeem/", {"code": words}))
    with pytest.raises(Refusal, match="given back"):
        redeemed(gift, ben())
    assert "The money is on its way back" in read(at().get(page(gift)))
    actions.refund(till, gift.payment, "Another way", ada())
    assert Refund.objects.get().amount == 90000


def test_what_waits_for_its_day_is_not_sent_any_more(german, till, plan, then, monkeypatch):
    gift = bought(till, plan, recipient_email=KID, send_on=(BEGUN + timedelta(days=1)).date())
    monkeypatch.setattr(till, "refund", silent)
    actions.withdraw_gift(gift, "Gina")
    then.shift(timedelta(days=1))
    assert actions.send_gifts() == 0
    assert mailed(KID) == []


def test_who_redeems_it_first_keeps_it_and_the_page_says_why(gift):
    redeemed(gift, ben())
    shown = read(at().get(page(gift)))
    assert OFFER not in shown
    assert "please write to us" in shown
    where = f"{page(gift)}withdraw/"
    answer = at().post(where, {"name": "Gina", "confirm": "1"})
    assert answer.status_code == 200
    assert "somebody reads by it" in read(answer)
    with pytest.raises(Refusal, match="any more"):
        actions.withdraw_gift(gift, "Gina")
    assert not RefundOrder.objects.exists()


def test_what_staff_gave_back_in_part_is_completed(gift, till):
    actions.refund(till, gift.payment, "Asked for", ada(), amount=30000)
    assert actions.withdraw_gift(gift, "Gina").amount == 60000
    assert sum(Refund.objects.values_list("amount", flat=True)) == 90000


def test_given_back_by_staff_there_is_nothing_to_withdraw_from(gift, till):
    actions.refund(till, gift.payment, "Asked for", ada())
    answer = at().post(f"{page(gift)}withdraw/", {"name": "Gina", "confirm": "1"})
    assert "nothing to withdraw from" in read(answer)
    assert RefundOrder.objects.count() == 1


def test_the_time_ends_with_the_fourteenth_day(gift, then):
    then.move_to(ENDS - timedelta(seconds=1))
    assert OFFER in read(at().get(page(gift)))
    then.move_to(ENDS)
    assert OFFER not in read(at().get(page(gift)))
    answer = at().post(f"{page(gift)}withdraw/", {"name": "Gina", "confirm": "1"})
    assert "The time to withdraw is over" in read(answer)
    with pytest.raises(Refusal, match="any more"):
        actions.withdraw_gift(gift, "Gina")
    assert not RefundOrder.objects.exists()


def test_before_it_is_paid_there_is_no_such_page(german, till, plan):
    gift = ordered(till, plan)
    assert at().get(f"{page(gift)}withdraw/")["location"] == page(gift)


@pytest.mark.parametrize(
    ("seller", "buyer", "may"),
    [("DE", "", True), ("IN", "", False), ("IN", "FR", True), ("DE", "US", False), ("", "", False)],
)
def test_the_buyers_country_decides_and_else_the_sellers(till, plan, seller, buyer, may):
    Seller.objects.create(country=seller)
    reader = ben()
    if buyer:
        Billing.objects.create(reader=reader, name="Ben", country=buyer)
    gift = bought(till, plan, buyer=reader)
    assert bool(gift_withdrawable_until(gift)) is may
    assert (OFFER in read(at(reader).get(page(gift)))) is may
    assert ("withdraw/" in Mail.objects.get(to=reader.email).text) is may


@pytest.mark.parametrize(("seller", "may"), [("DE", True), ("IN", False)])
def test_of_a_guest_it_is_the_sellers_country(till, plan, seller, may):
    Seller.objects.create(country=seller)
    assert bool(gift_withdrawable_until(bought(till, plan))) is may
