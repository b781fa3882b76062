"""A line that loses what is said, and the gateway's own idea of which periods were paid."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay.direct import Direct

KOLKATA = ZoneInfo("Asia/Kolkata")


class BadLine(Direct):
    """The engine behind a line that, on demand, loses the next call of a kind or its answer.

    `missed` is what was lost so far, `rested` which pauses the paper has been told of: the
    reference and the number of the period after it."""

    def __init__(self, gateway):
        super().__init__(gateway, "whsec")
        self.lost, self.counted = {}, {}
        self.missed, self.rested = set(), set()

    def _over(self, name, *args, **options):
        lost = self.lost.pop(name, None)
        if lost is not None:
            self.missed.add(name)
        if lost == "call":
            raise GatewaySilent("The call was lost.")
        answer = getattr(super(), name)(*args, **options)
        if name in ("pause", "resume"):
            self._note_origin(args[0])
        if lost == "answer":
            raise GatewaySilent("The answer was lost.")
        if name == "look_up" and answer.rests_until is not None:
            self.rested.add((answer.ref, answer.base))
        return answer

    def _note_origin(self, ref):
        """From where the gateway counts since then: the period, and its beginning."""
        row = self.gateway.book.row("SELECT base, anchor FROM agreement WHERE ref = ?", ref)
        if row["base"]:
            self.counted[ref, row["base"]] = moment(row["anchor"])

    def open_checkout(self, order):
        return self._over("open_checkout", order)

    def look_up(self, ref):
        return self._over("look_up", ref)

    def set_renewal(self, ref, *, renews):
        return self._over("set_renewal", ref, renews=renews)

    def refund(self, charge, amount, *, key):
        return self._over("refund", charge, amount, key=key)

    def change(self, ref, change):
        return self._over("change", ref, change)

    def drop_change(self, ref, key):
        return self._over("drop_change", ref, key)

    def pause(self, ref, *, number, until):
        return self._over("pause", ref, number=number, until=until)

    def resume(self, ref, *, number):
        return self._over("resume", ref, number=number)

    def open_card_page(self, ref, *, return_url, language):
        return self._over("open_card_page", ref, return_url=return_url, language=language)


def plus(anchor, unit, number):
    """So many weeks or months after a moment; the last day where one is missing."""
    at = anchor.astimezone(KOLKATA)
    if unit == "week":
        return (at + timedelta(weeks=number)).astimezone(UTC)
    month = at.month - 1 + number
    first = at.replace(year=at.year + month // 12, month=month % 12 + 1, day=1)
    days = [first + timedelta(days=n) for n in range(at.day)]
    return max(day for day in days if day.month == first.month).astimezone(UTC)


def charged_periods(book, ref, unit, counted=()):
    """Reference, number, start and end of what was paid, from the gateway's rows alone.

    `unit` is that of the order. A change at once counts anew from its charge and ends the period
    before, unless all of it went back; a planned one counts on from where the period ends.
    """
    charges = book.rows("SELECT * FROM charge WHERE paid AND agreement = ? ORDER BY number", ref)
    rows = book.rows("SELECT * FROM change WHERE agreement = ? AND state = 'in_force'", ref)
    changes = {row["number"]: row for row in rows}
    found, base, anchor = [], 0, None
    for charge in charges:
        number, change = charge["number"], changes.get(charge["number"])
        begun = plus(anchor, unit, number - base) if number else moment(charge["at"])
        if change is not None:
            if change["at_once"]:
                begun = moment(charge["at"])
                if not is_gone(book, charge):
                    found[-1] = (*found[-1][:3], begun)
            base, anchor, unit = number, begun, change["unit"]
        elif (ref, number) in counted:
            base, anchor = number, counted[ref, number]
            begun = anchor
        anchor = anchor or begun
        ends = plus(anchor, unit, number - base + 1)
        found.append((ref, number, begun, ends))
    return set(found)


def moment(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def is_gone(book, charge):
    """Whether the reader, or the reader's bank, has all of a charge, for good or until decided."""
    back = "SELECT coalesce(sum(amount), 0) AS sum FROM {} WHERE charge = ?"
    refunds = book.row(back.format("refund"), charge["ref"])["sum"]
    held = book.row(back.format("dispute") + " AND state != 'won'", charge["ref"])["sum"]
    return refunds + held == charge["amount"]
