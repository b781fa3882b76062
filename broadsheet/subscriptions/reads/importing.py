"""What the paper knows of the subscribers in a file, and what an import of it would do."""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.db.models import Q

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.subscriptions.imports import Known, Listing, Problem, Row, Verdict, judge, read
from broadsheet.subscriptions.imports.judging import CHANGED, ERASED, KNOWN, NEW
from broadsheet.subscriptions.models import (
    ImportedSubscription,
    Plan,
    PlanVersion,
    SubscriberImport,
    Subscription,
)
from broadsheet.subscriptions.models.imports import erased_code

BATCH = 500
"""Rows that are looked at, and written, together."""
TAKEN = (NEW, KNOWN, CHANGED)
GIVING = "subscriptions.add_grant"
"""The right to give what never ends: an import is no way around it."""


class Judged(NamedTuple):
    """A row, what is to become of it, and the rows of ours that it is about."""

    row: Row
    verdict: Verdict
    reader: int | None
    held: ImportedSubscription | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would do: rows by outcome and state, and every problem by its line."""

    counts: Mapping[str, int]
    problems: tuple[Problem, ...]


def read_list(data: bytes, format: str) -> Listing:
    """A file as the paper reads it: its days end in the paper's zone. Raises Refusal."""
    return read(data, format, zone=Paper.load().time_zone, now=clock.now())


def listing_of(found: SubscriberImport) -> Listing:
    """The file of an import that has not run to its end."""
    return read_list(zlib.decompress(found.file.packed), found.format)


def versions_of(plans: Mapping[str, str]) -> dict[str, int | None]:
    """For each plan of theirs the version that new readers of ours get, None for no access."""
    rows = PlanVersion.objects.filter(plan__slug__in=set(plans.values())).order_by("number")
    newest = dict(rows.values_list("plan__slug", "pk"))
    chosen = {theirs: slug for theirs, slug in plans.items() if not slug or slug in newest}
    return {theirs: newest.get(slug) for theirs, slug in chosen.items()}


def likely(names: Sequence[str]) -> dict[str, str]:
    """Of plans of theirs those that one of ours has the name or the address of."""
    ours: dict[str, str] = {}
    for plan in Plan.objects.exclude(versions=None):
        ours |= {plan.name.casefold(): plan.slug, plan.slug.casefold(): plan.slug}
    return {name: ours[name.casefold()] for name in names if name.casefold() in ours}


def gives_for_good(found: SubscriberImport, by: User | None = None) -> bool:
    """Whether an import may give what never ends when `by`, else who it belongs to, runs it."""
    runs = by or found.by
    return found.by_command if runs is None else runs.has_perm(GIVING)


def dry_run(found: SubscriberImport, listing: Listing, by: User | None = None) -> DryRun:
    """What would be done if `by`, else who uploaded it, ran it now; nothing is written. It asks as
    the run does, batch by batch."""
    counts, problems = Counter[str](), list(listing.problems)
    versions, seen = versions_of(found.plans), set[str]()
    for_good = gives_for_good(found, by)
    for place in range(0, len(listing.rows), BATCH):
        rows = listing.rows[place : place + BATCH]
        for judged in judge_batch(found.source, rows, versions, for_good=for_good, seen=seen):
            counts.update(tallied(judged.verdict))
            problems += [judged.verdict.problem] if judged.verdict.problem else []
    counts["unread"] = len(listing.problems)
    return DryRun(counts, tuple(sorted(problems, key=lambda problem: problem.line)))


def tallied(verdict: Verdict) -> list[str]:
    """Under what a row is counted: its outcome, and the state of what is written."""
    written = verdict.outcome in TAKEN and verdict.wanted is not None
    return [verdict.outcome, *([verdict.wanted.state] if written and verdict.wanted else [])]


def judge_batch(
    source: str,
    rows: Sequence[Row],
    versions: Mapping[str, int | None],
    *,
    for_good: bool,
    seen: set[str] | None = None,
    lock: bool = False,
) -> list[Judged]:
    """What is to become of each row, with as many queries for 500 rows as for one.

    `for_good`: what never ends may be given. `seen` collects the addresses that rows before have
    accounts made for. `lock` holds the readers' rows until the transaction ends, so that none of
    them buys meanwhile.
    """
    seen = set() if seen is None else seen
    held, erased = _held(source, rows)
    by_address = _readers(rows)
    numbers = {*by_address.values(), *(one.reader_id for one in held.values() if one.reader_id)}
    readers = _accounts(numbers, lock=lock)
    live = set(
        Subscription.objects.live().filter(reader__in=numbers).values_list("reader", flat=True)
    )
    now, found = clock.now(), []
    for row in rows:
        mine = held.get(row.foreign or row.email)
        number = mine.reader_id if mine else by_address.get(row.email)
        known = Known(
            account=number is not None or row.email in seen,
            closed=number is not None and not readers[number].is_active,
            live=number in live,
            erased=bool(_codes(source, row) & erased),
            moved=mine is not None and by_address.get(row.email) != number,
            held=mine.held if mine else None,
        )
        verdict = judge(row, known, versions, now, for_good=for_good)
        seen |= {row.email} if verdict.outcome == NEW else set()
        found.append(Judged(row, verdict, number, mine))
    return found


def _codes(source: str, row: Row) -> set[str]:
    return {erased_code(f"{source}:{row.foreign or row.email}"), erased_code(row.email)}


def _held(source: str, rows: Sequence[Row]) -> tuple[dict[str, ImportedSubscription], set[str]]:
    """What earlier imports made of these rows by its id, and the codes of erased readers."""
    codes = {code for row in rows for code in _codes(source, row)}
    ours = Q(source=source, foreign_id__in=[row.foreign or row.email for row in rows])
    gone = Q(state=ERASED) & (Q(address_code__in=codes) | Q(foreign_id__in=codes))
    held, erased = {}, set[str]()
    for one in ImportedSubscription.objects.filter(ours | gone):
        if one.reader_id is None:
            erased |= {one.foreign_id, one.address_code}
        else:
            held[one.foreign_id] = one
    return held, erased


def _readers(rows: Sequence[Row]) -> dict[str, int]:
    """Accounts by address, confirmed further addresses of theirs included."""
    addresses = {row.email for row in rows}
    further = EmailAddress.objects.filter(email__in=addresses, verified=True)
    found = dict(further.values_list("email", "user"))
    return found | dict(User.objects.filter(email__in=addresses).values_list("email", "pk"))


def _accounts(numbers: set[int], *, lock: bool) -> dict[int, User]:
    rows = User.objects.filter(pk__in=numbers).order_by("pk")
    return {user.pk: user for user in (rows.select_for_update(no_key=True) if lock else rows)}
