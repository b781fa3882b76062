"""Whatever happens in whatever order: books, access and promises agree.

The line to the gateway loses calls and answers; webhooks never come, come twice or long after; the
reader clicks on everything, leaves for good and comes back; staff refunds, whole and in part; days
are closed or are not. What must hold at every step is in the invariants; what must hold once the
worker has had its turns, in `teardown`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import ProtectedError, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import order_refund
from broadsheet.ledger.models import Dispute, Fee, Invoice, Payment, Refund
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.tests.cast import balance, deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Checkout,
    Coupon,
    PaidPeriod,
    Plan,
    PlanChange,
    Subscription,
)
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, ONCE, terms
from broadsheet.subscriptions.tests.money_cast import BadLine, charged_periods
from broadsheet.subscriptions.tests.test_webhooks import body, deliver

START = datetime(2024, 1, 29, 10, tzinfo=UTC)
STARTS = [START, *(datetime(2024, 1, day, 20, tzinfo=UTC) for day in (30, 31))]
"""Leap day ahead; twenty o'clock is the next day in Kolkata."""
PAUSES = (
    timedelta(minutes=20), timedelta(hours=21), timedelta(days=1), timedelta(days=7),
    timedelta(days=8), timedelta(days=31),
)  # fmt: skip
MOVES = (
    *[("later", pause, works) for pause in PAUSES for works in (True, False)],
    *[("pay", number, card) for number in (0, 1) for card in (GOOD, ONCE)],
    *[("wish", renews, tells) for renews in (True, False) for tells in (True, False)] * 2,
    *[("lose", name, how) for name in ("open_checkout", "look_up") for how in ("call", "answer")],
    *[("lose", name, how) for name in ("set_renewal", "refund") for how in ("call", "answer")],
    ("choose", 0), ("choose", 1), ("choose", 2), ("coupon", 0), ("coupon", 2),
    ("settle", 0), ("settle", 0), ("settle", 1), ("work",),
    *[("hook", number, event) for number in (0, 1) for event in ("evt_1", "evt_2")],
    ("bank", 0), ("bank", 1), ("decide", "won"), ("decide", "lost"),
    ("give_back", 0, 1), ("give_back", 1, 1), ("give_back", 0, 3), ("erase",), ("close",),
    ("pay", 0, DECLINED), ("leave", 0), ("reprice", 0, 2),
    *[("show", plan) for plan in (0, 1)] * 2, *[("change",)] * 3, ("keep",), ("card", DECLINED),
    *[("lose", name, how) for name in ("change", "drop_change") for how in ("call", "answer")],
)  # fmt: skip
"""One rule draws from all moves alike: Hypothesis would leave kinds of rules out at random."""
UNITS = ("week", "month")
MAILS = {
    "paid": (
        "Your subscription: ", "Your subscription was renewed", "A payment goes back",
        "Your new plan: ",
    ),
    "refunded": ("Your money is on its way back",),
    "cancelled": ("Cancelled: ",),
    "resumed": ("Your subscription goes on",),
}  # fmt: skip


