"""Another card for a running subscription: from the account to the gateway and back, by Fakepay."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import CardChange, Checkout, PlanVersion, Subscription
from broadsheet.subscriptions.reads.cards import expiry_text
from broadsheet.subscriptions.reads.comparing import differences
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, ONCE, buy, terms, text
from broadsheet.subscriptions.tests.desk_cast import publisher
from broadsheet.subscriptions.tests.money_cast import BadLine
from tests.cast import ben

OTHER = "5555555555554444"
SUBJECT = "The card for your subscription was changed: Quarterly"
RENEWAL = datetime(2026, 6, 30, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_pages_opened_before():
    """How many were opened in an hour is counted over tests too."""
    cache.clear()


@pytest.fixture
def reader(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    travel.move_to(datetime(2026, 5, 15, 12, tzinfo=UTC))
    return reader


@pytest.fixture
def line(paper, tmp_path, monkeypatch, till):
    """The same engine behind a line that can be cut."""
    line = BadLine(till.gateway)
    monkeypatch.setattr(gateways, "_made", lambda url: line)
    return line


def only():
    return Subscription.objects.get()


def notices():
    return list(Mail.objects.filter(subject=SUBJECT))


def to_the_page(browser):
    """Address of the gateway's page, by the button of the account."""
    answer = browser.post("/account/card/")
    assert answer.status_code == 302 and answer["Location"].startswith("http://fakepay.example")
    return answer["Location"]


def back(browser, known=0):
    return text(browser.get(f"/account/card/back/{known}/", follow=True))


def test_the_new_card_is_named_in_the_account_by_mail_and_at_the_desk(browser, till, travel):
    said = text(browser.get("/account/"))
    assert "Card •••• 4242." in said and "Change the card" in said
    assert till.change_card(to_the_page(browser), OTHER)
    said = back(browser)
    assert "Your card is changed: later charges are taken from card •••• 4444. A mail" in said
    assert "Card •••• 4444." in said
    (mail,) = notices()
    assert mail.to == "ben@lantern.example"
    for part in (mail.text, mail.html):
        said = " ".join(part.split())
        for words in ("charged to card •••• 4444, and no longer to card •••• 4242",
                      "The next charge of ₹900 is on 30 June 2026", "If that was not you",
                      "/accounts/password/change/", "/account/devices/"):  # fmt: skip
            assert words in said
    story = text(publisher().get(reverse("business_subscription", args=[only().pk])))
    assert "Card changed" in story and "•••• 4242 to •••• 4444" in story
    travel.move_to(RENEWAL)
    till.gateway.run_due()
    actions.ask_again()
    assert [payment.card for payment in Payment.objects.order_by("at")] == [
        "•••• 4242", "•••• 4444",
    ]  # fmt: skip
    assert len(notices()) == 1


def test_who_comes_back_without_a_card_reads_that_it_is_as_before(browser):
    to_the_page(browser)
    assert "Your card is as before." in back(browser)
    assert not notices() and not CardChange.objects.exists()


def test_whoever_tells_first_it_is_told_and_mailed_once(browser, till):
    page = to_the_page(browser)
    till.change_card(page, OTHER)
    for _ in range(3):
        actions.settle(till, only().ref)
    assert "later charges are taken from card •••• 4444" in back(browser)
    assert (len(notices()), CardChange.objects.count()) == (1, 1)
    assert not till.change_card(page, GOOD) or only().card == "•••• 4444"


def test_the_same_number_again_is_a_change_too_and_the_next_one_as_well(browser, till):
    till.change_card(to_the_page(browser), GOOD)
    assert "later charges are taken from card •••• 4242" in back(browser)
    till.change_card(to_the_page(browser), OTHER)
    assert "later charges are taken from card •••• 4444" in back(browser, known=1)
    assert len(notices()) == 2


def test_a_page_closed_on_the_way_is_heard_of_all_the_same(browser, till, travel):
    till.change_card(to_the_page(browser), OTHER)
    actions.ask_again()
    assert not notices(), "the reader is given a minute to come back"
    travel.move_to(datetime(2026, 5, 15, 12, 16, tzinfo=UTC))
    actions.ask_again()
    assert (len(notices()), only().card, only().card_page_at) == (1, "•••• 4444", None)


