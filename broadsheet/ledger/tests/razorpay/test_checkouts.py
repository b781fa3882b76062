"""Checkouts at Razorpay: once for a key, refused where it cannot sell, closed when replaced."""

from dataclasses import replace

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Opening
from broadsheet.ledger.providers.razorpay import Razorpay
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.razorpay.server import KEY_ID

DAY = 86_400


def test_a_renewing_order_is_a_subscription_with_a_page_to_pay_on(provider, account, order):
    hosted = provider.open_checkout(order)
    sub = account.get(hosted.ref)
    assert hosted.url == sub["short_url"]
    assert sub["status"] == "created" and sub["total_count"] == 40
    plan = account.get(sub["plan_id"])
    assert (plan["period"], plan["interval"], plan["item"]["amount"]) == ("monthly", 3, 90000)
    standing = provider.look_up(hosted.ref)
    assert (standing.state, standing.key, standing.url) == ("open", order.key, hosted.url)
    assert (standing.amount, standing.currency, standing.interval) == (90000, "INR", order.interval)
    assert standing.charges == () and standing.started_at is None


def test_the_same_key_is_the_same_checkout_and_another_order_under_it_is_refused(
    provider, account, order
):
    assert provider.open_checkout(order) == provider.open_checkout(order)
    assert len(account.of("subscription")) == 1
    with pytest.raises(GatewayRefused):
        provider.open_checkout(replace(order, amount=100))
    assert len(account.of("subscription")) == 1


def test_one_plan_serves_all_who_buy_the_same(provider, account, order):
    for number in range(3):
        provider.open_checkout(replace(order, key=f"key-{number}"))
    assert len(account.of("plan")) == 1 and len(account.of("subscription")) == 3
    provider.open_checkout(replace(order, key="key-x", amount=100000))
    assert len(account.of("plan")) == 2, "a plan is never changed"


@pytest.mark.parametrize("trouble", ["before", "after", "garbage"])
def test_case_15_a_call_whose_answer_was_lost_is_made_once(
    provider, server, account, order, trouble
):
    server.trouble["POST /v1/subscriptions"] = trouble
    with pytest.raises(GatewaySilent):
        provider.open_checkout(order)
    hosted = provider.open_checkout(order)
    assert [sub["id"] for sub in account.of("subscription")] == [hosted.ref]


def test_of_two_made_at_the_same_moment_the_older_one_counts(provider, account, order):
    hosted = provider.open_checkout(order)
    twin = account.new(
        "subscription", **{k: v for k, v in account.get(hosted.ref).items() if k != "id"}
    )
    assert provider.open_checkout(order) == hosted
    assert twin["status"] == "cancelled" and account.get(hosted.ref)["status"] == "created"


def test_a_key_is_found_behind_more_objects_than_one_page_holds(provider, account, order):
    hosted = provider.open_checkout(order)
    sub = account.get(hosted.ref)
    for number in range(150):
        facts = {k: v for k, v in sub.items() if k != "id"}
        account.new("subscription", **facts | {"notes": {"broadsheet_key": f"other-{number}"}})
    assert provider.open_checkout(order) == hosted


def test_what_does_not_renew_is_a_link_that_leads_back(provider, account, order):
    once = replace(order, renews=False, interval=Interval("year", 2))
    hosted = provider.open_checkout(once)
    assert provider.open_checkout(once) == hosted
    link = account.get(hosted.ref)
    assert link["callback_url"] == order.return_url and link["accept_partial"] is False
    assert provider.look_up(hosted.ref).state == "open"
    knobs.pay(account, hosted.ref, decline="No money.")
    knobs.pay(account, hosted.ref, "upi")
    standing = provider.look_up(hosted.ref)
    assert (standing.state, standing.renews, standing.interval) == ("active", False, once.interval)
    assert [(c.number, c.paid, c.amount) for c in standing.charges] == [
        (0, False, 90000), (0, True, 90000),
    ]  # fmt: skip
    provider.set_renewal(hosted.ref, renews=False)
    with pytest.raises(GatewayRefused):
        provider.set_renewal(hosted.ref, renews=True)


