"""How long an agency's contract lets its reports stand: applied when the source is changed."""

from django.db import transaction
from django.db.models.signals import post_save

from broadsheet.desk.actions.routing import expiry_of
from broadsheet.desk.models import Article
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Source


def apply_licence(source: Source) -> int:
    """Bring the end of every report of a source up to its contract; returns how many moved."""
    articles = Article.objects.filter(item__source=source, first_published_at__isnull=False)
    moved = 0
    with transaction.atomic():
        for article in articles.select_related("item__source", "item__latest").iterator():
            latest = article.item.latest if article.item else None
            ends = expiry_of(article, latest) if latest else None
            if ends != article.wire_expires:
                article.write(wire_expires=ends)
                announce(Subject.ARTICLE, article.pk)
                moved += 1
    return moved


def licence_saved(sender: object, instance: Source, created: bool, **_: object) -> None:
    """A source was changed in the desk."""
    if not created:
        apply_licence(instance)


def connect() -> None:
    """Listen to sources; called once when the newsroom starts."""
    post_save.connect(licence_saved, sender=Source, dispatch_uid="desk.licence")
