"""The press log: one numbered row for each public change, committed with the change itself.

Numbers come from a counter row that is locked until the writer commits. So numbers have no gaps
and become visible in order, on SQLite and PostgreSQL alike, and a follower's cursor misses nothing.
"""

from collections.abc import Sequence
from typing import ClassVar

from django.db import models, transaction
from django.db.models import F
from django.dispatch import Signal

from broadsheet.kit import clock
from broadsheet.press_log.gathering import gathering

announced = Signal()
"""Sent after commit, outside of `gathered()`: somebody public-facing may catch up at once."""


class Counter(models.Model):
    """The last number given out under a name."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)

    @classmethod
    def lock(cls, name: str) -> None:
        """Wait for whoever holds the counter, and hold it until the transaction ends."""
        held = cls.objects.select_for_update().filter(name=name)
        if not held:
            cls.objects.get_or_create(name=name)
            held.get()

    @classmethod
    def take(cls, name: str, many: int = 1) -> int:
        """The next number, or the last of the next `many`. The row stays locked until the
        surrounding transaction ends."""
        known = cls.objects.filter(name=name)
        if not known.update(value=F("value") + many):
            cls.objects.get_or_create(name=name)
            known.update(value=F("value") + many)
        return int(cls.objects.values_list("value", flat=True).get(name=name))


class Subject(models.TextChoices):
    """What changed."""

    ARTICLE = "article"
    PICTURE = "picture"
    FRONT = "front"
    PAGE = "page"
    WALL = "wall"
    SITE = "site"
    READER = "reader"
    INSTITUTION = "institution"
    MACHINES = "machines"
    LINK = "link"


class Entry(models.Model):
    """One public change: `subject` names the kind, `ref` which one ("" when there is only one)."""

    number = models.BigIntegerField(primary_key=True)
    subject = models.CharField(max_length=12, choices=Subject.choices)
    ref = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Entry"]] = models.Manager()

    class Meta:
        """Followers read in order."""

        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.subject} {self.ref}"


def announce(subject: Subject, ref: object = "", *, at_once: bool = False) -> Entry:
    """Log a public change in the present transaction; followers hear of it after the commit.

    `at_once`: even where changes are gathered, since nothing may stand in front of a withdrawal.
    """
    with transaction.atomic():
        entry = Entry.objects.create(
            number=Counter.take("press_log"), subject=subject, ref=str(ref)
        )
        if at_once or not gathering():
            transaction.on_commit(lambda: announced.send(Entry, entry=entry), robust=True)
    return entry


def announce_all(subject: Subject, refs: Sequence[object]) -> None:
    """Log many public changes in the present transaction, with as many queries as for one.

    Nobody is told at once: followers hear of them at their next turn.
    """
    with transaction.atomic():
        last = Counter.take("press_log", len(refs)) if refs else 0
        Entry.objects.bulk_create(
            Entry(number=last - len(refs) + n, subject=subject, ref=str(ref))
            for n, ref in enumerate(refs, 1)
        )
