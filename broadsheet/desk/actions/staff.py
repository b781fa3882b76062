"""What staff do to the fields of an article beside editing them in the form."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import refresh, take_basis, unfit
from broadsheet.desk.actions.publication import log_change, log_edits
from broadsheet.desk.differences import Whose, merged
from broadsheet.desk.models import SETTINGS, Article, Edit, Picture
from broadsheet.desk.reads.reworking import canonical, parts_of
from broadsheet.kit.say import Refusal

RELEASED: dict[str, dict[str, Any]] = {
    "headline": {"headline": None},
    "standfirst": {"standfirst": None},
    "body": {"body": None, "body_from": None},
    "picture": {"picture_id": None, "no_picture": False},
    "topics": {"topics": None},
}
"""What each field's columns become when it follows the wire again."""


def _locked(article: Article, by: User | None) -> Article:
    """The row, for us alone. Raises Refusal when another editor has locked the article."""
    row = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
    if row.locked and (by is None or row.locked_by_id != by.pk):
        who = row.locked_by or _("somebody")
        raise Refusal(
            _("%(who)s has locked this article.") % {"who": who},
            _("Ask for it to be unlocked. Nothing was changed."),
        )
    return row


def release(article: Article, field: str, *, by: User) -> Article:
    """Give a field back to the wire, in the live article and in a waiting draft alike.

    Raises Refusal for the paper's own articles, unknown fields and articles others have locked.
    """
    if field not in RELEASED or article.item_id is None:
        problem = _("'%(field)s' cannot follow a wire here.") % {"field": field}
        raise Refusal(problem, _("Nothing was changed."))
    with transaction.atomic():
        row = _locked(article, by)
        _give_back(row, field, by)
        if field == "body" and row.waiting is not None and not unfit(row.waiting):
            take_basis(row)
        refresh(row)
        return row


def _give_back(row: Article, field: str, by: User, reason: str = "") -> None:
    set_columns(row, RELEASED[field], by)
    log_edits(row, by, reason=reason)


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
        row = _locked_with_waiting(article, by)
        _refuse_marks(row)
        _give_back(row, "body", by)
        take_basis(row)
        refresh(row)
        return row


def _locked_with_waiting(article: Article, by: User) -> Article:
    row = _locked(article, by)
    if row.waiting is None:
        raise Refusal(_("No version of the wire is waiting."), _("Nothing was changed."))
    return row


def _refuse_marks(row: Article) -> None:
    if row.waiting is not None and "template-marks" in row.waiting.flags:
        raise Refusal(_("The waiting version holds template marks."), _("Rework the body instead."))


def keep_own_body(article: Article, *, by: User) -> Article:
    """The desk has seen the waiting version and keeps the text on the page.

    With a body of our own, headline and picture follow the wire on; where the wire's own body
    stands, or the version is not fit to be published, nothing of it is taken. Raises Refusal when
    no version waits.
    """
    with transaction.atomic():
        row = _locked_with_waiting(article, by)
        if row.body is None or row.waiting is None or unfit(row.waiting):
            row.write(waiting=None)
        else:
            set_columns(row, {"body_from": row.waiting}, by)
            take_basis(row, tells=False)
        refresh(row)
        return row


def take_merged(
    article: Article, choices: Mapping[int, Whose], *, by: User, version: int, ours: str
) -> Article:
    """Our body with what the wire changed beside it; the article follows the waiting version.

    `version` and `ours` are what the editor was shown: the waiting version's number in the
    database and our body. Raises Refusal when either has changed since. When nothing of ours is
    left the body follows the wire again.
    """
    with transaction.atomic():
        row = _locked_with_waiting(article, by)
        _refuse_marks(row)
        waiting = row.waiting
        if waiting is None or waiting.pk != version or row.full_body != ours:
            raise Refusal(
                _("The texts have changed while you were looking at them."),
                _("Nothing was changed. Here are the newest; choose again."),
            )
        body = merged(parts_of(row), choices)
        reason = _("Merged with version %(number)s of the wire.") % {"number": waiting.number}
        if body == canonical(waiting.body):
            _give_back(row, "body", by, reason)
        else:
            set_columns(row, {"body": body, "body_from": waiting}, by)
            log_edits(row, by, reason=reason)
        take_basis(row)
        refresh(row)
        return row


def keep_headline(article: Article, *, by: User) -> Article:
    """The desk has read the wire's newest headline and keeps its own; the log says so.

    Raises Refusal when the headline is not ours.
    """
    with transaction.atomic():
        row = _locked(article, by)
        if row.headline is None or row.item is None:
            raise Refusal(_("The headline follows the wire."), _("Nothing was changed."))
        Edit.objects.create(
            article=row, by=by, field="headline", before=row.headline, after=row.headline,
            basis=row.item.latest, reason=_("Kept beside the wire's newer headline."),
        )  # fmt: skip
        refresh(row)
        return row


def bring_back(edit: Edit, *, by: User) -> Article:
    """Undo one logged change: the field becomes what it was before, for readers too.

    Raises Refusal when nothing stood there before, or what stood there is gone.
    """
    with transaction.atomic():
        row = _locked(edit.article, by)
        reason = _("Brought back what stood before the change of %(at)s.") % {
            "at": f"{edit.at:%Y-%m-%d %H:%M} UTC"
        }
        if edit.field in SETTINGS:
            now = getattr(row, edit.field)
            column: Any = Article._meta.get_field(edit.field)
            value = column.to_python(edit.before)
            set_columns(row, {edit.field: value}, by)
            log_change(row, edit.field, None if now is None else str(now), edit.before, by, reason)
        else:
            set_columns(row, _before(edit, row), by)
            log_edits(row, by, reason=reason)
            _let_the_newest_wait(row)
        refresh(row)
        return row


def _before(edit: Edit, row: Article) -> dict[str, Any]:
    """The columns that restore an override."""
    field = "picture" if edit.field in ("picture_id", "no_picture") else edit.field
    if edit.before is None and row.item_id is None and field != "picture":
        raise Refusal(_("Nothing stood there before."), _("Nothing was changed."))
    if edit.before is None:
        return RELEASED[field] if edit.field != "no_picture" else {"no_picture": False}
    if edit.field == "no_picture":
        return {"no_picture": True}
    if edit.field == "picture_id":
        picture = Picture.objects.filter(pk=edit.before).first()
        if picture is None:
            raise Refusal(_("That picture was deleted."), _("Choose another one."))
        return {"picture": picture}
    if edit.field == "body":
        wrote = Edit.objects.filter(article=row, field="body", after=edit.before)
        made = wrote.select_related("basis").order_by("-id").first()
        return {"body": edit.before, "body_from": made.basis if made else row.basis}
    return {edit.field: edit.before}


def _let_the_newest_wait(row: Article) -> None:
    """A body of old times must not hide that the wire went on."""
    made_from, basis = row.body_from, row.basis
    if row.body is not None and made_from and basis and made_from.sequence < basis.sequence:
        has_moved = made_from.content_hash != basis.content_hash
        row.write(waiting=row.waiting or (basis if has_moved else None))
    if row.body is None and row.waiting is not None and not unfit(row.waiting):
        take_basis(row)
