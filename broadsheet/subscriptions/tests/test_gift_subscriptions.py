"""Gift subscriptions: paid once by one, read by another, whoever that is, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import GiftRelease, Invoice, Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.tests.cast import balance, deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Coupon,
    GiftSubscription,
    Grant,
    Plan,
    Subscription,
)
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, gift_terms, redeem_view
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, buy, terms
from broadsheet.subscriptions.tests.gift_cast import (
    CODE,
    bought,
    code,
    fresh,
    mailed,
    ordered,
    redeemed,
)
from broadsheet.subscriptions.tests.import_cast import HEAD, imported
from broadsheet.subscriptions.tests.money_cast import BadLine
from tests.cast import ada, ben

NET = 76271
START = datetime(2026, 3, 31, 10, tzinfo=UTC)
QUARTER = datetime(2026, 6, 30, 10, tzinfo=UTC)
GINA = "gina@lantern.example"


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture(autouse=True)
def then(travel):
    return travel


def opened(reader):
    return set(entitlements(reader, clock.now()))


def gifts():
    return -balance("gifts")


def test_without_an_account_the_code_and_the_invoice_come_by_mail(till, plan):
    gift = bought(till, plan, buyer_name="Gina")
    assert (gift.state, gift.expires_at) == ("paid", datetime(2031, 3, 31, 10, tzinfo=UTC))
    [mail] = Mail.objects.filter(to=GINA)
    assert CODE.findall(mail.text)[0] == code(gift)
    assert f"/subscribe/redeem/?code={code(gift)}" in mail.text
    invoice = Invoice.objects.get()
    assert (invoice.buyer, invoice.reader, invoice.total, invoice.tax) == (GINA, None, 90000, 13729)
    assert (invoice.period_from, invoice.period_until) == (None, None)
    assert f"/subscribe/gift/of/{gift.key}/{invoice.label}.pdf" in mail.text
    assert "Quarterly, 3 months" in invoice.description
    assert not User.objects.filter(email=GINA).exists()


def test_the_code_is_kept_as_a_digest_only(till, plan):
    gift = bought(till, plan)
    kept = GiftSubscription.objects.filter(pk=gift.pk).values().get()
    assert code(gift) not in str(kept)
    assert code(gift).replace("-", "") not in str(kept)


def test_its_money_waits_until_it_is_redeemed_and_is_then_earned_by_the_day(till, plan, then):
    gift = bought(till, plan)
    assert (gifts(), deferred(), sold()) == (NET, 0, 0)
    then.shift(timedelta(days=100))
    actions.close_days()
    assert (gifts(), deferred(), sold()) == (NET, 0, 0)
    redeemed(gift, ben())
    assert (gifts(), deferred(), sold()) == (0, NET, 0)
    then.shift(timedelta(days=10))
    actions.close_days()
    release = GiftRelease.objects.get()
    days = release.until - release.first
    assert days == 92
    assert sold() == NET * 10 // days
    then.shift(timedelta(days=100))
    actions.close_days()
    assert (gifts(), deferred(), sold()) == (0, 0, NET)


def test_redeemed_it_opens_the_plan_for_its_length_and_ends_by_itself(till, plan, then):
    reader, gift = ben(), bought(till, plan)
    redeemed(gift, reader)
    assert opened(reader) == {"unlimited", "premium", "ad_free"}
    then.move_to(QUARTER - timedelta(seconds=1))
    assert opened(reader)
    then.move_to(QUARTER)
    assert not opened(reader)
    assert Payment.objects.count() == 1
    assert mailed(GINA)[1:] == ["Your gift was taken up: Quarterly"]
    assert mailed(reader.email) == ["Your gift is redeemed: Quarterly"]


def test_a_month_that_is_longer_later_is_the_length_of_the_version_it_was_bought_with(
    till, plan, then
):
    gift = bought(till, plan)
    actions.set_terms(plan, terms(price=120000, count=1))
    redeemed(gift, ben())
    assert fresh(gift).ends == QUARTER


@pytest.mark.parametrize("renews", [True, False])
def test_case_46_a_paying_reader_gets_the_gift_when_the_paid_time_ends(till, plan, then, renews):
    reader, own = ben(), plan
    if not renews:
        own = Plan.objects.create(slug="ticket", name="Ticket")
        actions.set_terms(own, terms(renews=False))
    subscription = buy(till, reader, own).settled.subscription
    gift = bought(till, plan)
    stops = gift_terms(reader, gift_of_code(code(gift))).stops
    assert stops == (subscription if renews else None)
    redeemed(gift, reader)
    subscription.refresh_from_db()
    assert (subscription.renews, subscription.renews_told) == (False, False)
    mine = fresh(gift)
    assert (mine.starts, mine.ends) == (QUARTER, datetime(2026, 9, 30, 10, tzinfo=UTC))
    assert gifts() == 0, "it is redeemed, and earned over days to come"
    for day in range(0, 183, 30):
        then.move_to(START + timedelta(days=day))
        till.gateway.run_due()
        actions.ask_again()
        actions.end_due()
        actions.close_days()
        assert opened(reader), day
    assert Payment.objects.count() == 2, "the subscription and the gift, nothing twice"
    then.move_to(datetime(2026, 9, 30, 10, tzinfo=UTC))
    assert not opened(reader)


def test_case_46_it_is_redeemed_once_whoever_tries_again(till, plan):
    reader, gift = ben(), bought(till, plan)
    redeemed(gift, reader)
    seal = f"{gift.pk}:now:0"
    for again in (reader, ada()):
        with pytest.raises(Refusal, match="redeemed already"):
            actions.redeem_gift(again, code(gift), seal)
    assert Grant.objects.filter(source="gift").count() == 3
    assert set(Grant.objects.values_list("reader", flat=True)) == {reader.pk}


def test_case_46_the_buyer_may_redeem_it(till, plan):
    reader = ben()
    gift = bought(till, plan, buyer=reader)
    assert Invoice.objects.get().reader == reader
    redeemed(gift, reader)
    assert opened(reader)
    assert mailed(reader.email) == ["Your gift: Quarterly", "Your gift is redeemed: Quarterly"]


def test_case_46_refunded_before_it_is_redeemed_it_opens_nothing(till, plan):
    gift = bought(till, plan)
    actions.refund(till, Payment.objects.get(), "Asked", ada())
    assert fresh(gift).refunded_at is not None
    assert (gifts(), deferred(), sold(), balance("gateway:fakepay")) == (0, 0, 0, 0)
    with pytest.raises(Refusal, match="given back"):
        actions.redeem_gift(ben(), code(gift), f"{gift.pk}:now:0")
    assert not Grant.objects.exists()
    assert "Your money is on its way back" in mailed(GINA)


def test_case_46_refunded_after_it_was_redeemed_its_access_ends(till, plan, then):
    reader, gift = ben(), bought(till, plan)
    redeemed(gift, reader)
    then.shift(timedelta(days=10))
    actions.close_days()
    actions.refund(till, Payment.objects.get(), "Asked", ada())
    assert not opened(reader)
    assert (gifts(), deferred(), sold()) == (0, 0, 0)
    assert mailed(reader.email)[-1] == "A gift has ended: Quarterly"
    with pytest.raises(Refusal, match="redeemed already"):
        actions.redeem_gift(reader, code(gift), f"{gift.pk}:now:0")


def test_a_refund_that_the_gateway_has_not_heard_of_stops_the_redeeming(till, plan, monkeypatch):
    gift = bought(till, plan)

    def silent(*_args, **_options):
        raise GatewaySilent("Nobody answers.")

    monkeypatch.setattr(till, "refund", silent)
    actions.refund(till, Payment.objects.get(), "Asked", ada())
    with pytest.raises(Refusal, match="given back"):
        redeemed(gift, ben())
    monkeypatch.undo()
    assert fresh(gift).redeemed_at is None


def test_a_part_given_back_leaves_the_gift_and_earns_the_rest(till, plan, then):
    reader, gift = ben(), bought(till, plan)
    actions.refund(till, Payment.objects.get(), "Sorry", ada(), amount=30000)
    assert gifts() == NET - 25424
    redeemed(gift, reader)
    assert (gifts(), deferred()) == (0, NET - 25424)
    actions.refund(till, Payment.objects.get(), "Sorry", ada(), amount=30000)
    assert opened(reader)
    then.shift(timedelta(days=120))
    actions.close_days()
    assert sold() == sum(Invoice.objects.values_list("net", flat=True)) == 25424


@pytest.mark.parametrize("outcome", ["won", "lost"])
@pytest.mark.parametrize("is_redeemed", [True, False])
def test_a_payment_that_a_bank_holds_opens_nothing_until_we_win(till, plan, outcome, is_redeemed):
    reader, gift = ben(), bought(till, plan)
    if is_redeemed:
        redeemed(gift, reader)
    dispute = till.gateway.open_dispute(Payment.objects.get().ref, fee=150)
    actions.ask_about_gift(till, fresh(gift))
    assert fresh(gift).refunded_at is not None
    assert not opened(reader)
    till.gateway.end_dispute(dispute, outcome)
    actions.ask_about_gift(till, fresh(gift))
    assert (fresh(gift).refunded_at is None) == (outcome == "won")
    assert bool(opened(reader)) == (is_redeemed and outcome == "won")
    waits = NET if outcome == "won" and not is_redeemed else 0
    assert gifts() == waits


def test_a_refund_that_fails_after_it_was_booked_hides_no_dispute(till, plan):
    reader, gift = ben(), bought(till, plan)
    redeemed(gift, reader)
    actions.refund(till, Payment.objects.get(), "Sorry", ada(), amount=30000)
    till.gateway.book.run("DELETE FROM refund")
    till.gateway.open_dispute(Payment.objects.get().ref, fee=150)
    actions.ask_about_gift(till, fresh(gift))
    assert not opened(reader)


def test_an_answer_of_before_the_refund_opens_no_gift(till, plan):
    reader, gift = ben(), bought(till, plan)
    redeemed(gift, reader)
    before = till.look_up(gift.ref)
    actions.refund(till, Payment.objects.get(), "Asked", ada())
    actions.settle_gift(till, before)
    assert fresh(gift).refunded_at is not None
    assert not opened(reader)


def test_webhooks_again_and_again_book_one_gift(till, plan):
    gift = ordered(till, plan)
    till.pay(gift.ref, GOOD)
    for _ in range(3):
        actions.ask_about_gift(till, fresh(gift))
        actions.ask_again()
    assert Payment.objects.count() == 1
    assert mailed(GINA) == ["Your gift: Quarterly"]


def test_the_worker_asks_by_itself_when_nobody_comes_back(till, plan, then):
    gift = ordered(till, plan)
    till.pay(gift.ref, GOOD)
    then.shift(timedelta(minutes=2))
    assert actions.ask_again() == 1
    assert fresh(gift).state == "paid"


def test_declined_and_left_nothing_is_booked(till, plan, then):
    gift = ordered(till, plan)
    till.pay(gift.ref, DECLINED)
    assert actions.ask_about_gift(till, gift).state == "open"
    till.gateway.cancel(gift.ref)
    assert actions.ask_about_gift(till, fresh(gift)).state == "left"
    assert not Payment.objects.exists()
    assert not Mail.objects.exists()


def test_the_same_form_twice_is_one_gift_and_another_plan_takes_its_place(till, plan):
    other = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(other, terms(price=270_000, unit="year", count=1))
    token = new_key()
    first = ordered(till, plan, token=token)
    again = ordered(till, plan, token=token, message="Enjoy")
    assert (first.pk, first.ref) == (again.pk, again.ref)
    assert fresh(first).message == "Enjoy"
    changed = ordered(till, other, token=token)
    assert changed.ref != first.ref
    assert till.pay(first.ref, GOOD).kind != "paid", "its page is closed"
    till.pay(changed.ref, GOOD)
    assert actions.ask_about_gift(till, changed).payment.amount == 270_000
    assert ordered(till, other, token=token).state == "paid"
    assert Payment.objects.count() == 1


def test_an_answer_that_was_lost_costs_no_second_gift(till, plan, monkeypatch):
    line = BadLine(till.gateway)
    token = new_key()
    line.lost["open_checkout"] = "answer"
    with pytest.raises(GatewaySilent):
        ordered(line, plan, token=token)
    gift = ordered(line, plan, token=token)
    assert GiftSubscription.objects.count() == 1
    line.pay(gift.ref, GOOD)
    line.lost["look_up"] = "answer"
    with pytest.raises(GatewaySilent):
        actions.ask_about_gift(line, gift)
    assert actions.ask_about_gift(line, gift).state == "paid"


def test_another_amount_than_agreed_books_nothing(till, plan):
    gift = ordered(till, plan)
    till.pay(gift.ref, GOOD)
    GiftSubscription.objects.filter(pk=gift.pk).update(amount=80000)
    with pytest.raises(Refusal, match="agreed was"):
        actions.ask_about_gift(till, fresh(gift))
    assert not Payment.objects.exists()


def test_a_plan_that_is_sold_no_more_or_costs_another_price_now_is_refused(till, plan):
    old = plan.current
    actions.set_terms(plan, terms(price=95000))
    wish = actions.GiftWish(version=old, token=new_key(), buyer_email=GINA)
    with pytest.raises(Refusal, match="changed"):
        actions.open_gift(till, wish)


def test_it_is_sent_in_the_morning_of_its_day_once(till, plan, then):
    gift = bought(
        till, plan, recipient_email="cleo@lantern.example", send_on=date(2026, 4, 2),
        message="For\nyou", buyer_name="Gina",
    )  # fmt: skip
    [mine] = Mail.objects.filter(to=GINA)
    assert not CODE.search(mine.text), "the buyer is not told the code of somebody else"
    assert "on 2 April 2026" in mine.text
    then.move_to(datetime(2026, 4, 2, 2, tzinfo=UTC))
    assert actions.send_gifts() == 0, "half past seven"
    then.move_to(datetime(2026, 4, 2, 3, tzinfo=UTC))
    assert actions.send_gifts() == 1
    assert actions.send_gifts() == 0
    [mail] = Mail.objects.filter(to="cleo@lantern.example")
    assert CODE.findall(mail.text)[0] == code(gift)
    assert "For\nyou" in mail.text
    assert "Gina gives you Quarterly" in " ".join(mail.text.split())
    redeemed(gift, ben())


def test_without_a_day_it_is_sent_with_the_payment(till, plan):
    bought(till, plan, recipient_email="cleo@lantern.example")
    assert mailed("cleo@lantern.example") == ["A gift for you: Quarterly of The Lantern"]
    assert actions.send_gifts() == 0


def test_redeemed_or_given_back_before_its_day_it_is_not_sent(till, plan, then):
    facts = {"recipient_email": "cleo@lantern.example", "send_on": date(2026, 4, 2)}
    redeemed(bought(till, plan, **facts), ben())
    bought(till, plan, **facts)
    actions.refund(till, Payment.objects.first(), "Asked", ada())
    then.move_to(datetime(2026, 4, 3, tzinfo=UTC))
    assert actions.send_gifts() == 0


def test_another_recipient_voids_the_code_of_before(till, plan):
    gift = bought(till, plan, recipient_email="cleo@lantern.example")
    before = code(gift)
    actions.change_recipient(gift, "dora@lantern.example")
    assert mailed("dora@lantern.example") == ["A gift for you: Quarterly of The Lantern"]
    with pytest.raises(Refusal, match="not valid"):
        actions.redeem_gift(ben(), before, f"{gift.pk}:now:0")
    actions.send_gift_again(gift)
    assert len(mailed("dora@lantern.example")) == 2
    redeemed(gift, User.objects.get(email="ben@lantern.example"))
    for act in (
        actions.send_gift_again,
        lambda g: actions.change_recipient(g, "x@lantern.example"),
    ):
        with pytest.raises(Refusal, match="redeemed already"):
            act(gift)


def test_the_code_is_shown_once_and_then_made_anew(till, plan):
    gift = bought(till, plan)
    first = actions.show_code(gift)
    assert first == CODE.search(Mail.objects.get().text)[0]
    second = actions.show_code(fresh(gift))
    assert second != first
    with pytest.raises(Refusal, match="not valid"):
        gift_of_code(first)
    assert gift_of_code(second) == gift


def test_with_another_secret_key_codes_that_are_out_work_on_and_new_ones_are_made(
    till, plan, settings
):
    gift = bought(till, plan, recipient_email="cleo@lantern.example")
    out = code(gift)
    # Sealed journals are of the old key: nothing is booked under the new one here.
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key-of-fifty-signs-" * 2
    assert gift_of_code(out) == gift
    actions.send_gift_again(gift)
    sent = CODE.search(Mail.objects.filter(to="cleo@lantern.example").order_by("pk").last().text)[0]
    assert sent != out
    assert gift_of_code(sent) == gift
    settings.SECRET_KEY = old


def test_two_gifts_and_a_coupon_follow_one_another(till, plan, then):
    reader = ben()
    redeemed(bought(till, plan), reader)
    redeemed(bought(till, plan), reader)
    found = GiftSubscription.objects.order_by("pk")
    assert [(g.starts, g.ends) for g in found] == [
        (START, QUARTER), (QUARTER, datetime(2026, 9, 30, 10, tzinfo=UTC)),
    ]  # fmt: skip
    coupon = Coupon.objects.create(code="FREE", percent=100, periods=1)
    cleo = User.objects.create_user("cleo@lantern.example")
    from broadsheet.subscriptions.reads.coupons import reduced

    free = reduced(plan.current, coupon)
    actions.redeem(cleo, plan.current, coupon, seen=free.seal)
    redeemed(bought(till, plan), cleo)
    assert GiftSubscription.objects.order_by("pk").last().starts == QUARTER


@pytest.mark.parametrize(
    ("free", "begins"), [("", datetime(2026, 12, 31, 18, 30, tzinfo=UTC)), ("yes", START)]
)
def test_what_was_paid_elsewhere_ends_before_a_gift_begins(till, plan, free, begins):
    line = f"a1,vera@lantern.example,Vera,Gold,2026-12-31,{free},,\n"
    imported(HEAD + line, {"Gold": "quarterly"})
    vera = User.objects.get(email="vera@lantern.example")
    assert redeemed(bought(till, plan), vera).starts == begins


def test_who_rests_is_told_the_day_on_which_the_charges_would_go_on(till, plan, then):
    reader = ben()
    subscription = buy(till, reader, plan).settled.subscription
    actions.pause(till, subscription, 2, ends_of(subscription, 2))
    then.move_to(QUARTER + timedelta(days=3))
    till.gateway.run_due()
    actions.ask_again()
    actions.begin_pauses()
    shown = redeem_view(reader, gift_of_code(code(bought(till, plan))))
    assert shown.renews_on == datetime(2026, 8, 31, 10, tzinfo=UTC)


def test_an_overdue_subscription_ends_and_the_gift_begins_now(till, plan, then):
    from broadsheet.ledger.providers.fakepay.cards import read_number

    reader = ben()
    subscription = buy(till, reader, plan).settled.subscription
    till.gateway.set_card(subscription.ref, read_number(DECLINED))
    then.move_to(QUARTER + timedelta(hours=2))
    till.gateway.run_due()
    actions.ask_again()
    subscription.refresh_from_db()
    assert subscription.state == Subscription.PAST_DUE
    gift = bought(till, plan)
    redeemed(gift, reader)
    subscription.refresh_from_db()
    assert subscription.state == Subscription.ENDED
    assert fresh(gift).starts == clock.now()
    actions.ask_again()


def test_the_renewal_does_not_come_back_where_a_gift_begins(till, plan):
    reader = ben()
    subscription = buy(till, reader, plan).settled.subscription
    redeemed(bought(till, plan), reader)
    with pytest.raises(Refusal, match="gift subscription begins"):
        actions.set_renewal(subscription, renews=True)


def test_other_terms_than_those_seen_are_shown_again(till, plan):
    reader, gift = ben(), bought(till, plan)
    seen = gift_terms(reader, gift_of_code(code(gift))).seal
    buy(till, reader, plan)
    with pytest.raises(Refusal, match="dates have changed"):
        actions.redeem_gift(reader, code(gift), seen)
    assert fresh(gift).redeemed_at is None
    assert Subscription.objects.get().renews


def test_after_five_years_it_must_be_asked_for_and_the_money_still_waits(till, plan, then):
    gift = bought(till, plan)
    then.move_to(datetime(2031, 3, 31, 9, 59, tzinfo=UTC))
    assert gift_of_code(code(gift)) == gift
    then.move_to(datetime(2031, 3, 31, 10, tzinfo=UTC))
    with pytest.raises(Refusal, match="not lost"):
        gift_of_code(code(gift))
    assert gifts() == NET
    actions.refund(till, Payment.objects.get(), "Expired", ada())
    assert gifts() == 0


@pytest.mark.parametrize(
    "wrong", ["", "ABCD", "ABCD-EFGH-JKLM-NPQR", "0" * 16, "'; drop", "é" * 16]
)
def test_every_wrong_code_says_the_same(till, plan, wrong):
    bought(till, plan)
    with pytest.raises(Refusal) as refusal:
        gift_of_code(wrong)
    assert refusal.value.problem == "This code is not valid."
    ordered(till, plan)
    with pytest.raises(Refusal, match="not valid"):
        gift_of_code(wrong)
