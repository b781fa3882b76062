"""What readers are told: corrections, clarifications, holds and withdrawals by staff."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.models import Article, Notice, NoticeKind
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire.models import Status

GRACE = timedelta(minutes=10)
"""How long a note can be taken back as if it had never been. Later it can only be replaced."""

NOTES = (NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update(of=("self",)).get(pk=article.pk)


def _text(text: str, problem: str, remedy: str) -> str:
    if not text.strip():
        raise Refusal(problem, remedy)
    return text.strip()


def correct(article: Article, text: str, *, by: User, kind: str = NoticeKind.CORRECTION) -> Notice:
    """Tell readers what was wrong. Raises Refusal for an empty note or an unpublished article."""
    told = _text(text, _("The note is empty."), _("Say what was wrong and what is right."))
    with transaction.atomic():
        row = _locked(article)
        if not row.live or row.withdrawn_at:
            raise Refusal(_("Only a published report is corrected."), _("Publish it first."))
        notice = Notice.objects.create(article=row, kind=kind, text=told, by=by)
        refresh(row)
        return notice


def take_back(notice: Notice, *, by: User) -> Notice:
    """Take a note back while it is fresh; the desk's log keeps it.

    Raises Refusal after GRACE, for other kinds of notices, and the second time.
    """
    if clock.now() - notice.at > GRACE:
        raise Refusal(
            _("Readers have had this note for more than ten minutes."),
            _("Replace it by another one, so that they learn of the change."),
        )
    with transaction.atomic():
        row = _locked(notice.article)
        _void(notice, by)
        refresh(row)
        return notice


def amend(notice: Notice, text: str, *, by: User) -> Notice:
    """Replace a note by another of its kind, with a time of its own. Nothing is rewritten.

    Raises Refusal for an empty text, other kinds of notices and notes that were taken back.
    """
    told = _text(text, _("The note is empty."), _("Say what was wrong and what is right."))
    with transaction.atomic():
        row = _locked(notice.article)
        _void(notice, by)
        made = Notice.objects.create(article=row, kind=notice.kind, text=told, by=by)
        refresh(row)
        return made


def _void(notice: Notice, by: User) -> None:
    voided = Notice.objects.filter(pk=notice.pk, taken_back_at=None, kind__in=NOTES)
    if not voided.update(taken_back_at=clock.now(), taken_back_by=by):
        raise Refusal(_("This note cannot be taken back."), _("Nothing was changed."))
    notice.refresh_from_db()


def see(notice: Notice) -> None:
    """The desk has taken note of what the wire caused."""
    Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=clock.now())


def hold(article: Article, text: str, *, by: User) -> Article:
    """Darken a report while it is being checked; readers are told the text at its address.

    Raises Refusal without a text, for a report that is not published, and when it is held already.
    """
    told = _text(text, _("A hold needs a note."), _("Readers will see it at the address."))
    with transaction.atomic():
        row = _locked(article)
        if not row.live or row.withdrawn_at:
            raise Refusal(_("Only a published report is held."), _("Nothing was changed."))
        if row.held_by_desk:
            raise Refusal(_("The desk holds this report already."), _("Nothing was changed."))
        row.write(held=True, held_by_desk=True)
        Notice.objects.create(article=row, kind=NoticeKind.HOLD, text=told, by=by)
        refresh(row)
        return row


def release_hold(article: Article, *, by: User) -> Article:
    """Show a held report again, at its address, with all that staff own.

    Raises Refusal when the desk does not hold it: what the agency holds, the agency releases.
    """
    with transaction.atomic():
        row = _locked(article)
        if not row.held_by_desk:
            raise Refusal(
                _("It is not the desk that holds this report."),
                _("It comes back when the agency releases it."),
            )
        by_wire = row.item is not None and row.item.status == Status.WITHHELD
        row.write(held_by_desk=False, held=by_wire)
        holds = Notice.objects.filter(
            article=row, kind=NoticeKind.HOLD, version=None, taken_back_at=None
        )
        holds.update(taken_back_at=clock.now(), taken_back_by=by)
        refresh(row)
        return row


def withdraw(article: Article, reason: str, *, by: User) -> Article:
    """Take a report back, for good: 410 with a notice, gone from every surface.

    Raises Refusal without a reason, since readers are told it. Withdrawing twice changes nothing.
    """
    told = _text(
        reason, _("A withdrawal needs a reason."), _("Readers will see it at the address.")
    )
    with transaction.atomic():
        row = _locked(article)
        if row.withdrawn_at is None:
            row.write(withdrawn_at=clock.now())
            Notice.objects.create(article=row, kind=NoticeKind.WITHDRAWAL, text=told, by=by)
        refresh(row)
        return row
