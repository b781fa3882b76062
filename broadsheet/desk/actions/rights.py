"""The end of the rights in a picture: at its minute, by withdrawal, or because it was deleted."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_save, pre_delete
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.pictures import WITHDRAWN, choose_again, named_by
from broadsheet.desk.actions.publication import log_edits
from broadsheet.desk.models import Article, Picture
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Version


def end_rights() -> int:
    """Take back every picture whose rights have ended since; returns how many. Safe in parallel.

    What readers get does not wait for this: gate and press look at the clock themselves. This
    puts the articles in order: staff's choice falls away, the wire's next picture comes up.
    """
    due = Picture.objects.over(clock.now()).filter(ended=False)
    numbers = list(due.values_list("pk", flat=True)[:200])
    return sum(_end(number) for number in numbers)


def _end(number: int) -> bool:
    with transaction.atomic():
        picture = Picture.objects.select_for_update(of=("self",)).get(pk=number)
        if picture.ended or not picture.over:
            return False
        Picture.objects.filter(pk=number).update(ended=True)
        fall_away(picture)
        announce(Subject.PICTURE, number)
        return True


def withdraw_named(version: Version) -> None:
    """The agency takes pictures back and lets the report stand (AP calls it an elimination).

    Call in the transaction in which the version is taken; whether it may itself be shown does not
    matter. One that is being fetched is withdrawn when it comes (`collecting.collect_pictures`).
    """
    for rows in named_by(version):
        standing = Picture.objects.filter(sent__in=rows, withdrawn_at=None)
        numbers = sorted(set(standing.values_list("pk", flat=True)))
        standing.update(withdrawn_at=clock.now(), withdrawn_by=version.item.source.agency)
        rows.filter(picture=None).update(next_at=None, problem=WITHDRAWN)
        for number in numbers:
            _end(number)


def withdraw_picture(picture: Picture, *, by: User) -> Picture:
    """Take a picture back everywhere, for good: every file and every page that shows it.

    Raises Refusal when it is withdrawn already.
    """
    with transaction.atomic():
        row: Picture = Picture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
        if row.withdrawn_at is not None:
            raise Refusal(_("This picture is withdrawn already."), _("Nothing was changed."))
        row.withdrawn_at, row.withdrawn_by, row.ended = clock.now(), by.email[:254], True
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "ended"])
        fall_away(row, by=by)
        return row


def fall_away(picture: Picture, *, by: User | None = None) -> None:
    """Articles lose a picture: one that staff chose by an Edit, one of the wire for the next."""
    shown = Article.objects.filter(Q(picture=picture.pk) | Q(wire_picture=picture.pk))
    for article in shown.select_for_update(of=("self",)).select_related("basis__fetch__feed"):
        if article.picture_id == picture.pk:
            article.write(picture=None)
            log_edits(article, by)
        choose_again(article)


def record_lost_picture(sender: object, instance: Picture, **_: object) -> None:
    """Who deletes a picture takes it back from every article that shows it."""
    Picture.objects.filter(pk=instance.pk).update(withdrawn_at=clock.now())
    fall_away(instance)


def record_saved_picture(sender: object, instance: Picture, created: bool, **_: Any) -> None:
    """With its credit added, or its rights prolonged, a picture of the wire comes up again."""
    if created or not instance.from_wire or not instance.permitted(clock.now()):
        return
    for article in Article.objects.filter(item__pictures__picture=instance):
        if choose_again(article):
            announce(Subject.ARTICLE, article.pk)


def connect() -> None:
    """Listen to what befalls pictures; called once when the newsroom starts."""
    pre_delete.connect(record_lost_picture, sender=Picture, dispatch_uid="desk.lost_picture")
    post_save.connect(record_saved_picture, sender=Picture, dispatch_uid="desk.saved_picture")
