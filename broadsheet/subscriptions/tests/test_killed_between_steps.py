"""kill -9 between any two steps of what money does: one charge, one mail, the same end. The mail
leaves twice only for who dies at it.

Each flow is done by a process that is killed at its first step, then by one that is killed at its
second, and so on until one comes through. After each kill another process goes on: whoever got no
answer asks again, and the worker has its turns.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from types import SimpleNamespace

import pytest
import time_machine

from broadsheet.accounts import outbox
from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice, Payment, Refund, Seller
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Checkout,
    Coupon,
    CouponUse,
    GiftSubscription,
    Pause,
    Plan,
    PlanChange,
    Subscription,
    Withdrawal,
)
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import GOOD, buy, terms
from broadsheet.subscriptions.tests.dying import Files, Steps
from broadsheet.subscriptions.tests.gift_cast import bought as gift_bought
from broadsheet.subscriptions.tests.gift_cast import ordered, redeemed
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.cast import ada, ben

pytestmark = pytest.mark.django_db(transaction=True)

BEGUN = datetime(2026, 11, 2, 10, tzinfo=UTC)
WELCOME, RENEWED = "Your subscription: Quarterly", "Your subscription was renewed: Quarterly"
BACK = "Your money is on its way back"


@pytest.fixture
def travel():
    with time_machine.travel(BEGUN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(till, plan, travel):
    """Who is there before a flow begins."""
    Seller.objects.create(country="DE", tax_number="DE136695976")
    dear = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(dear, terms(price=270_000, unit="year", count=1))
    coupon = Coupon.objects.create(code="SPRING", percent=50, periods=1)
    return SimpleNamespace(
        till=till, plan=plan, dear=dear, coupon=coupon, travel=travel, reader=ben(), staff=ada(),
        found=found,
    )  # fmt: skip


def bought(world):
    subscription = buy(world.till, world.reader, world.plan).settled.subscription
    Mail.objects.update(sent_at=clock.now())
    return subscription


def checkout(world, coupon=None):
    def act(till):
        if world.reader.subscriptions.live().exists():
            return
        opened = actions.open_checkout(till, world.reader, world.plan.current, "", coupon=coupon)
        if opened.state == Checkout.OPEN:
            till.pay(opened.ref, GOOD)
        actions.settle(till, opened.ref)

    return act


def with_a_coupon(world):
    return checkout(world, world.coupon)


def webhook(world):
    opened = actions.open_checkout(world.till, world.reader, world.plan.current, "")
    world.till.pay(opened.ref, GOOD)

    def act(till):
        assert deliver(body(opened.ref)).status_code == 200
        actions.take_events()

    return act


def renewal(world):
    world.travel.move_to(bought(world).paid_until() + timedelta(minutes=1))
    actions.close_days()  # Each process would close the quarter anew.
    world.till.gateway.run_due()
    return lambda till: actions.ask_again()


def cancellation(world):
    bought(world)

    def act(till):
        actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))

    return act


def resumption(world):
    cancelled = actions.set_renewal(bought(world), renews=False)
    actions.tell_gateway(world.till, cancelled)
    Mail.objects.update(sent_at=clock.now())

    def act(till):
        actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=True))

    return act


def refund(world, amount=0):
    bought(world)

    def act(till):
        payment = Payment.objects.get()
        actions.refund(till, payment, "Asked", world.staff, amount=amount, key="the page")

    return act


def refund_of_a_part(world):
    return refund(world, 30_000)


def change_of_plan(world):
    subscription = bought(world)
    world.travel.shift(timedelta(days=20))
    version, now = world.dear.current, clock.now()
    token = actions.sealed(subscription, version, quote_of(subscription, version, now), now)

    def act(till):
        actions.change_plan(till, Subscription.objects.get(), version, token)

    return act


def withdrawal(world):
    bought(world)
    return lambda till: actions.withdraw(Subscription.objects.get(), "Ben Read")


def mailing(world):
    """Nothing but the mail of a payment that is booked."""
    buy(world.till, world.reader, world.plan)
    return lambda till: None


def going_on(world, act, *, again):
    """What the process after it does: `again` when somebody waits for an answer."""

    def work(till):
        if again:
            act(till)
        for _ in range(2):
            world.travel.shift(timedelta(minutes=20))
            till.gateway.run_due()
            actions.take_events()
            actions.ask_again()
            actions.end_due()
            actions.close_days()
            outbox.send_due()
        (world.files.folder / "found.json").write_text(json.dumps(world.found(world, till)))

    return work


def found(world, till):
    """All that readers, the publisher and the gateway can tell of it in the end."""
    rows, one = till.gateway.book.rows, Subscription.objects.first()
    told = {} if one is None else {
        "subscription": [one.state, one.end_reason, one.renews, one.version.plan.slug],
        "told": till.look_up(one.ref).renews == one.renews or not one.is_live,
    }  # fmt: skip
    return {
        "charged": sorted(row["amount"] for row in rows("SELECT amount FROM charge WHERE paid")),
        "given back": [row["amount"] for row in rows("SELECT amount FROM refund")],
        "paid": sorted(Payment.objects.values_list("amount", flat=True)),
        "refunded": [*Refund.objects.values_list("amount", flat=True)],
        "invoices": [*Invoice.objects.order_by("pk").values_list("label", "total")],
        **told,
        "rights": sorted(entitlements(world.reader, clock.now())),
        "changes": [*PlanChange.objects.values_list("state", flat=True)],
        "coupons": CouponUse.objects.exclude(final_at=None).count(),
        "withdrawals": Withdrawal.objects.count(),
        **mailed(world),
        "problems": [str(problem) for problem in checks.everything()],
    }


def mailed(world):
    """Which mails left, how often each, and how many did not."""
    left = Counter(delivered(world.files.mails))
    return {
        "mails": sorted(subject for _number, subject in left),
        "copies": sorted(left.values()),
        "waiting": Mail.objects.filter(sent_at=None).count(),
    }


def delivered(folder):
    """Message-ID and subject of every mail that left; one that was sent again is there twice."""
    texts = [file.read_bytes() for file in folder.glob("*")] if folder.exists() else []
    mails = [
        message_from_bytes(part.strip())
        for text in texts
        for part in re.split(rb"^-{79}$", text, flags=re.MULTILINE)
        if part.strip()
    ]
    return [
        (mail["message-id"], str(make_header(decode_header(mail["subject"]))).replace("\n", ""))
        for mail in mails
    ]


def ended(world, act, last, *, again=True):
    """How the process that dies at step `last` ended, and what was found in the end; `again` when
    whoever got no answer comes back."""
    files, log = world.files, world.files.folder / "steps"
    files.restore()
    log.unlink(missing_ok=True)

    def dying(till):
        act(till)
        outbox.send_due()

    status = files.process(dying, Steps(last, log))
    told = log.read_text() if log.exists() else ""
    assert status in (0, -9), told
    after = files.process(going_on(world, act, again=again and status == -9), Steps())
    assert after == 0, f"after {told}"
    return status, json.loads((files.folder / "found.json").read_text()), told


FLOWS = {
    checkout: ([90_000], [], [WELCOME]),
    with_a_coupon: ([45_000], [], [WELCOME]),
    webhook: ([90_000], [], [WELCOME]),
    renewal: ([90_000] * 2, [], [RENEWED]),
    cancellation: ([90_000], [], ["Cancelled: Quarterly"]),
    resumption: ([90_000], [], ["Your subscription goes on: Quarterly"]),
    refund: ([90_000], [90_000], [BACK]),
    refund_of_a_part: ([90_000], [30_000], [BACK]),
    change_of_plan: ([90_000, 199_566], [], ["Your new plan: Yearly"]),
    withdrawal: ([90_000], [90_000], ["You withdrew from the contract: Quarterly", BACK]),
}


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_killed_at_any_step_it_comes_to_the_same_end(world, tmp_path, flow):
    charged, back, mails = FLOWS[flow]
    whole = survives(world, tmp_path, flow)
    assert whole["charged"] == whole["paid"] == charged
    assert (whole["given back"], whole["refunded"], whole["mails"]) == (back, back, mails)
    assert (whole["waiting"], whole["problems"], whole["told"]) == (0, [], True)


@pytest.mark.parametrize("flow", [checkout, cancellation, refund, withdrawal])
def test_when_nobody_comes_back_all_of_it_is_done_or_none(world, tmp_path, flow):
    """The worker alone: who had paid has it, and what was wished and written down is done."""
    act = flow(world)
    world.files = Files(tmp_path / "killed", tmp_path / "fakepay.sqlite3")
    try:
        _, none, _ = ended(world, lambda till: None, 0)
        _, whole, steps = ended(world, act, 0)
        assert none != whole
        found = [ended(world, act, last, again=False) for last in steps_of(steps)]
    finally:
        world.files.drop()
    ends = []
    for status, after, told in found:
        assert status == -9
        left = without_copies(after)
        assert left in (without_copies(none), without_copies(whole)), f"killed after {told}"
        ends.append(left == without_copies(whole))
    assert ends == sorted(ends), "once it is done it stays done"
    assert set(ends) == {False, True}


def steps_of(log):
    return range(1, len(log.splitlines()) + 1)


def without_copies(end):
    return {name: said for name, said in end.items() if name != "copies"}


def test_case_16_a_mail_leaves_although_its_process_dies_after_the_commit(world, tmp_path):
    assert survives(world, tmp_path, mailing)["mails"] == [WELCOME]


def survives(world, tmp_path, flow):
    """Kill the flow at every step; what every run and the whole one have in common."""
    act = flow(world)
    world.files = Files(tmp_path / "killed", tmp_path / "fakepay.sqlite3")
    try:
        status, whole, steps = ended(world, act, 0)
        assert status == 0, steps
        count = len(steps.splitlines())
        assert count > 2, steps
        assert whole.pop("copies") == [1] * len(whole["mails"])
        for last in range(1, count + 1):
            status, after, told = ended(world, act, last)
            assert status == -9, "it is killed, or the steps are not the same twice"
            # Who dies when the mail has left and before that is written down sends it again.
            again = [2] if told.endswith(" after a mail\n") else [1]
            copies = [1] * (len(whole["mails"]) - 1) + again
            assert after.pop("copies") == copies, f"killed after {told}"
            assert after == whole, f"killed after {told}"
    finally:
        world.files.drop()
    return whole


def pause(world):
    subscription = bought(world)
    shown = ends_of(subscription, 2)
    world.found = found_resting

    def act(till):
        try:
            actions.pause(till, Subscription.objects.get(), 2, shown)
        except Refusal:  # Asked again by a reader who got no answer: the page shows the pause.
            assert Pause.objects.filter(state__in=Pause.WAITING).exists()

    return act


def pause_taken_back(world):
    return going_on_earlier(world, resting=False)


def pause_ended(world):
    return going_on_earlier(world, resting=True)


def going_on_earlier(world, *, resting):
    subscription = bought(world)
    asked = actions.pause(world.till, subscription, 2, ends_of(subscription, 2))
    if resting:
        world.travel.move_to(asked.begins + timedelta(days=3))
        actions.begin_pauses()
        actions.close_days()
    Mail.objects.update(sent_at=clock.now())
    world.found = found_resting
    return lambda till: actions.resume_now(till, Subscription.objects.get())


def found_resting(world, till):
    one = Subscription.objects.get()
    pauses = [*Pause.objects.values_list("state", flat=True)]
    agreed = till.look_up(one.ref).rests_until == one.resumes_at
    return found(world, till) | {"pauses": pauses, "agreed": agreed}


@pytest.mark.parametrize(
    ("flow", "charges", "state", "mails"),
    [
        (pause, 1, Pause.PLANNED, ["Quarterly is paused from 2 February 2027 on"]),
        (pause_taken_back, 1, Pause.LEFT, ["No pause: Quarterly goes on"]),
        (pause_ended, 2, Pause.DONE, [RENEWED]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_case_44_killed_at_any_step_a_pause_comes_to_the_same_end(
    world, tmp_path, flow, charges, state, mails
):
    whole = survives(world, tmp_path, flow)
    assert whole["charged"] == whole["paid"] == [90_000] * charges
    assert (whole["pauses"], whole["agreed"], whole["mails"]) == ([state], True, mails)
    assert (whole["waiting"], whole["problems"], whole["told"]) == (0, [], True)


def gift(world):
    world.found = found_given

    def act(till):
        given = ordered(till, world.plan, token="t" * 24)
        if given.state == GiftSubscription.OPEN:
            till.pay(given.ref, GOOD)
        actions.ask_about_gift(till, given)

    return act


def gift_redeemed(world):
    """By somebody who subscribes, so that a renewal is stopped in the same step."""
    bought(world)
    gift_bought(world.till, world.plan)
    Mail.objects.update(sent_at=clock.now())
    world.found = found_given

    def act(till):
        given = GiftSubscription.objects.get()
        if given.redeemed_by is None:
            redeemed(given, world.reader)

    return act


def found_given(world, till):
    rows, given = till.gateway.book.rows, GiftSubscription.objects.get()
    renews = [(one.renews, till.look_up(one.ref).renews) for one in Subscription.objects.all()]
    return {
        "charged": sorted(row["amount"] for row in rows("SELECT amount FROM charge WHERE paid")),
        "paid": sorted(Payment.objects.values_list("amount", flat=True)),
        "invoices": [*Invoice.objects.order_by("pk").values_list("label", "total")],
        "gift": [given.state, given.redeemed_by_id == world.reader.pk, str(given.starts)],
        "rights": sorted(
            given.grants.filter(revoked_at=None).values_list("entitlement", flat=True)
        ),
        "renews": renews,
        **mailed(world),
        "problems": [str(problem) for problem in checks.everything()],
    }


TAKEN_UP = [
    "Cancelled: Quarterly", "Your gift is redeemed: Quarterly", "Your gift was taken up: Quarterly",
]  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "charges", "renews", "mails"),
    [
        (gift, 1, [], ["Your gift: Quarterly"]),
        (gift_redeemed, 2, [[False, False]], TAKEN_UP),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_case_46_killed_at_any_step_a_gift_comes_to_the_same_end(
    world, tmp_path, flow, charges, renews, mails
):
    whole = survives(world, tmp_path, flow)
    assert whole["charged"] == whole["paid"] == [90_000] * charges
    assert (whole["renews"], whole["mails"]) == (renews, mails)
    assert (whole["waiting"], whole["problems"]) == (0, [])
    assert bool(whole["rights"]) == (flow is gift_redeemed)
