"""What a subscriber clicks on: cancelling, going on after all, another plan, another card."""

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import DECLINED, terms
from broadsheet.subscriptions.tests.money_machine.stage import Stage

UNITS = ("week", "month")


class Wishing(Stage):
    MOVES = (
        *[("wish", renews, tells) for renews in (True, False) for tells in (True, False)] * 2,
        *[("show", plan) for plan in (0, 1)] * 2, *[("change",)] * 3, ("keep",),
        ("card", DECLINED), ("reprice", 0, 2),
    )  # fmt: skip

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
        if changed.renews != found.renews:
            self.last_wish[found.ref] = len(self.wishes), renews
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

    def reprice(self, plan, price):
        offered = terms(price=price * 1000, unit=UNITS[plan], count=1, seats=3 - plan)
        actions.set_terms(self.plans[plan], offered)
