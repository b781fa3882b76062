"""Paid once: one period, no word of renewal anywhere, and bought again when it is over."""

from datetime import UTC, datetime

import pytest

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Plan, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import GOOD, buy, terms, text
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from tests.cast import ada, ben

END = datetime(2026, 6, 30, 10, tzinfo=UTC)
ONCE = "Paid once, for 3 months: it ends by itself, and nothing more is charged."


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture
def ticket(plan):
    """The same three months, paid once."""
    made = Plan.objects.create(slug="ticket", name="Ticket")
    actions.set_terms(made, terms(renews=False))
    return made


@pytest.fixture
def reader(till, ticket, travel):
    return ben()


def over(till, travel, at=END):
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def test_it_is_charged_once_and_ends_with_its_period(till, ticket, reader, travel):
    subscription = buy(till, reader, ticket).settled.subscription
    assert (subscription.state, subscription.renews, subscription.cancelled_at) == (
        "active", False, None,
    )  # fmt: skip
    assert subscription.ends_at() == END
    assert not reader.grants.filter(source="grace").exists()
    over(till, travel)
    subscription.refresh_from_db()
    assert (subscription.state, subscription.end_reason) == ("ended", Subscription.RAN_OUT)
    assert subscription.cancelled_at is None
    assert not entitlements(reader, clock.now())
    over(till, travel, datetime(2027, 1, 1, tzinfo=UTC))
    assert Payment.objects.count() == 1
    assert [mail.subject for mail in Mail.objects.order_by("pk")] == [
        "Your subscription: Ticket", "Your subscription has ended: Ticket",
    ]  # fmt: skip
    for mail in Mail.objects.all():
        assert "renews automatically" not in mail.text + mail.html
        assert "as you wished" not in mail.text + mail.html
    assert "It is paid once and ends on 30 June 2026" in Mail.objects.order_by("pk")[0].text


def test_no_page_says_that_it_renews(till, plan, ticket, reader, browser):
    Plan.objects.filter(pk=plan.pk).update(on_sale=False)
    for address in ("/subscribe/", "/subscribe/ticket/"):
        assert "enews automatically" not in text(browser.get(address)), address
    assert "Paid once: nothing renews by itself." in text(browser.get("/subscribe/"))
    assert ONCE in text(browser.get("/subscribe/ticket/"))
    checkout = actions.open_checkout(till, reader, ticket.current, "/")
    till.pay(checkout.ref, GOOD)
    thanks = text(browser.get(f"/subscribe/return/{checkout.key}/"))
    assert "<dt>Ends on</dt><dd>30 June 2026" in thanks
    account = text(browser.get("/account/"))
    assert "It ends on <strong>30 June 2026</strong>; nothing more is charged." in account
    for said in ("Next charge", "Renews", "Cancelled", "Keep the subscription", "/account/cancel/"):
        assert said not in account + thanks, said


def test_a_list_of_both_kinds_tells_them_apart(ticket, browser):
    listed = text(browser.get("/subscribe/"))
    assert listed.count("Paid once, does not renew.") == 1
    assert "What is not paid once renews automatically, cancel anytime." in listed


def test_it_is_bought_again_from_the_account_when_it_is_over(till, ticket, reader, browser, travel):
    buy(till, reader, ticket)
    assert browser.get("/subscribe/ticket/", follow=True).redirect_chain[-1][0] == "/account/"
    with pytest.raises(Refusal, match="already"):
        actions.open_checkout(till, reader, ticket.current, "/")
    over(till, travel)
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    account = text(browser.get("/account/"))
    assert "<strong>Ticket</strong> ended on 30 June 2026." in account
    assert "Buy Ticket again" in account
    assert browser.get("/subscribe/ticket/").status_code == 200
    buy(till, reader, ticket)
    assert entitlements(reader, clock.now())
    assert Payment.objects.count() == 2


def test_nobody_resumes_cancels_or_changes_it(till, plan, ticket, reader, browser):
    subscription = buy(till, reader, ticket).settled.subscription
    with pytest.raises(Refusal, match="paid once"):
        actions.set_renewal(subscription, renews=True)
    with pytest.raises(Refusal, match="paid once"):
        quote_of(subscription, plan.current, clock.now())
    assert "This plan is paid once" in text(browser.post("/account/resume/", follow=True))
    assert "There is nothing to cancel." in text(browser.get("/account/cancel/", follow=True))
    assert "paid once" in text(browser.get("/account/plan/", follow=True))
    staff = publisher()
    screen = page(staff, f"/desk/business/subscriptions/{subscription.pk}/")
    assert "Resume" not in screen
    subscription.refresh_from_db()
    assert (subscription.renews, subscription.cancelled_at) == (False, None)


def test_who_subscribes_does_not_change_to_it(till, plan, ticket, reader, browser):
    subscription = buy(till, reader, plan).settled.subscription
    with pytest.raises(Refusal, match="paid once"):
        quote_of(subscription, ticket.current, clock.now())
    assert "Ticket" not in text(browser.get("/account/plan/"))


def test_a_refund_ends_it(till, ticket, reader):
    buy(till, reader, ticket)
    actions.refund(till, Payment.objects.get(), "Asked", ada())
    assert Subscription.objects.get().end_reason == Subscription.REFUNDED
    assert not entitlements(reader, clock.now())


def test_a_gateway_that_cannot_charge_once_sells_none(till, ticket, reader, monkeypatch, browser):
    monkeypatch.setattr(till, "can", frozenset({"change"}), raising=False)
    with pytest.raises(Refusal, match="cannot be paid"):
        actions.open_checkout(till, reader, ticket.current, "/")
    version = browser.get("/subscribe/ticket/").context["version"]
    answer = browser.post("/subscribe/ticket/", {"version": version})
    assert answer.status_code == 409
    assert "Nothing was charged." in text(answer)
