"""An import of subscribers: taken in, its plans chosen, run batch by batch, dropped or undone.

Nothing is charged: no checkout, no subscription and no payment is written, no gateway is asked.
"""

import hashlib
import logging
import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.actions.bringing import bring, take_back_batch
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.imports import Listing
from broadsheet.subscriptions.models import (
    ImportFile,
    ImportProblem,
    Plan,
    SubscriberImport,
)
from broadsheet.subscriptions.reads.importing import (
    BATCH,
    gives_for_good,
    judge_batch,
    likely,
    listing_of,
    read_list,
    tallied,
    versions_of,
)

KEEP = timedelta(days=7)
"""A file that nobody ran is deleted after so long."""
TRIES = 3
"""So often a batch is tried when somebody signs up with one of its addresses at that moment."""

logger = logging.getLogger(__name__)


def take_file(
    data: bytes, name: str, *, by: User | None = None, format: str = ""
) -> SubscriberImport:
    """Keep a list of subscribers until it is run or dropped; nobody is imported yet.

    Plans with the same name are chosen at once. Without `by` it is the command line's. Raises
    Refusal for a file that cannot be read, and for one without a single line to be taken.
    """
    listing = read_list(data, format)
    if not listing.rows:
        words = _("No line of the file can be imported.")
        if listing.problems:
            first = listing.problems[0]
            facts = {"line": first.line, "wrong": first.wrong, "remedy": first.remedy}
            raise Refusal(words, _("Line %(line)d: %(wrong)s %(remedy)s") % facts)
        raise Refusal(words, _("It needs a line for each subscriber below the column names."))
    with transaction.atomic():
        made = SubscriberImport.objects.create(
            format=listing.format, source=listing.source, rows=len(listing.rows),
            by=by, by_command=by is None,
            file_name=PurePath(name).name[:120] or "-", digest=hashlib.sha256(data).hexdigest(),
            plans=likely([*listing.plans(clock.now())]),
        )  # fmt: skip
        ImportFile.objects.create(of=made, packed=zlib.compress(data))
    return made


def choose_plans(found: SubscriberImport, plans: Mapping[str, str]) -> None:
    """What their plans become: addresses of plans of ours, "" for an account without access.

    Raises Refusal for a plan that there is not, or an import that has begun.
    """
    known = set(Plan.objects.exclude(versions=None).values_list("slug", flat=True)) | {""}
    wrong = sorted(set(plans.values()) - known)
    if wrong:
        words = _("There is no plan “%(slug)s”.") % {"slug": wrong[0][:50]}
        raise Refusal(words, _("Choose a plan that has a price, by its address."))
    waiting = SubscriberImport.objects.filter(pk=found.pk, state=SubscriberImport.READY)
    if not waiting.update(plans=dict(plans)):
        raise _begun()
    found.plans = dict(plans)


def _begun() -> Refusal:
    return Refusal(_("This import has begun already."), _("Look at what it says now."))


def start_import(found: SubscriberImport, by: User | None = None) -> None:
    """Let the worker take the rows in, with the rights of `by`, else of who uploaded the file. A
    second click changes nothing more.

    Raises Refusal while a plan of theirs has none of ours, and for an import that was dropped.
    """
    if found.state != SubscriberImport.READY:
        raise _begun()
    listing = listing_of(found)
    missing = sorted(set(listing.plans(clock.now())) - set(versions_of(found.plans)))
    if missing:
        names = ", ".join(missing[:5])
        words = _("These plans have none of ours in their place: %(names)s.") % {"names": names}
        raise Refusal(words, _("Choose one for each, or “no access”. Nothing was imported."))
    with transaction.atomic():
        waiting = SubscriberImport.objects.filter(pk=found.pk, state=SubscriberImport.READY)
        counts = {"unread": len(listing.problems)}
        facts = {"started_at": clock.now(), "place": 0, "counts": counts}
        if by is not None:
            facts |= {"by": by, "by_command": False}
        if waiting.update(state=SubscriberImport.RUNNING, **facts):
            ImportProblem.objects.bulk_create(
                ImportProblem(of=found, line=one.line, wrong=one.wrong[:300], remedy=one.remedy)
                for one in listing.problems
            )


