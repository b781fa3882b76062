"""The books by month: what each account was debited and credited, and its balance."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, Max, Min, Q, Sum, Value, When
from django.utils.translation import gettext as _

from broadsheet.kit.money import Money
from broadsheet.ledger.models import Audit, Journal, Posting
from broadsheet.ledger.rules import DEFERRED, DISPUTED, FEES, GIFTS, ROUNDING, SALES, TAX
from broadsheet.subscriptions.reads.business.payments import Sink, guarded
from broadsheet.subscriptions.reads.business.written import Words, month_name, month_range

HEAD = ("month", "account", "currency", "debit", "credit", "balance")
ORDER = ("gateway", DISPUTED, GIFTS, DEFERRED, SALES, FEES, ROUNDING, TAX)


@dataclass(frozen=True, slots=True)
class Sums:
    """An account in a month, minor units: debit and credit of the month, the balance after it.

    `balance` is debits less credits since the first posting; below zero we owe it, or earned it.
    """

    month: str
    account: str
    currency: str
    debit: int
    credit: int
    balance: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the screen, amounts written out."""

    name: str
    account: str
    debit: str
    credit: str
    balance: str


@dataclass(frozen=True, slots=True)
class CurrencyBooks:
    """The books of a month in one currency; `deferred` and `earned` are the figures above them."""

    currency: str
    deferred: str
    earned: str
    rows: tuple[AccountRow, ...]
    debit: str
    credit: str


def sums(words: Words) -> list[Sums]:
    """Every account in every month since its first posting, by month, currency and account.

    Months are the paper's; two queries, however many postings there are. The month of a posting is
    found by comparing: SQLite would ask Python about each one (2 s instead of 17 for a million).
    """
    bounds = list(_bounds(words))
    if not bounds:
        return []
    ends = (When(journal__at__lt=end, then=Value(key)) for key, end in bounds)
    rows = (
        Posting.objects.order_by()
        .annotate(month=Case(*ends, output_field=CharField()))
        .values_list("month", "currency", "account")
        .annotate(
            debit=Sum("amount", filter=Q(amount__gt=0), default=0),
            credit=Sum("amount", filter=Q(amount__lt=0), default=0),
        )
    )
    moved = {(key, code, name): (int(d), -int(c)) for key, code, name, d, c in rows}
    return list(_accumulated(moved))


def _bounds(words: Words) -> Iterator[tuple[str, datetime]]:
    """Every month from the first ledger journal to the last, and its after-last moment."""
    found = Journal.objects.aggregate(first=Min("at"), last=Max("at"))
    at = words.first_of_month(found["first"]) if found["first"] else None
    while at is not None and at <= found["last"]:
        end = month_range(at)[1]
        yield at.strftime("%Y-%m"), end
        at = end.astimezone(words.zone)


def _accumulated(moved: dict[tuple[str, str, str], tuple[int, int]]) -> Iterator[Sums]:
    balances: dict[tuple[str, str], int] = {}
    for month in sorted({month for month, _code, _name in moved}):
        for account in {(code, name) for at, code, name in moved if at == month}:
            balances.setdefault(account, 0)
        for code, name in sorted(balances, key=_place):
            debit, credit = moved.get((month, code, name), (0, 0))
            balances[code, name] += debit - credit
            yield Sums(month, name, code, debit, credit, balances[code, name])


def _place(account: tuple[str, str]) -> tuple[str, int, str]:
    code, name = account
    kind = name.partition(":")[0]
    return code, ORDER.index(kind) if kind in ORDER else len(ORDER), name


def months(found: list[Sums], words: Words) -> list[tuple[str, str]]:
    """The months there are, the newest first, with their names."""
    keys = sorted({row.month for row in found}, reverse=True)
    first = (datetime(int(key[:4]), int(key[5:]), 1, tzinfo=words.zone) for key in keys)
    return [(key, month_name(at)) for key, at in zip(keys, first, strict=True)]


def books(found: list[Sums], month: str, words: Words) -> list[CurrencyBooks]:
    """The books of a month, a table for each currency."""
    rows = [row for row in found if row.month == month]
    return [
        _currency(code, [row for row in rows if row.currency == code], words)
        for code in sorted({row.currency for row in rows})
    ]


def _currency(code: str, rows: list[Sums], words: Words) -> CurrencyBooks:
    def of(account: str) -> Sums:
        empty = Sums("", account, code, 0, 0, 0)
        return next((row for row in rows if row.account == account), empty)

    sales = of(SALES)
    return CurrencyBooks(
        currency=code,
        deferred=words.amount(-of(DEFERRED).balance, code),
        earned=words.amount(sales.credit - sales.debit, code),
        rows=tuple(_row(row, words) for row in rows),
        debit=words.amount(sum(row.debit for row in rows), code),
        credit=words.amount(sum(row.credit for row in rows), code),
    )


def _row(row: Sums, words: Words) -> AccountRow:
    return AccountRow(
        name=account_name(row.account),
        account=row.account,
        debit=words.amount(row.debit, row.currency) if row.debit else "",
        credit=words.amount(row.credit, row.currency) if row.credit else "",
        balance=words.amount(row.balance, row.currency),
    )


def account_name(account: str) -> str:
    """What an account is called on the screen."""
    kind, _colon, detail = account.partition(":")
    if kind == "gateway":
        return _("Held by %(gateway)s") % {"gateway": detail.capitalize()}
    if kind == TAX and detail:
        name, _colon, rate = detail.rpartition(":")
        facts = {"tax": name or _("tax"), "rate": f"{int(rate) / 100:g}"}
        return _("%(tax)s %(rate)s%%") % facts
    named = {
        DEFERRED: _("Paid, not earned yet"),
        GIFTS: _("Gift subscriptions, not redeemed yet"),
        SALES: _("Earned"),
        TAX: _("Taxes, until parted"),
        FEES: _("Kept by gateways"),
        DISPUTED: _("Held by readers' banks"),
        ROUNDING: _("Rounding of taxes"),
    }
    return named.get(kind, account)


def write_csv(sink: Sink, found: list[Sums]) -> None:
    """Write all months as RFC 4180 lines, amounts in major units; the balance is debit positive."""
    lines = csv.writer(sink)
    lines.writerow(HEAD)
    for row in found:
        amounts = (row.debit, row.credit, row.balance)
        major = [f"{Money(amount, row.currency).major:f}" for amount in amounts]
        lines.writerow([row.month, guarded(row.account), row.currency, *major])


def last_audit() -> Audit | None:
    """The last check of the books that came to its end."""
    return Audit.objects.exclude(ended_at=None).first()
