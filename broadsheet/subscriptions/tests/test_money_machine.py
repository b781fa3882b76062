"""Whatever happens in whatever order: books, access and promises agree.

The line to the gateway loses calls and answers; webhooks never come, come twice or long after; the
reader clicks on everything, leaves for good and comes back; staff refunds, whole and in part; days
are closed or are not. What must hold at every step is in the invariants; what must hold once the
worker has had its turns, in `teardown`.
"""

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
from broadsheet.subscriptions.tests.money_machine.buying import Buying
from broadsheet.subscriptions.tests.money_machine.ending import Ending
from broadsheet.subscriptions.tests.money_machine.giving import Giving
from broadsheet.subscriptions.tests.money_machine.lending import Lending
from broadsheet.subscriptions.tests.money_machine.passing import Passing
from broadsheet.subscriptions.tests.money_machine.resting import Resting
from broadsheet.subscriptions.tests.money_machine.returning import Returning
from broadsheet.subscriptions.tests.money_machine.stage import STARTS, TRIED
from broadsheet.subscriptions.tests.money_machine.wishing import Wishing

TOPICS = (Buying, Passing, Wishing, Resting, Returning, Lending, Giving)
MOVES = [move for topic in TOPICS for move in topic.MOVES]
"""One rule draws from all moves alike: Hypothesis would leave kinds of rules out at random."""


class Money(*TOPICS, Ending, RuleBasedStateMachine):
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


@pytest.mark.parametrize("examples", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_whatever_happens_books_access_and_promises_agree(
    till, plan, travel, monkeypatch, examples
):
    actions.set_terms(plan, terms(unit="week", count=1, seats=3))
    other = Plan.objects.create(slug="other", name="Other")
    first = {"intro_price": 300, "intro_periods": 2}
    actions.set_terms(other, terms(price=500, unit="month", count=1, seats=2, **first))
    ticket = Plan.objects.create(slug="ticket", name="Ticket")
    actions.set_terms(ticket, terms(price=400, unit="week", count=1, renews=False))
    tried = Plan.objects.create(slug="tried", name="Tried")
    actions.set_terms(tried, terms(price=600, unit="month", count=1, trial_days=TRIED.days))
    SalesPolicy.objects.update_or_create(pk=1, defaults={"pause_every": 0})
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
