"""Access that nobody paid for here: brought along in a list, or given by staff; and taken back."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar

from broadsheet.kit import clock
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Grant, SubscriberImport
from broadsheet.subscriptions.tests.import_cast import HEAD, imported
from broadsheet.subscriptions.tests.money_cast import KOLKATA
from broadsheet.subscriptions.tests.money_machine.stage import Stage

THEIRS = "Gold"


@dataclass
class Brought:
    """What a reader has from elsewhere, `since` when and until when (None: without an end), by the
    number of the list that brought it first; `over` when that list was undone."""

    since: datetime
    first: datetime
    until: datetime | None
    rights: list
    by: int
    over: bool = False

    @property
    def span(self):
        return None if self.over else (self.first, self.until, self.rights)


@dataclass
class Honour:
    """A complimentary right, and the grant it is."""

    reader: int
    grant: Grant
    span: tuple | None


class Bringing(Stage):
    """`brought` and `honours` are the machine's own book of it."""

    MOVES = (
        ("bring", 10), ("bring", 40), ("bring", None),
        ("undo_list", False), ("undo_list", False), ("undo_list", True),
        ("honour", 5), ("honour", 60), ("dishonour",),
    )  # fmt: skip

    NEEDS: ClassVar = {
        "bring": lambda m, days: m.live is None,
        "undo_list": lambda m, signs_in: m.reader.pk in m.brought and not m.mine.over,
        "dishonour": lambda m: any(h.span is not None for h in m.honours),
    }

    @property
    def mine(self):
        return self.brought[self.reader.pk]

    def bring(self, days):
        """The reader stands in a list of subscribers, perhaps not for the first time."""
        now, plan = clock.now(), self.plans[2]
        day = None if days is None else (now + timedelta(days=days)).astimezone(KOLKATA).date()
        line = (
            f"b{self.reader.pk},{self.reader.email},,{THEIRS},{day or ''},{'' if day else 'yes'},,"
        )
        made = imported(f"{HEAD}{line}\n", {THEIRS: plan.slug})
        if self.live is not None:
            assert made.counts["own"] == 1, "who subscribes here is left alone"
            return False
        known = self.brought.get(self.reader.pk)
        by = made.pk if known is None or known.over else known.by
        first, since = (known.first, known.since) if known else (now, now)
        ends = day and datetime.combine(day + timedelta(days=1), time(), KOLKATA)
        self.brought[self.reader.pk] = Brought(since, first, ends, plan.current.entitlements, by)
        return True

    def undo_list(self, signs_in):
        """Who has signed in since keeps what the list has opened."""
        if self.reader.pk not in self.brought:
            return False
        if signs_in:
            self.reader.last_login = clock.now()
            self.reader.save(update_fields=["last_login"])
        found = SubscriberImport.objects.get(pk=self.mine.by)
        if found.state != SubscriberImport.DONE:
            return False
        actions.undo_import(found)
        actions.run_imports()
        login = self.reader.last_login
        self.mine.over = login is None or login < self.mine.since
        return self.mine.over != signs_in

    def honour(self, days):
        """Staff gives a right for nothing."""
        now = clock.now()
        span = now, now + timedelta(days=days), ["archive"]
        given = {"valid_from": span[0], "valid_until": span[1]}
        grant = Grant.objects.create(reader=self.reader, entitlement="archive", **given)
        self.honours.append(Honour(self.reader.pk, grant, span))
        return True

    def dishonour(self):
        """And takes the last one back that is left."""
        last = next((h for h in reversed(self.honours) if h.span is not None), None)
        if last is None or not Grant.objects.filter(pk=last.grant.pk).exists():
            return False
        last.grant.revoked_at, last.span = clock.now(), None
        last.grant.save()
        return True
