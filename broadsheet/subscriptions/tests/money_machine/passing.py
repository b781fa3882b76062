"""Time goes by; the worker works or does not, webhooks come when they like, the line loses some."""

from datetime import timedelta

from broadsheet.subscriptions import actions
from broadsheet.subscriptions.tests.money_machine.stage import Stage
from broadsheet.subscriptions.tests.test_webhooks import body, deliver

PAUSES = (
    timedelta(minutes=20), timedelta(hours=21), timedelta(days=1), timedelta(days=7),
    timedelta(days=8), timedelta(days=31),
)  # fmt: skip
CALLS = ("open_checkout", "look_up", "set_renewal", "refund", "change", "drop_change")


class Passing(Stage):
    MOVES = (
        *[("later", pause, works) for pause in PAUSES for works in (True, False)],
        *[("lose", name, how) for name in CALLS for how in ("call", "answer")],
        *[("hook", number, event) for number in (0, 1) for event in ("evt_1", "evt_2")],
        ("work",), ("close",),
    )  # fmt: skip

    def later(self, pause, works):
        self.travel.shift(pause)
        self.till.gateway.run_due()
        if works:
            self.work()

    def work(self):
        actions.take_events()
        actions.ask_again()
        actions.end_due()
        actions.begin_pauses()
        actions.close_days()

    def close(self):
        actions.close_days()

    def hook(self, number, event):
        """Announced, perhaps for the second time, and taken up whenever the worker works."""
        if (ref := self.ref(number)) is not None:
            assert deliver(body(ref, event)).status_code == 200

    def lose(self, name, lost):
        self.till.lost[name] = lost