def run_imports() -> int:
    """Take in, or undo, what waits for it, to its end; returns how many imports were worked on.

    Each batch is one transaction with the place in the file, so whatever is killed when, the next
    turn goes on where the last batch ended.
    """
    states = (SubscriberImport.RUNNING, SubscriberImport.UNDOING)
    waiting = list(SubscriberImport.objects.filter(state__in=states).order_by("started_at"))
    return sum(bool(each(run_import, found)) for found in waiting)


def run_import(found: SubscriberImport) -> bool:
    """Work on one import until nothing of it is left. Two workers at once share the batches."""
    with translation.override(Paper.load().language):
        if found.state == SubscriberImport.UNDOING:
            while _undo_batch(found.pk):
                pass
            return True
        listing = listing_of(found)
        while _take_batch(found.pk, listing):
            pass
    return True


def _take_batch(number: int, listing: Listing) -> bool:
    """The next rows; False when there are no more."""
    for tried in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _take_rows(number, listing)
        except IntegrityError:
            if tried == TRIES:
                raise
            logger.info("An account appeared while it was being imported; tried again.")
    return False


def _take_rows(number: int, listing: Listing) -> bool:
    found = SubscriberImport.objects.select_for_update().get(pk=number)
    if found.state != SubscriberImport.RUNNING:
        return False
    rows = listing.rows[found.place : found.place + BATCH]
    versions, for_good = versions_of(found.plans), gives_for_good(found)
    judged = judge_batch(found.source, rows, versions, for_good=for_good, lock=True)
    bring(found, judged)
    counts = Counter(found.counts)
    for one in judged:
        counts.update(tallied(one.verdict))
    told = [one.verdict.problem for one in judged if one.verdict.problem]
    ImportProblem.objects.bulk_create(
        ImportProblem(of=found, line=p.line, wrong=p.wrong[:300], remedy=p.remedy) for p in told
    )
    found.place, found.counts = found.place + len(rows), dict(counts)
    is_done = found.place >= len(listing.rows)
    if is_done:
        _finish(found, SubscriberImport.DONE)
    found.save()
    return not is_done


def _finish(found: SubscriberImport, state: str) -> None:
    """Over: the file goes."""
    found.state, found.ended_at = state, clock.now()
    ImportFile.objects.filter(of=found).delete()


def drop_import(found: SubscriberImport) -> None:
    """Delete the file of an import that has not begun. Raises Refusal for any other."""
    with transaction.atomic():
        locked = SubscriberImport.objects.select_for_update().get(pk=found.pk)
        if locked.state != SubscriberImport.READY:
            raise _begun()
        _finish(locked, SubscriberImport.DROPPED)
        locked.save()


def forget_uploads() -> int:
    """Drop files that nobody has run for a week; returns how many."""
    old = SubscriberImport.objects.filter(
        state=SubscriberImport.READY, uploaded_at__lt=clock.now() - KEEP
    )
    found = list(old)
    for one in found:
        drop_import(one)
    return len(found)


def undo_import(found: SubscriberImport) -> None:
    """Let the worker end the access that an import opened for readers who have not signed in
    since. Accounts stay. Raises Refusal for an import that is not done."""
    done = SubscriberImport.objects.filter(pk=found.pk, state=SubscriberImport.DONE)
    if not done.update(state=SubscriberImport.UNDOING):
        raise Refusal(_("This import is not done."), _("Only what was imported can be undone."))


def _undo_batch(number: int) -> bool:
    with transaction.atomic():
        found = SubscriberImport.objects.select_for_update().get(pk=number)
        if found.state != SubscriberImport.UNDOING:
            return False
        undone = take_back_batch(found)
        counts = Counter(found.counts)
        counts["undone"] += undone
        found.counts = dict(counts)
        if not undone:
            _finish(found, SubscriberImport.UNDONE)
        found.save()
    return bool(undone)