def test_who_opened_the_page_is_asked_after_for_a_day(browser, till, travel, monkeypatch):
    to_the_page(browser)
    asked = []
    look_up = till.look_up
    monkeypatch.setattr(till, "look_up", lambda ref: asked.append(ref) or look_up(ref))
    for hours in (1, 25):
        travel.move_to(datetime(2026, 5, 15, 12, tzinfo=UTC) + timedelta(hours=hours))
        actions.ask_again()
    assert asked == [only().ref]


@pytest.mark.parametrize("call", ["look_up", "open_card_page"])
def test_what_the_gateway_says_is_for_the_log(browser, till, monkeypatch, caplog, call):
    def refuse(*_args, **_more):
        raise GatewayRefused("No such customer: cus_4711.", "Look at it in the Dashboard.")

    monkeypatch.setattr(till, call, refuse)
    page = text(browser.post("/account/card/", follow=True))
    assert "The payment service did not accept this. Please try again later." in page
    assert "cus_4711" not in page
    assert "cus_4711" in caplog.text


def test_what_cannot_be_booked_is_for_the_log_too(browser, reader, caplog):
    PlanVersion.objects.update(price=1)
    Checkout.objects.update(amount=1)
    page = text(browser.post("/account/card/", follow=True))
    assert "The payment service did not accept this." in page
    assert "the plan costs" not in page
    assert "the plan costs" in caplog.text


@pytest.mark.parametrize("call", ["look_up", "open_card_page"])
def test_a_silent_gateway_changes_nothing_and_says_so(line, browser, call):
    for how in ("call", "answer"):
        line.lost[call] = how
        said = text(browser.post("/account/card/", follow=True))
        assert "The payment service does not answer. Your card is as before." in said
    assert till_card(line) == "•••• 4242" and not notices()


def till_card(till):
    return till.look_up(only().ref).card.said


def test_silent_on_the_way_back_it_is_asked_again(line, browser, travel):
    line.change_card(to_the_page(browser), OTHER)
    line.lost["look_up"] = "call"
    said = back(browser)
    assert "we do not know of your card yet. We go on asking it." in said
    travel.move_to(datetime(2026, 5, 15, 12, 16, tzinfo=UTC))
    actions.ask_again()
    assert len(notices()) == 1


def test_only_the_owner_comes_to_a_page(browser, till, plan):
    stranger = Client()
    answer = stranger.post("/account/card/")
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    other = User.objects.create_user("rosa@lantern.example", "a long password")
    stranger.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert stranger.post("/account/card/")["Location"] == "/account/"
    assert "changed" not in text(stranger.get("/account/card/back/0/", follow=True))
    assert till.gateway.book.row("SELECT count(*) AS n FROM card_page")["n"] == 0


def test_a_get_opens_nothing_and_a_form_of_another_site_neither(reader, till):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.get("/account/card/")["Location"] == "/account/"
    assert strict.post("/account/card/").status_code == 403
    assert till.gateway.book.row("SELECT count(*) AS n FROM card_page")["n"] == 0


def test_a_script_is_stopped_after_ten_pages(browser):
    for _ in range(10):
        to_the_page(browser)
    said = text(browser.post("/account/card/", follow=True))
    assert "Try again in an hour" in said


def test_a_cancelled_subscription_has_no_button_and_says_what_to_do(browser):
    actions.set_renewal(only(), renews=False)
    assert "Change the card" not in text(browser.get("/account/"))
    said = text(browser.post("/account/card/", follow=True))
    assert "no card is charged again. Keep it first; then you can change the card." in said


