"""Imports of subscribers as the desk shows them: each with its plans, its counts, its problems."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.kit import clock
from broadsheet.subscriptions.imports import Listing, Problem
from broadsheet.subscriptions.imports.judging import OPEN
from broadsheet.subscriptions.models import (
    ImportedSubscription,
    ImportProblem,
    Plan,
    SubscriberImport,
)
from broadsheet.subscriptions.reads.business.payments import Sink, guarded

FORMATS = {
    "ghost": gettext_lazy("Ghost: members"),
    "stripe_subscriptions": gettext_lazy("Stripe: subscriptions"),
    "stripe_customers": gettext_lazy("Stripe: customers"),
    "plain": gettext_lazy("Plain list"),
}
COUNTED = {
    "new": gettext_lazy("new accounts"),
    "known": gettext_lazy("readers who have an account"),
    "changed": gettext_lazy("brought up to date"),
    "same": gettext_lazy("unchanged"),
    "own": gettext_lazy("left alone: they subscribe here"),
    "left": gettext_lazy("left out"),
    "unread": gettext_lazy("lines that cannot be read"),
    "open": gettext_lazy("get or keep access"),
    "account": gettext_lazy("get an account without access"),
    "over": gettext_lazy("have had their access"),
    "undone": gettext_lazy("undone"),
}
"""In the order in which counts are told: rows by what becomes of them, then what they get."""


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan of theirs, how many lines name it, the field it is chosen in, and what is chosen."""

    field: str
    theirs: str
    lines: int
    chosen: str | None


def format_name(format: str) -> str:
    """What a format is called."""
    return str(FORMATS.get(format, format))


def counted(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Counts in words, those of nobody left out."""
    return [(str(words), counts[key]) for key, words in COUNTED.items() if counts.get(key)]


def plan_choices(found: SubscriberImport, listing: Listing, now: datetime) -> list[PlanChoice]:
    """Their plans, in the order of their names; fields by number: names may hold anything."""
    return [
        PlanChoice(f"plan-{number}", theirs, lines, found.plans.get(theirs))
        for number, (theirs, lines) in enumerate(listing.plans(now).items())
    ]


def our_plans() -> list[tuple[str, str]]:
    """Addresses and names of plans that have a price, those no longer sold included."""
    return list(Plan.objects.exclude(versions=None).values_list("slug", "name").distinct())


def same_file(found: SubscriberImport) -> SubscriberImport | None:
    """The last import of the very same file that was run before."""
    run = SubscriberImport.objects.filter(digest=found.digest, started_at__isnull=False)
    return run.exclude(pk=found.pk).order_by("-started_at").first()


def brought_along(found: SubscriberImport, query: str) -> QuerySet[ImportedSubscription]:
    """What the import made, by the reader's address."""
    rows = found.imported.select_related("reader", "version__plan").order_by("pk")
    return rows.filter(reader__email__icontains=query) if query else rows


def to_welcome(found: SubscriberImport) -> int:
    """How many readers with access would get the welcome mail."""
    due = found.imported.unwelcomed(clock.now())
    return int(due.order_by().values("reader").distinct().count())


def undoable(found: SubscriberImport) -> int:
    """How many readers would lose what the import opened: those who have not signed in since."""
    silent = Q(reader__last_login=None) | Q(reader__last_login__lt=F("imported_at"))
    return int(found.imported.filter(silent, state=OPEN).count())


def write_csv(out: Sink, problems: Iterable[Problem | ImportProblem]) -> None:
    """Line, what is wrong, what to do; cells that no spreadsheet runs."""
    writer: Any = csv.writer(out)
    writer.writerow([_("line"), _("what is wrong"), _("what to do")])
    for one in problems:
        writer.writerow([one.line, guarded(one.wrong), guarded(one.remedy)])
