"""What staff do to a published article beside editing it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import refresh, take_basis, unfit
from broadsheet.desk.actions.publication import log_edits
from broadsheet.desk.models import Article, Notice, NoticeKind
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal

RELEASED: dict[str, dict[str, Any]] = {
    "headline": {"headline": None},
    "standfirst": {"standfirst": None},
    "body": {"body": None, "body_from": None},
    "picture": {"picture_id": None, "no_picture": False},
}
"""What each field's columns become when it follows the wire again."""


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update().get(pk=article.pk)


def release(article: Article, field: str, *, by: User) -> Article:
    """Give a field back to the wire, in the live article and in a waiting draft alike.

    Raises Refusal for the paper's own articles and unknown fields.
    """
    if field not in RELEASED or article.item_id is None:
        problem = _("'%(field)s' cannot follow a wire here.") % {"field": field}
        raise Refusal(problem, _("Nothing was changed."))
    with transaction.atomic():
        row = _locked(article)
        _give_back(row, field, by)
        if field == "body" and row.waiting is not None and not unfit(row.waiting):
            take_basis(row)
        refresh(row)
        return row


def _give_back(row: Article, field: str, by: User) -> None:
    set_columns(row, RELEASED[field], by)
    log_edits(row, by)


def set_columns(row: Article, columns: dict[str, Any], by: User) -> None:
    """Write staff's columns to the row and to a new draft, so that no draft brings them back.

    A new draft, not the old one changed: a form that saved itself before is out of date by it.
    """
    named = {name.removesuffix("_id"): value for name, value in columns.items()}
    row.write(**named)
    if row.latest_revision_id is not None:
        draft = row.get_latest_revision_as_object()
        for name, value in named.items():
            setattr(draft, name, value)
        draft.save_revision(user=by, clean=False, changed=False)
        row.refresh_from_db(fields=["latest_revision"])


def take_waiting(article: Article, *, by: User) -> Article:
    """Take the wire's waiting version: the staff body goes, the wire's newest text stands.

    Raises Refusal when no version waits, or when readers would see template marks in it.
    """
    with transaction.atomic():
        row = _locked_with_waiting(article)
        if row.waiting is not None and "template-marks" in row.waiting.flags:
            raise Refusal(
                _("The waiting version holds template marks."), _("Rework the body instead.")
            )
        _give_back(row, "body", by)
        take_basis(row)
        refresh(row)
        return row


def _locked_with_waiting(article: Article) -> Article:
    row = _locked(article)
    if row.waiting is None:
        raise Refusal(_("No version of the wire is waiting."), _("Nothing was changed."))
    return row


def keep_own_body(article: Article, *, by: User) -> Article:
    """The desk has seen the waiting version and keeps the text on the page.

    With a body of our own, headline and picture follow the wire on; where the wire's own body
    stands, or the version is not fit to be published, nothing of it is taken. Raises Refusal when
    no version waits.
    """
    with transaction.atomic():
        row = _locked_with_waiting(article)
        if row.body is None or row.waiting is None or unfit(row.waiting):
            row.write(waiting=None)
        else:
            set_columns(row, {"body_from": row.waiting}, by)
            take_basis(row)
        refresh(row)
        return row


def correct(article: Article, text: str, *, by: User, kind: str = NoticeKind.CORRECTION) -> Notice:
    """Tell readers what was wrong. Raises Refusal for an empty note or an unpublished article."""
    if not text.strip():
        raise Refusal(_("The note is empty."), _("Say what was wrong and what is right."))
    with transaction.atomic():
        row = _locked(article)
        if not row.live or row.withdrawn_at:
            raise Refusal(_("Only a published report is corrected."), _("Publish it first."))
        notice = Notice.objects.create(article=row, kind=kind, text=text.strip(), by=by)
        refresh(row)
        return notice


def withdraw(article: Article, reason: str, *, by: User) -> Article:
    """Take a report back, for good: 410 with a notice, gone from every surface.

    Raises Refusal without a reason, since readers are told it. Withdrawing twice changes nothing.
    """
    if not reason.strip():
        raise Refusal(_("A withdrawal needs a reason."), _("Readers will see it at the address."))
    with transaction.atomic():
        row = _locked(article)
        if row.withdrawn_at is None:
            row.write(withdrawn_at=clock.now())
            Notice.objects.create(
                article=row, kind=NoticeKind.WITHDRAWAL, text=reason.strip(), by=by
            )
        refresh(row)
        return row
