"""What every gateway that can take another card while nothing is overdue must do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN

BACK = "https://paper.example/account/card/back/"
MID, RENEWED = datetime(2026, 2, 14, 10, tzinfo=UTC), datetime(2026, 2, 28, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def able(bench):
    if "card" not in bench.provider.can:
        with pytest.raises(GatewayRefused):
            bench.provider.open_card_page("sub_1", return_url=BACK, language="en")
        pytest.skip("This gateway changes the card of no subscription that is paid.")


def bought(bench, card="good", **facts):
    asked = order(interval=Interval("month", 1), amount=30000, **facts)
    ref = bench.provider.open_checkout(asked).ref
    assert bench.pay(ref, card)
    return ref


def page(bench, ref):
    return bench.provider.open_card_page(ref, return_url=BACK, language="en")


def tried(bench, ref):
    return [(charge.number, charge.paid) for charge in bench.provider.look_up(ref).charges]


def test_a_page_that_nobody_fills_in_changes_nothing(bench):
    ref = bought(bench)
    before = bench.provider.look_up(ref)
    assert before.card.said == "•••• 4242" and before.card.ref
    first, second = page(bench, ref), page(bench, ref)
    assert first != second
    assert bench.provider.look_up(ref) == before


def test_the_next_charge_is_taken_from_the_new_card(bench):
    ref = bought(bench, "once")
    before = bench.provider.look_up(ref).card
    bench.move_to(MID)
    assert bench.change_card(page(bench, ref), "good")
    for _ in range(2):
        standing = bench.provider.look_up(ref)
        assert (standing.card.said, standing.card.ref == before.ref) == ("•••• 4242", False)
        assert tried(bench, ref) == [(0, True)], "nothing is charged by it"
    bench.move_to(RENEWED)
    assert tried(bench, ref) == [(0, True), (1, True)]
    assert bench.provider.look_up(ref).charges[1].card == "•••• 4242"


def test_and_not_from_the_one_before_though_that_would_pay(bench):
    ref = bought(bench)
    assert bench.change_card(page(bench, ref), "once")
    assert bench.provider.look_up(ref).card.said == "•••• 0341"
    bench.move_to(RENEWED)
    standing = bench.provider.look_up(ref)
    assert (standing.state, tried(bench, ref)[:2]) == ("past_due", [(0, True), (1, False)])


def test_a_card_that_is_declined_leaves_the_one_that_is_kept(bench):
    ref = bought(bench)
    before = bench.provider.look_up(ref).card
    assert not bench.change_card(page(bench, ref), "declined")
    assert bench.provider.look_up(ref).card == before
    bench.move_to(RENEWED)
    assert tried(bench, ref) == [(0, True), (1, True)]


def test_the_same_card_again_and_the_last_of_two_pages_counts(bench):
    ref = bought(bench)
    first, second = page(bench, ref), page(bench, ref)
    seen = {bench.provider.look_up(ref).card.ref}
    for url, card in ((first, "good"), (second, "once")):
        assert bench.change_card(url, card)
        seen.add(bench.provider.look_up(ref).card.ref)
    assert len(seen) == 3
    assert bench.provider.look_up(ref).card.said == "•••• 0341"


def test_the_card_is_changed_in_a_trial_and_in_a_pause(bench):
    ref = bought(bench, trial_days=10)
    assert bench.change_card(page(bench, ref), "once")
    assert bench.provider.look_up(ref).card.said == "•••• 0341"
    rests = bought(bench, key="another")
    bench.provider.pause(rests, number=1, until=datetime(2026, 5, 10, 10, tzinfo=UTC))
    bench.move_to(datetime(2026, 3, 20, 10, tzinfo=UTC))
    assert bench.change_card(page(bench, rests), "once")
    standing = bench.provider.look_up(rests)
    assert (standing.card.said, standing.rests_until is None) == ("•••• 0341", False)


def test_a_card_changed_when_another_plan_is_planned_is_that_plans_card(bench):
    from broadsheet.ledger.providers.base import Change

    ref = bought(bench)
    wanted = Change("change-1", 1, 20000, Interval("month", 1), "Small", 0, False, RENEWED)
    bench.provider.change(ref, wanted)
    assert bench.change_card(page(bench, ref), "once")
    assert bench.provider.look_up(ref).pending.key == "change-1"
    bench.move_to(RENEWED)
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.card.said) == ("past_due", "•••• 0341")


def test_where_nothing_renews_there_is_no_page(bench):
    ref = bench.provider.open_checkout(order()).ref
    with pytest.raises(GatewayRefused):
        page(bench, ref)
    ref = bought(bench, key="another")
    bench.provider.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused):
        page(bench, ref)


def test_the_list_of_what_stirred_has_it(bench):
    ref = bought(bench)
    bench.move_to(MID)
    assert bench.change_card(page(bench, ref), "once")
    assert ref in {row.ref for row in bench.provider.list_since(MID).rows}


def test_all_else_stays_as_it_was(bench):
    ref = bought(bench)
    before = bench.provider.look_up(ref)
    assert bench.change_card(page(bench, ref), "once")
    assert replace(bench.provider.look_up(ref), card=before.card) == before
    assert before.started_at == BEGIN
