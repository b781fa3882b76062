"""Time goes by; the worker works or does not, webhooks come when they like, the line loses some."""

import json
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from broadsheet.ledger.models import Delivery, Event
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.tests.money_machine.stage import Stage
from broadsheet.subscriptions.tests.test_webhooks import deliver

PAUSES = (
    timedelta(minutes=20), timedelta(hours=21), timedelta(days=1), timedelta(days=7),
    timedelta(days=8), timedelta(days=31),
)  # fmt: skip
CALLS = ("open_checkout", "look_up", "set_renewal", "refund", "change", "drop_change")


class Passing(Stage):
    """`heard` are the gateway's own events that have come; each has an id of its own."""

    MOVES = (
        *[("later", pause, works) for pause in PAUSES for works in (True, False)],
        *[("lose", name, how) for name in CALLS for how in ("call", "answer")],
        ("hook",), ("hook",), ("hook_overtaking",), ("hook_overtaking",), ("hook_twice", 0),
        ("hook_twice", 2), ("work",), ("close",),
    )  # fmt: skip

    NEEDS: ClassVar = {
        "later": lambda m, pause, works: bool(m.refs),
        "lose": lambda m, name, how: name not in m.till.lost and m.is_said(name),
        "hook": lambda m: bool(m.unheard()),
        "hook_overtaking": lambda m: len(m.unheard()) > 1,
        "hook_twice": lambda m, number: bool(m.heard),
    }

    def __init__(self):
        super().__init__()
        self.heard = []

    def later(self, pause, works):
        self.travel.shift(pause)
        self.till.gateway.run_due()
        if works:
            self.work()
        return True

    def work(self):
        actions.take_events()
        actions.ask_again()
        actions.end_due()
        actions.begin_pauses()
        actions.erase_due()
        actions.close_days()
        return True

    def close(self):
        return actions.close_days()

    def unheard(self):
        """What the gateway has to tell and nobody was told, the oldest first."""
        rows = self.till.gateway.book.rows("SELECT * FROM event ORDER BY serial")
        known = {row["id"] for row in self.heard}
        return [row for row in rows if row["id"] not in known]

    def hook(self):
        """The oldest comes, and is taken up whenever the worker works."""
        return self._come(0)

    def hook_overtaking(self):
        """The newest comes before all the others."""
        return self._come(-1)

    def _come(self, which):
        waiting = self.unheard()
        if not waiting:
            return False
        known = Event.objects.count()
        self._deliver(waiting[which])
        self.heard.append(waiting[which])
        assert Event.objects.count() == known + 1
        return True

    def hook_twice(self, number):
        """What came comes again: stored as it came, and nothing new."""
        if not self.heard:
            return False
        known = Event.objects.count(), Delivery.objects.count()
        self._deliver(self.heard[number % len(self.heard)])
        assert (Event.objects.count(), Delivery.objects.count()) == (known[0], known[1] + 1)
        return True

    def _deliver(self, row):
        created = datetime.fromtimestamp(row["created"], UTC).isoformat()
        facts = {"id": row["id"], "type": row["kind"], "ref": row["ref"], "created": created}
        assert deliver(json.dumps(facts).encode()).status_code == 200

    def lose(self, name, lost):
        self.till.lost[name] = lost
        return True

    def is_said(self, name):
        """Whether a call of the kind may be made soon."""
        if name in ("open_checkout", "look_up"):
            return name == "look_up" or self.live is None
        return self.live is not None
