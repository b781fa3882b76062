"""How long an agency's contract lets its reports stand: applied when the source is changed."""

from datetime import datetime

from django.db import transaction
from django.db.models.signals import post_save

from broadsheet.desk.actions.routing import expiry_of
from broadsheet.desk.models import Article
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Source


def apply_licence(source: Source) -> int:
    """Bring the end of every report of a source up to its contract; returns how many moved.

    Rows are locked by number, all of them before the press log's counter: whoever works at an
    article has its row first and the counter after it.
    """
    of_source = Article.objects.filter(item__source=source, first_published_at__isnull=False)
    articles = of_source.select_related("item__source", "item__latest").order_by("pk")
    wanted = [article.pk for article in articles.iterator() if _ends_otherwise(article)]
    with transaction.atomic():
        locked = articles.filter(pk__in=wanted).select_for_update(of=("self",))
        moved = [article for article in locked if _ends_otherwise(article)]
        for article in moved:
            article.write(wire_expires=_licensed_until(article))
        for article in moved:
            announce(Subject.ARTICLE, article.pk)
    return len(moved)


def _licensed_until(article: Article) -> datetime | None:
    latest = article.item.latest if article.item else None
    return expiry_of(article, latest) if latest else None


def _ends_otherwise(article: Article) -> bool:
    return _licensed_until(article) != article.wire_expires


def licence_saved(sender: object, instance: Source, created: bool, **_: object) -> None:
    """A source was changed in the desk."""
    if not created:
        apply_licence(instance)


def connect() -> None:
    """Listen to sources; called once when the newsroom starts."""
    post_save.connect(licence_saved, sender=Source, dispatch_uid="desk.licence")
