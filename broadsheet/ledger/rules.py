"""Double entry: the accounts, what each event of money posts, and what is earned by which day.

Amounts are minor units of one currency. Days are proleptic Gregorian ordinals
(`datetime.date.toordinal`), in the paper's zone: whole numbers, so that a database can count too.
Pure.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

SALES = "sales"
DEFERRED = "deferred"
GIFTS = "gifts"
TAX = "tax"
FEES = "fees"
DISPUTED = "disputed"
ROUNDING = "rounding"


class Line(NamedTuple):
    """One posting: debits are positive, credits negative, in minor units."""

    account: str
    amount: int


def gateway_account(provider: str) -> str:
    """The account that says what a gateway holds for us."""
    return f"gateway:{provider}"


def tax_account(name: str, rate: int) -> str:
    """The account of one tax at one rate (ten-thousandths): what is owed to the tax office."""
    return f"{TAX}:{name}:{rate}"


def is_tax(account: str) -> bool:
    """Whether it is the account of a tax; older books have a single one, without name and rate."""
    return account == TAX or account.startswith(f"{TAX}:")


def is_not_ours(account: str) -> bool:
    """Whether it holds what of a price is not earned: taxes, and what their rounding misses."""
    return account == ROUNDING or is_tax(account)


class Stretch(NamedTuple):
    """Net money that is earned evenly over the days [first, until).

    What falls on days before `since` was earned before the books knew of it, and is not deferred.
    A negative amount takes another stretch back, day by day.
    """

    amount: int
    first: int
    until: int
    since: int


def days_of(starts: datetime, ends: datetime, zone: str) -> tuple[int, int]:
    """The days of a period, half-open: the day it begins on, and the one the next begins on.

    At least one day. Hours that clocks skip or repeat, and leap days, count as the calendar does.
    """
    local = ZoneInfo(zone)
    first, until = (at.astimezone(local).date().toordinal() for at in (starts, ends))
    return first, max(until, first + 1)


def earned(stretch: Stretch, day: int) -> int:
    """What falls on the days before `day`.

    Rounded towards zero, so that the parts of all days add up to the amount exactly, and no day
    gets more than one minor unit more than another.
    """
    whole = stretch.until - stretch.first
    passed = min(max(day - stretch.first, 0), whole)
    share = abs(stretch.amount) * passed // whole
    return share if stretch.amount >= 0 else -share


def unearned(stretch: Stretch, opens: int) -> int:
    """What is still deferred when `opens` is the first day that is not closed."""
    return stretch.amount - earned(stretch, max(opens, stretch.since))


def starting(net: int, first: int, until: int, opens: int) -> Stretch:
    """The stretch of a payment; what falls on closed days, before `opens`, is earned at once."""
    return Stretch(net, first, until, max(first, opens))


def shortened(stretch: Stretch, back: int, opens: int) -> tuple[Stretch, ...]:
    """What to add when `back` of a net amount is given back: what is deferred goes first.

    The stretch is taken back from the first open day on, and what is left of it, if anything, is
    earned over the days that are left.
    """
    since = max(opens, stretch.since)
    rest = unearned(stretch, since)
    if not rest:
        return ()
    undone = stretch._replace(amount=-stretch.amount, since=since)
    left = Stretch(rest - min(back, rest), since, stretch.until, since)
    return (undone, left) if left.amount else (undone,)


Owed = tuple[Line, ...]
"""What of a total is not ours, by account: each tax, and the rounding. Amounts as in the total."""


def amount_of(owed: Owed) -> int:
    """How much that is in all."""
    return sum(line.amount for line in owed)


def payment_lines(
    provider: str, total: int, owed: Owed, deferred: int, rest: str = SALES
) -> tuple[Line, ...]:
    """A payment of `total` with what is `owed` of it; `deferred` of ours is not earned yet, and the
    `rest` stands in sales, or in `GIFTS` until somebody redeems it."""
    return _lines(
        Line(gateway_account(provider), total),
        Line(DEFERRED, -deferred),
        Line(rest, deferred + amount_of(owed) - total),
        *reversed_lines(owed),
    )


def refund_lines(
    provider: str, total: int, owed: Owed, deferred: int, rest: str = SALES
) -> tuple[Line, ...]:
    """A refund of `total` with what was `owed`: `deferred` was not earned yet, the rest was."""
    return reversed_lines(payment_lines(provider, total, owed, deferred, rest))


def fee_lines(provider: str, fee: int) -> tuple[Line, ...]:
    """What a gateway kept for itself."""
    return _lines(Line(FEES, fee), Line(gateway_account(provider), -fee))


def disputed_lines(provider: str, amount: int) -> tuple[Line, ...]:
    """A bank took money back from a gateway, until it is decided; won, the other way round."""
    return _lines(Line(DISPUTED, amount), Line(gateway_account(provider), -amount))


def lost_lines(amount: int, owed: Owed, deferred: int, rest: str = SALES) -> tuple[Line, ...]:
    """A dispute was lost: as a refund, of the money that the bank holds."""
    return _lines(
        Line(DISPUTED, -amount),
        Line(DEFERRED, deferred),
        Line(rest, amount - amount_of(owed) - deferred),
        *owed,
    )


def redeemed_lines(amount: int, deferred: int) -> tuple[Line, ...]:
    """A gift is redeemed: `deferred` of it is earned over the days to come, the rest is now."""
    return _lines(Line(GIFTS, amount), Line(DEFERRED, -deferred), Line(SALES, deferred - amount))


def release_lines(amount: int) -> tuple[Line, ...]:
    """What a day earned."""
    return _lines(Line(DEFERRED, amount), Line(SALES, -amount))


def carried_lines(deferred: int, taxes: Mapping[str, int]) -> tuple[Line, ...]:
    """Payments of an older version: what is not earned yet leaves the sales, taxes are parted."""
    return _lines(
        Line(SALES, deferred),
        Line(DEFERRED, -deferred),
        Line(TAX, sum(taxes.values())),
        *(Line(account, -amount) for account, amount in sorted(taxes.items())),
    )


def reversed_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The same the other way round."""
    return tuple(Line(account, -amount) for account, amount in lines)


def _lines(*lines: Line) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.amount)


def is_balanced(lines: Iterable[Line]) -> bool:
    """Whether debits and credits add up to nothing."""
    return sum(line.amount for line in lines) == 0


def seal(key: bytes, before: str, *facts: object) -> str:
    """The seal of a journal: an HMAC-SHA256 (RFC 2104) over its facts and the seal before it.

    So no posting can be changed, left out or slipped in between without the paper's secret.
    """
    text = json.dumps([before, *facts], separators=(",", ":"), sort_keys=True, default=str)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def fiscal_year(day: date, begins: int) -> str:
    """The year of account that a day is in, when it begins with a month: "2026", or "2026-27"."""
    first = day.year if day.month >= begins else day.year - 1
    return str(first) if begins == 1 else f"{first}-{(first + 1) % 100:02d}"


def number_text(series: str, number: int) -> str:
    """An invoice's number in its year: "2026-000001", or "26-27-1" where the year is not a
    calendar's: with a prefix of three letters, 16 signs are enough for a million (CGST Rules 2017,
    rule 46(b))."""
    return f"{series}-{number:06d}" if len(series) == len("2026") else f"{series[2:]}-{number}"


def tax_share(tax: int, part: int, whole: int) -> int:
    """The tax inside `part` of a payment of `whole` that held `tax`, halves upwards.

    A rounding below zero is shared alike.
    """
    return (2 * tax * part + whole) // (2 * whole)
