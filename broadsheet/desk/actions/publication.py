"""After staff published: the edit log, the address, the press log, all in that transaction."""

from django.db.models import ProtectedError
from django.db.models.signals import pre_delete
from wagtail.signals import unpublished

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import give_address, refresh, take_basis, unfit
from broadsheet.desk.actions.routing import expiry_of
from broadsheet.desk.models import SETTINGS, Article, Edit, published_by_staff
from broadsheet.press_log.models import Subject, announce


def record_publication(
    sender: object,
    article: Article,
    by: User | None,
    row: Article,
    reason: str = "",
    **_: object,
) -> None:
    """Log each field whose owner or text changed; the disclosure can be recomputed from the log.

    A body that follows the wire again takes the version that waited, if that may be published.
    """
    log_edits(article, by, reason=reason)
    _log_settings(article, row, by, reason)
    if article.body is None and article.waiting is not None and not unfit(article.waiting):
        take_basis(article)
    _let_the_newer_wait(article, row)
    if article.live:
        give_address(article)
        _begin_licence(article)
    refresh(article)


def _begin_licence(article: Article) -> None:
    """The agency's licence runs from the first publication, whoever published."""
    latest = article.item.latest if article.item else None
    if latest is not None:
        article.write(wire_expires=expiry_of(article, latest))


def _let_the_newer_wait(article: Article, row: Article) -> None:
    """A body made from a version that the wire has replaced meanwhile: the newer one waits."""
    made_from, basis = article.body_from, article.basis
    if made_from is None or basis is None or row.body_from_id == made_from.pk:
        return
    has_moved = made_from.content_hash != basis.content_hash
    if article.body is not None and has_moved and made_from.sequence < basis.sequence:
        article.write(waiting=article.waiting or basis)


def log_edits(article: Article, by: User | None, *, reason: str = "") -> None:
    """One Edit for each override that differs from the log, which says what was published before.

    The row cannot say it: saving a draft of an article that is not live writes the row.
    """
    logged = _logged(article)
    for name, value in article.overrides().items():
        log_change(article, name, logged.get(name), _text(value), by, reason)


def _log_settings(article: Article, row: Article, by: User | None, reason: str) -> None:
    """The same for the other columns; what a first publication sets is no change."""
    logged = {} if row.live else _logged(article)
    for name in SETTINGS:
        before = logged.get(name, _text(getattr(row, name)))
        log_change(article, name, before, _text(getattr(article, name)), by, reason)


def _logged(article: Article) -> dict[str, str | None]:
    return dict(Edit.objects.filter(article=article).values_list("field", "after"))


def log_change(
    article: Article, name: str, before: str | None, after: str | None, by: User | None, reason: str
) -> None:
    """One Edit, if it is a change at all."""
    if before != after:
        Edit.objects.create(
            article=article,
            by=by,
            field=name,
            before=before,
            after=after,
            basis=article.basis,
            reason=reason[:200],
        )


def _text(value: object) -> str | None:
    return None if value is None or value is False else str(value)


def record_unpublication(sender: object, instance: Article, **_: object) -> None:
    """Tell the press that the article is off the site, whichever way Wagtail took it off."""
    announce(Subject.ARTICLE, instance.pk)


def refuse_deletion(sender: object, instance: Article, **_: object) -> None:
    """A report that readers have seen is withdrawn, never deleted, be it alone or with others.

    Raises ProtectedError.
    """
    if instance.path:
        raise ProtectedError("A published report is withdrawn, not deleted.", {instance})


def connect() -> None:
    """Listen to what befalls articles; called once when the newsroom starts."""
    published_by_staff.connect(record_publication, dispatch_uid="desk.publication")
    unpublished.connect(record_unpublication, sender=Article, dispatch_uid="desk.unpublication")
    pre_delete.connect(refuse_deletion, sender=Article, dispatch_uid="desk.deletion")
