"""Whatever happens in whatever order: books, access and promises agree.

The line to the gateway loses calls and answers; webhooks never come, come twice or long after; the
reader clicks on everything, leaves for good and comes back; staff refunds, whole and in part; days
are closed or are not. What must hold at every step is in the invariants; what must hold once the
worker has had its turns, in `teardown`.

`test_every_kind_of_move_comes_to_something` makes each kind of move once, always the same ones.
"""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Coupon, Plan, SalesPolicy
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, terms
from broadsheet.subscriptions.tests.money_machine.bringing import Bringing
from broadsheet.subscriptions.tests.money_machine.buying import Buying
from broadsheet.subscriptions.tests.money_machine.ending import Ending
from broadsheet.subscriptions.tests.money_machine.giving import Giving
from broadsheet.subscriptions.tests.money_machine.lending import Lending
from broadsheet.subscriptions.tests.money_machine.passing import Passing
from broadsheet.subscriptions.tests.money_machine.resting import Resting
from broadsheet.subscriptions.tests.money_machine.returning import Returning
from broadsheet.subscriptions.tests.money_machine.script import SCRIPT
from broadsheet.subscriptions.tests.money_machine.stage import STARTS, TRIED
from broadsheet.subscriptions.tests.money_machine.wishing import Wishing

TOPICS = (Buying, Passing, Wishing, Resting, Returning, Lending, Giving, Bringing)
MOVES = [move for topic in TOPICS for move in topic.MOVES]
"""One rule draws from all moves alike: Hypothesis would leave kinds of rules out at random."""

NEEDS = {kind: need for topic in TOPICS for kind, need in topic.NEEDS.items()}
"""What must be so for a move to come to something, most of the time; no entry: nothing."""

TRIES = 10
"""So many moves are drawn for one; more make fewer that are in vain."""
SOAK = 300
"""So many lives in the long run, each time others; the usual run has the same few every time."""

KINDS = {kind for kind, *_ in MOVES}


WIDE = ["unlimited", "premium"]


class Money(*TOPICS, Ending, RuleBasedStateMachine):
    @initialize(card=st.sampled_from([GOOD, ONCE, None]), start=st.sampled_from(STARTS))
    def begin(self, card, start):
        self.travel.move_to(start)
        self.choose(0)
        if card:
            self.pay(0, card)
            self.settle(0)

    @rule(moves=st.lists(st.sampled_from(MOVES), min_size=TRIES, max_size=TRIES))
    def step(self, moves):
        """The first of some that may come to something as things are."""
        self.make(next(filter(self.fits, moves), moves[0]))

    def fits(self, move):
        kind, *facts = move
        return kind not in NEEDS or NEEDS[kind](self, *facts)


@pytest.fixture
def machine(till, plan, travel, monkeypatch):
    """The plans on sale, and a machine that counts its moves."""
    actions.set_terms(plan, terms(unit="week", count=1, seats=3, entitlements=WIDE))
    other = Plan.objects.create(slug="other", name="Other")
    first = {"intro_price": 300, "intro_periods": 2, "entitlements": ["unlimited"]}
    actions.set_terms(other, terms(price=500, unit="month", count=1, seats=2, **first))
    ticket = Plan.objects.create(slug="ticket", name="Ticket")
    once = {"renews": False, "entitlements": ["unlimited", "ad_free"]}
    actions.set_terms(ticket, terms(price=400, unit="week", count=1, **once))
    tried = Plan.objects.create(slug="tried", name="Tried")
    trial = {"trial_days": TRIED.days, "entitlements": ["premium"]}
    actions.set_terms(tried, terms(price=600, unit="month", count=1, **trial))
    SalesPolicy.objects.update_or_create(pk=1, defaults={"pause_every": 0})
    Coupon.objects.create(code="SPRING", percent=30, periods=2, valid_from=STARTS[0])
    counts = {"made": Counter(), "accepted": Counter()}
    return type("Machine", (Money,), {"travel": travel, "patch": monkeypatch, **counts})


@pytest.mark.parametrize("examples", [6, pytest.param(SOAK, marks=pytest.mark.soak)])
def test_whatever_happens_books_access_and_promises_agree(machine, examples):
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            derandomize=examples < SOAK,
            phases=[Phase.generate],
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=quiet,
        ),
    )
    told = {kind: (machine.accepted[kind], machine.made[kind]) for kind in sorted(KINDS)}
    assert machine.accepted.total() > machine.made.total() / 2, told
    if examples >= SOAK:
        assert set(+machine.accepted) == KINDS, told


def test_every_kind_of_move_comes_to_something(machine):
    """Always the same moves, each of which must be accepted, with all that must hold after each."""
    money = machine()
    try:
        money.travel.move_to(STARTS[1])
        for move in SCRIPT:
            vainly, move = move[0] == "vainly", move[move[0] == "vainly" :]
            assert money.make(move) is not vainly, move
            for invariant in money.invariants:
                invariant.function(money)
        assert set(+machine.accepted) == KINDS
        assert money.till.missed == {move[1] for move in MOVES if move[0] == "lose"}
    finally:
        money.teardown()