def test_an_overdue_one_is_paid_with_the_other_card_and_that_is_told(browser, reader, till, travel):
    till.change_card(to_the_page(browser), ONCE)
    back(browser)
    travel.move_to(RENEWAL)
    till.gateway.run_due()
    actions.ask_again()
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    said = text(browser.get("/account/"))
    assert "with another card" in said and "Change the card" not in said
    assert escape("Pay it with the other card") in text(browser.post("/account/card/", follow=True))
    till.pay(only().ref, OTHER)
    actions.settle(till, only().ref)
    assert [mail.subject for mail in notices()] == [SUBJECT] * 2
    assert "•••• 4444" in text(browser.get("/account/"))


def test_the_card_is_changed_in_a_trial(till, plan, travel):
    reader = User.objects.create_user("mia@lantern.example")
    actions.set_terms(plan, terms(trial_days=7))
    bought = buy(till, reader, plan)
    assert bought.settled.subscription.is_on_trial
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    assert "Change the card" in text(client.get("/account/"))
    till.change_card(to_the_page(client), OTHER)
    assert "•••• 4444" in back(client)


def test_a_gateway_without_the_ability_says_what_to_do_instead(browser, till, monkeypatch):
    monkeypatch.setattr(till, "can", till.can - {"card"}, raising=False)
    said = text(browser.get("/account/"))
    assert "Change the card" not in said and "changed only when a charge has failed" in said
    said = text(browser.post("/account/card/", follow=True))
    assert "cannot change the card of a subscription that is paid. Cancel, and subscribe" in said


def test_a_subscription_from_before_this_was_known_learns_its_card_without_a_mail(browser, till):
    Subscription.objects.update(card="", card_ref="", card_expires="")
    assert "Card •••• 4242." in text(browser.get("/account/")), "that of the last payment"
    page = to_the_page(browser)
    assert (only().card, notices()) == ("•••• 4242", [])
    till.change_card(page, OTHER)
    back(browser)
    assert CardChange.objects.get().before == "•••• 4242"


def test_an_answer_from_before_does_not_bring_the_old_card_back(browser, till, monkeypatch, travel):
    old = till.look_up(only().ref)
    till.change_card(to_the_page(browser), OTHER)
    asked = clock.now()
    travel.move_to(asked + timedelta(seconds=5))

    def overtaken(ref):
        """While this answer is on its way, a later one is taken over."""
        monkeypatch.setattr(till, "look_up", look_up)
        travel.move_to(asked + timedelta(seconds=9))
        actions.settle(till, ref)
        return old

    look_up = till.look_up
    monkeypatch.setattr(till, "look_up", overtaken)
    actions.settle(till, only().ref)
    assert (only().card, len(notices())) == ("•••• 4444", 1)


def test_the_night_finds_what_nobody_heard_of(browser, till):
    till.change_card(to_the_page(browser), OTHER)
    standing = till.look_up(only().ref)
    found = differences("fakepay", standing, clock.now())
    assert [d.kind for d in found] == ["card"]
    actions.settle(till, only().ref)
    assert not differences("fakepay", standing, clock.now())


def test_a_number_exchanged_by_the_bank_is_shown_and_is_no_change(browser, till):
    from broadsheet.ledger.providers.fakepay.cards import read_number

    till.gateway.set_card(only().ref, read_number(DECLINED))
    actions.settle(till, only().ref)
    assert "Card •••• 0002." in text(browser.get("/account/"))
    assert not notices()


def test_an_older_file_of_the_gateway_has_a_card_as_well(tmp_path):
    path = tmp_path / "old.sqlite3"
    Gateway(path).close()
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE agreement DROP COLUMN card_ref")
        db.execute("ALTER TABLE agreement DROP COLUMN card_expires")
        db.execute("DROP TABLE card_page")
    gateway = Gateway(path)
    assert {"card_ref", "card_expires"} <= {
        row["name"] for row in gateway.book.rows("PRAGMA table_info (agreement)")
    }
    gateway.close()


def test_an_expiry_is_written_as_on_the_card():
    assert [expiry_text(text) for text in ("2029-04", "")] == ["04/29", ""]


def test_silence_is_no_refusal(line, browser):
    line.lost["look_up"] = "call"
    with pytest.raises(GatewaySilent):
        actions.open_card_page(line, only(), "http://paper.example/")
    assert only().card_page_at is None
