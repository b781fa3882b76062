"""The reader pauses, goes on earlier, or takes a pause back; what must hold meanwhile."""

from typing import ClassVar

from hypothesis.stateful import invariant

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Pause, Subscription
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.tests.money_machine.stage import Stage


class Resting(Stage):
    MOVES = (
        *[("pause", months) for months in (1, 2)] * 3, *[("resume",)] * 2,
        *[("lose", name, how) for name in ("pause", "resume") for how in ("call", "answer")],
    )  # fmt: skip

    NEEDS: ClassVar = {
        "pause": lambda m, months: m.may_rest,
        "resume": lambda m: Pause.objects.filter(state__in=Pause.WAITING).exists(),
    }

    @property
    def may_rest(self):
        live = self.live
        paid = live is not None and live.renews and live.periods.exists()
        return paid and not live.pauses.filter(state__in=Pause.WAITING).exists()

    def pause(self, months):
        if (live := self.live) is None:
            return False
        try:
            return actions.pause(self.till, live, months, ends_of(live, months))
        except (Refusal, GatewaySilent):
            return False

    def resume(self):
        if self.live is None:
            return False
        try:
            return actions.resume_now(self.till, self.live)
        except (Refusal, GatewaySilent):
            return False

    @invariant()
    def nothing_is_charged_in_a_pause(self):
        for pause in Pause.objects.filter(state=Pause.PLANNED):
            assert not pause.subscription.periods.filter(number__gte=pause.number).exists()
        for pause in Pause.objects.filter(state=Pause.DONE):
            first = pause.subscription.periods.filter(number=pause.number).first()
            assert first is None or first.starts >= pause.begins
        for resting in Subscription.objects.filter(state=Subscription.PAUSED):
            assert resting.periods.last().ends <= clock.now()
