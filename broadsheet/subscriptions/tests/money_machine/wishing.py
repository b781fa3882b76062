"""What a subscriber clicks on: cancelling, going on after all, another plan, another card."""

from typing import ClassVar

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import PlanChange
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, terms
from broadsheet.subscriptions.tests.money_machine.stage import Stage


class Wishing(Stage):
    """`shown` is what the reader was shown and `offered` for which terms, by the change's key."""

    MOVES = (
        *[("wish", renews, tells) for renews in (True, False) for tells in (True, False)] * 2,
        *[("show", plan) for plan in (0, 1)] * 2, *[("change",)] * 3, ("keep",), ("keep",),
        ("card", DECLINED), ("card", GOOD), ("reprice", 0, 2), ("reprice", 0, 3),
    )  # fmt: skip

    NEEDS: ClassVar = {
        "wish": lambda m, renews, tells: m.goes_on(not renews),
        "show": lambda m, plan: m.goes_on(True) and m.live.version.plan != m.plans[plan],
        "change": lambda m: m.page is not None and m.goes_on(True) and not m.waits,
        "keep": lambda m: m.waits,
        "card": lambda m, number: m.live is not None,
    }

    def goes_on(self, renews):
        live = self.live
        return live is not None and live.version.renews and live.renews == renews

    @property
    def waits(self):
        return PlanChange.objects.filter(state__in=PlanChange.WAITING).exists()

    def gift_waits(self, reader):
        """Whether a gift that the reader redeemed begins later: then nothing else may go on."""
        mine = [span for whose, span in self.redeemed.values() if whose == reader]
        return any(starts > clock.now() for starts, _ in mine)

    def wish(self, renews, tells):
        if (found := self.live) is None:
            return False
        try:
            changed = actions.set_renewal(found, renews=renews)
        except Refusal:
            assert renews
            assert not found.version.renews or self.gift_waits(found.reader_id)
            return False
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
        return changed.renews != found.renews

    def show(self, plan):
        """The page of a change; what it says is kept as the reader saw it."""
        version, live = self.plans[plan].current, self.live
        if live is None:
            return False
        try:
            said = quote_of(live, version, clock.now())
        except Refusal:
            return False
        self.page = live, version, actions.sealed(live, version, said, clock.now())
        key = self.page[2].rpartition(":")[2][:40]
        self.shown[key], self.offered[key] = said, version
        return True

    def change(self):
        if self.page is None:
            return False
        try:
            return actions.change_plan(self.till, *self.page)
        except (Refusal, GatewaySilent):
            return False

    def keep(self):
        if self.live is None or not self.waits:
            return False
        try:
            actions.keep_plan(self.till, self.live)
        except (Refusal, GatewaySilent):
            return False
        return not self.waits

    def card(self, number):
        if self.live is None:
            return False
        try:
            self.till.gateway.set_card(self.live.ref, read_number(number))
        except GatewayRefused:
            return False
        return True

    def reprice(self, plan, price):
        """Another price for new readers, and all else as it is."""
        now = self.plans[plan].current
        facts = ("unit", "count", "seats", "entitlements")
        kept = {name: getattr(now, name) for name in facts}
        offered = actions.set_terms(self.plans[plan], terms(price=price * 1000, **kept))
        return offered.pk != now.pk