class Money(RuleBasedStateMachine):
    """One reader, one member of staff; a plan of one week, one of a month with another price at
    first, and one that is paid once."""

    travel = patch = None

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.till = BadLine(Gateway(Path(":memory:"), url="http://fakepay.example"))
        self.till.gateway.set_fee(199)
        self.patch.setattr(gateways, "_made", lambda url: self.till)
        self.reader = User.objects.create_user("ben@lantern.example")
        self.staff = User.objects.create_user("ada@lantern.example")
        self.plans = list(Plan.objects.order_by("pk"))
        self.wishes, self.promised, self.erased = [], {}, set()
        self.page, self.shown = None, {}

    @property
    def live(self):
        return Subscription.objects.live().first()

    @property
    def refs(self):
        found = Checkout.objects.exclude(ref=None).order_by("-pk")
        return list(found.values_list("ref", flat=True))

    def ref(self, number):
        return self.refs[number % len(self.refs)] if self.refs else None

    @initialize(card=st.sampled_from([GOOD, ONCE, None]), start=st.sampled_from(STARTS))
    def begin(self, card, start):
        self.travel.move_to(start)
        self.choose(0)
        if card:
            self.pay(0, card)
            self.settle(0)

    @rule(move=st.sampled_from(MOVES))
    def step(self, move):
        name, *facts = move
        getattr(self, name)(*facts)

    def choose(self, plan):
        try:
            actions.open_checkout(self.till, self.reader, self.plans[plan].current, "/a")
        except (Refusal, GatewaySilent):
            pass

    def coupon(self, plan):
        try:
            version, coupon = self.plans[plan].current, Coupon.objects.get()
            actions.open_checkout(self.till, self.reader, version, "/a", coupon=coupon)
        except (Refusal, GatewaySilent):
            pass

    def pay(self, number, card):
        ref = self.ref(number)
        if ref is not None and self.till.pay(ref, card).kind == "paid":
            self.promised.pop(ref, None)

    def leave(self, number):
        if (ref := self.ref(number)) is not None:
            self.till.gateway.cancel(ref)

    def settle(self, number):
        if (ref := self.ref(number)) is not None:
            try:
                actions.settle(self.till, ref)
            except GatewaySilent:
                pass

    def later(self, pause, works):
        self.travel.shift(pause)
        self.till.gateway.run_due()
        if works:
            self.work()

    def work(self):
        actions.take_events()
        actions.ask_again()
        actions.end_due()
        actions.close_days()

    def close(self):
        actions.close_days()

    def hook(self, number, event):
        """Announced, perhaps for the second time, and taken up whenever the worker works."""
        if (ref := self.ref(number)) is not None:
            assert deliver(body(ref, event)).status_code == 200

    def erase(self):
        """The reader wants to be forgotten; if that can be, the same person comes back."""
        refs = set(self.refs)
        try:
            with transaction.atomic():
                self.reader.delete()
        except ProtectedError:
            return
        self.erased |= refs
        self.page = None
        self.reader = User.objects.create_user("ben@lantern.example")

    def wish(self, renews, tells):
        if (found := self.live) is None:
            return
        try:
            changed = actions.set_renewal(found, renews=renews)
        except Refusal:
            assert renews
            assert not found.version.renews
            return
        # One that ends at once is told of its end.
        if changed.renews != found.renews and changed.is_live:
            self.wishes.append(renews)
        if tells:
            actions.tell_gateway(self.till, changed)
        if renews:
            self.promised.pop(found.ref, None)
        else:
            self.promised.setdefault(found.ref, clock.now())

    def show(self, plan):
        """The page of a change; what it says is kept as the reader saw it."""
        version, live = self.plans[plan].current, self.live
        if live is None:
            return
        try:
            said = quote_of(live, version, clock.now())
        except Refusal:
            return
        self.page = live, version, actions.sealed(live, version, said, clock.now())
        self.shown[self.page[2].rpartition(":")[2][:40]] = said

    def change(self):
        if self.page is None:
            return
        try:
            actions.change_plan(self.till, *self.page)
        except (Refusal, GatewaySilent):
            pass

    def keep(self):
        if self.live is not None:
            try:
                actions.keep_plan(self.till, self.live)
            except (Refusal, GatewaySilent):
                pass

    def card(self, number):
        if self.live is not None:
            try:
                self.till.gateway.set_card(self.live.ref, read_number(number))
            except GatewayRefused:
                pass

    def bank(self, number):
        """The reader's bank takes back what is left of a payment."""
        paid = list(Payment.objects.filter(reader=self.reader).order_by("-pk"))
        if not paid:
            return
        try:
            self.till.gateway.open_dispute(paid[number % len(paid)].ref, fee=150)
        except Refusal:
            pass

    def decide(self, outcome):
        for row in self.till.gateway.book.rows("SELECT ref FROM dispute WHERE state = 'open'"):
            self.till.gateway.end_dispute(row["ref"], outcome)

    def give_back(self, number, part):
        paid = list(Payment.objects.filter(reader=self.reader).order_by("-pk"))
        if not paid:
            return
        payment = paid[number % len(paid)]
        try:
            if part == 1:
                actions.refund(self.till, payment, "Asked", self.staff)
            else:
                order_refund(payment, payment.amount // part, "Asked", self.staff)
        except Refusal:
            pass

    def reprice(self, plan, price):
        offered = terms(price=price * 1000, unit=UNITS[plan], count=1)
        actions.set_terms(self.plans[plan], offered)

    def lose(self, name, lost):
        self.till.lost[name] = lost

    @invariant()
    def the_books_agree(self):
        assert [*checks.everything()] == []

    @invariant()
    def what_was_shown_is_what_is_charged(self):
        for change in PlanChange.objects.filter(state=PlanChange.DONE):
            said = self.shown[change.key]
            assert (change.at_once, change.due, change.credit) == (
                said.at_once, said.due, said.credit,
            )  # fmt: skip
            period = change.subscription.periods.filter(number=change.number).first()
            paid = said.due if said.at_once else change.version.total.amount
            assert period is None or period.payment.amount == paid

    @invariant()
    def what_is_paid_once_is_charged_once(self):
        for found in Subscription.objects.filter(version__renews=False):
            assert found.periods.count() == 1
            assert found.end_reason not in (Subscription.CANCELLED, Subscription.UNPAID)

    @invariant()
    def the_first_price_is_had_once(self):
        firsts = Checkout.objects.filter(state=Checkout.PAID).exclude(opening_amount=None)
        owed = firsts.exclude(subscription__end_reason=Subscription.DUPLICATE)
        assert owed.filter(reader=self.reader).count() <= 1

    @invariant()
    def a_coupon_is_used_once(self):
        paid = Checkout.objects.filter(state=Checkout.PAID, coupon__isnull=False)
        owed = paid.exclude(subscription__end_reason=Subscription.DUPLICATE)
        assert owed.filter(reader=self.reader).count() <= 1

    @invariant()
    def nobody_has_two(self):
        assert Subscription.objects.live().count() <= 1

    @invariant()
    def access_is_what_was_paid_for(self):
        now = clock.now()
        until = max((self._until(s) for s in Subscription.objects.all()), default=START)
        assert bool(entitlements(self.reader, now)) == (until > now)

    def _until(self, subscription):
        if subscription.end_reason == Subscription.DUPLICATE:
            return START
        ends = [p.ends for p in subscription.periods.all() if p.refunded_at is None]
        last = max(ends, default=START)
        in_grace = ends and subscription.renews and subscription.is_live
        return last + subscription.grace if in_grace else last

    @invariant()
    def every_cause_has_one_mail(self):
        subjects = list(Mail.objects.values_list("subject", flat=True))
        found = {
            name: sum(subject.startswith(starts) for subject in subjects)
            for name, starts in MAILS.items()
        }
        assert found == {
            "paid": Payment.objects.count(),
            "refunded": Refund.objects.count(),
            "cancelled": self.wishes.count(False),
            "resumed": self.wishes.count(True),
        }

    def teardown(self):
        try:
            self._settled_in_the_end()
        finally:
            self.till.gateway.close()
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def _settled_in_the_end(self):
        self.till.lost.clear()
        for _ in range(3):
            self.travel.shift(timedelta(minutes=20))
            self.till.gateway.run_due()
            self.work()
        rows = self.till.gateway.book.rows
        # A renewal within the period is asked about when the period before is over.
        paid = {r["ref"]: r for r in rows("SELECT * FROM charge WHERE paid")}
        booked = set(Payment.objects.values_list("ref", flat=True))
        assert booked == set(paid)
        assert {r["ref"] for r in rows("SELECT * FROM refund")} == set(
            Refund.objects.values_list("ref", flat=True)
        )
        for period in PaidPeriod.objects.select_related("subscription", "payment"):
            told = self.promised.get(period.subscription.ref)
            # A bank that was quicker leaves nothing to give back.
            if told is not None and period.payment.at > told and not period.payment.disputes.all():
                assert period.refunded_at, "charged after being told that it is cancelled"
        self.every_step_of_the_bank_is_booked()
        self.the_books_agree()
        self.access_is_what_was_paid_for()
        self.periods_are_what_the_gateway_charged_for()
        self.all_of_it_is_earned_in_the_end()

    def every_step_of_the_bank_is_booked(self):
        """But for readers who are forgotten: nobody asks about them any more."""
        for ref in self.refs:
            actions.settle(self.till, ref)
        rows = self.till.gateway.book.rows(
            "SELECT dispute.*, agreement FROM dispute JOIN charge ON charge.ref = charge"
        )
        known = [row for row in rows if row["agreement"] not in self.erased]
        steps = {(row["ref"], step) for row in known for step in {"open", row["state"]}}
        booked = set(Dispute.objects.values_list("ref", "step"))
        assert steps <= booked
        assert balance("fees") == sum(Fee.objects.values_list("amount", flat=True))

    def periods_are_what_the_gateway_charged_for(self):
        """Counted without the paper's own arithmetic, so that none can drift."""
        charged = set()
        for checkout in Checkout.objects.exclude(ref=None).select_related("version"):
            unit = checkout.version.interval.unit
            charged |= charged_periods(self.till.gateway.book, checkout.ref, unit)
        found = PaidPeriod.objects.values_list("subscription__ref", "number", "starts", "ends")
        assert set(found) == charged

    def all_of_it_is_earned_in_the_end(self):
        self.travel.shift(timedelta(days=32))
        actions.close_days()
        assert list(checks.everything()) == []
        kept = Invoice.objects.aggregate(net=Sum("net"))["net"] or 0
        assert (deferred(), sold()) == (0, kept)


@pytest.mark.parametrize("examples", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_whatever_happens_books_access_and_promises_agree(
    till, plan, travel, monkeypatch, examples
):
    actions.set_terms(plan, terms(unit="week", count=1))
    other = Plan.objects.create(slug="other", name="Other")
    first = {"intro_price": 300, "intro_periods": 2}
    actions.set_terms(other, terms(price=500, unit="month", count=1, **first))
    ticket = Plan.objects.create(slug="ticket", name="Ticket")
    actions.set_terms(ticket, terms(price=400, unit="week", count=1, renews=False))
    Coupon.objects.create(code="SPRING", percent=30, periods=2)
    machine = type("Machine", (Money,), {"travel": travel, "patch": monkeypatch})
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            phases=[Phase.generate],
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=quiet,
        ),
    )