def test_a_trial_begins_when_it_is_over_and_its_token_is_no_income(provider, account, order):
    hosted = provider.open_checkout(replace(order, trial_days=14))
    knobs.pay(account, hosted.ref, "upi")
    standing = provider.look_up(hosted.ref)
    assert (standing.state, standing.charges, standing.refunds) == ("active", (), ())
    begins = standing.started_at.timestamp()
    assert begins >= account.now + 14 * DAY, "nobody is charged before the days are over"
    account.advance(begins)
    standing = provider.look_up(hosted.ref)
    assert [(c.number, c.amount, c.paid) for c in standing.charges] == [(0, 90000, True)]
    assert standing.started_at.timestamp() == begins


@pytest.mark.parametrize(
    "facts",
    [
        {"interval": Interval("year", 2)},
        {"interval": Interval("month", 24)},
        {"interval": Interval("day", 6)},
        {"opening": Opening(100, 1)},
        {"amount": 99},
        {"renews": False, "trial_days": 7},
    ],
)
def test_what_razorpay_cannot_sell_is_refused_with_a_remedy(provider, server, order, facts):
    with pytest.raises(GatewayRefused) as refused:
        provider.open_checkout(replace(order, **facts))
    assert refused.value.remedy
    assert server.calls == [], "nothing is made"


@pytest.mark.parametrize("renews", [True, False])
def test_a_checkout_is_closed_when_another_takes_its_place(provider, account, order, renews):
    first = provider.open_checkout(replace(order, renews=renews))
    other = replace(order, key="another-key-1", amount=120000, replaces=first.ref)
    provider.open_checkout(other)
    assert provider.look_up(first.ref).state == "closed"
    assert provider.open_checkout(other), "and again"


@pytest.mark.parametrize("renews", [True, False])
def test_a_paid_checkout_is_not_replaced(provider, account, order, renews):
    first = provider.open_checkout(replace(order, renews=renews))
    knobs.pay(account, first.ref)
    with pytest.raises(GatewayRefused):
        provider.open_checkout(replace(order, key="another-key-1", replaces=first.ref))
    assert provider.look_up(first.ref).state == "active"
    assert len(account.of("subscription")) + len(account.of("payment_link")) == 1


def test_case_13_an_object_of_somebody_else_has_no_key(provider, account, order):
    hosted = provider.open_checkout(order)
    account.get(hosted.ref)["notes"] = []
    assert provider.look_up(hosted.ref).key == ""
    link = provider.open_checkout(replace(order, renews=False)).ref
    account.get(link)["notes"] = []
    knobs.pay(account, link)
    payment = account.payment("order_shop", 5000, "INR", "card")["id"]
    invoice = account.new("invoice", subscription_id=None)["id"]
    for ref in (link, account.get(link)["payments"][0]["payment_id"], payment, invoice):
        standing = provider.look_up(ref)
        assert (standing.key, standing.state, standing.charges) == ("", "closed", ())
    for ref in ("pay_unknown1", "", "sub_1/../plans", "sub"):
        with pytest.raises(GatewayRefused):
            provider.look_up(ref)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_wrong_key_or_too_many_calls_says_nothing_about_what_was_asked(
    provider, server, order, status
):
    server.trouble["GET /v1"] = status
    with pytest.raises(GatewaySilent):
        provider.look_up("sub_00000000000001")


def test_case_08_keys_of_the_other_mode_find_nothing_and_no_secret_is_said(server, order, capsys):
    provider = Razorpay(server.url, KEY_ID, "secret-of-the-live-mode", ("w",))
    with pytest.raises(GatewaySilent) as silent:
        provider.open_checkout(order)
    gone = Razorpay("http://127.0.0.1:9", KEY_ID, "secret-of-the-live-mode", ("w",))
    with pytest.raises(GatewaySilent) as nobody:
        gone.look_up("sub_00000000000001")
    said = f"{silent.value} {nobody.value} {capsys.readouterr()}"
    assert "secret" not in said and KEY_ID not in said and "Connection failed" not in said
