"""What readers who were brought along are told by mail: a welcome, the end that comes, the end."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.imports.judging import OPEN
from broadsheet.subscriptions.models import ImportedSubscription, SubscriberImport, Subscription
from broadsheet.subscriptions.reads.origin import origin

AHEAD = timedelta(days=7)
"""How long before its end imported access is spoken of."""
LATE = timedelta(days=30)
"""Who was not invited for so long after the end, because nothing ran, is not invited any more."""
MOST = 200


def ask_to_welcome(found: SubscriberImport) -> None:
    """Let the worker send the welcome mail, once to each reader that an import gave access.

    Raises Refusal for an import that is not done.
    """
    done = SubscriberImport.objects.filter(pk=found.pk, state=SubscriberImport.DONE)
    if not done.exists():
        raise Refusal(_("This import is not done."), _("Wait until it is."))
    done.filter(welcome_at=None).update(welcome_at=clock.now())


def tell_imported(most: int = MOST) -> int:
    """Write the mails that are due; returns how many readers were told."""
    steps: tuple[tuple[QuerySet[ImportedSubscription], str, str], ...] = (
        (_to_welcome(), "welcomed_at", "imported_welcome"),
        (_ending(), "reminded_at", "imported_ending"),
        (_ended(), "invited_at", "imported_ended"),
    )
    told = 0
    for rows, column, name in steps:
        work: Callable[[ImportedSubscription], bool] = partial(_tell, rows, column, name)
        told += sum(bool(each(work, row)) for row in rows[:most])
    return told


def _to_welcome() -> QuerySet[ImportedSubscription]:
    """The one that lasts longest first: a welcome speaks of it."""
    asked = ImportedSubscription.objects.filter(made_by__welcome_at__isnull=False)
    found = asked.unwelcomed(clock.now()).select_related("version__plan")
    return found.order_by(F("paid_until").desc(nulls_first=True), "pk")


def _to_invite(column: str) -> QuerySet[ImportedSubscription]:
    """Those whose access ends, who did not cancel it elsewhere, and who have nothing after it. One
    who has the same end twice was told of it once `column` says so of either."""
    mine = {"reader": OuterRef("reader")}
    bought = Subscription.objects.live().filter(**mine)
    brought = ImportedSubscription.objects.filter(**mine)
    later = Q(paid_until=None) | Q(paid_until__gt=OuterRef("paid_until"))
    longer = brought.filter(later, state=OPEN).exclude(pk=OuterRef("pk"))
    told = brought.filter(paid_until=OuterRef("paid_until"), **{f"{column}__isnull": False})
    found = ImportedSubscription.objects.reading().select_related("version__plan").order_by("pk")
    return found.filter(
        ~Exists(bought), ~Exists(longer), ~Exists(told), cancelled=False, complimentary=False
    )


def _ending() -> QuerySet[ImportedSubscription]:
    now = clock.now()
    return _to_invite("reminded_at").filter(paid_until__gt=now, paid_until__lte=now + AHEAD)


def _ended() -> QuerySet[ImportedSubscription]:
    now = clock.now()
    return _to_invite("invited_at").filter(paid_until__lte=now, paid_until__gt=now - LATE)


def _tell(
    due: QuerySet[ImportedSubscription], column: str, name: str, row: ImportedSubscription
) -> bool:
    """One mail, written with the mark that it was, if it is still due under the reader's lock;
    whoever comes second writes none, also for another row of the same reader."""
    with transaction.atomic():
        reader = User.objects.select_for_update(no_key=True).get(imported=row)
        if not due.filter(pk=row.pk).exists():
            return False
        ImportedSubscription.objects.filter(pk=row.pk).update(**{column: clock.now()})
        queue(reader.email, f"subscriptions/mail/{name}", _facts(row), paper=letterhead(origin()))
    return True


def _facts(row: ImportedSubscription) -> dict[str, Any]:
    zone = ZoneInfo(Paper.load().time_zone)
    return {
        "plan": row.version.plan.name if row.version else "",
        "until": row.last_moment.astimezone(zone) if row.last_moment else None,
        "invites": not (row.cancelled or row.complimentary),
        "account": f"{origin()}/account/",
        "subscribe": f"{origin()}/subscribe/",
    }
