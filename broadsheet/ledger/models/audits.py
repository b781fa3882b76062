"""What the nightly checks found: of the books, and of the books beside the gateway."""

from typing import ClassVar

from django.db import models

from broadsheet.kit import clock


class Audit(models.Model):
    """One night's check: how many problems there were, and the first of them in words.

    `day` is in the paper's zone; `ended_at` None while it runs, or when it was killed.
    """

    day = models.DateField(primary_key=True)
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    problems = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-day"]


class Comparison(models.Model):
    """One night's comparison of the books with a gateway, of what happened there since `since`.

    `stage` and `cursor` say where it is, so that another worker goes on; nobody else touches it
    before `next_at`. `looked` checkouts were compared, `foreign` ones belong to others on the same
    account, `repaired` counts differences. `ended_at` None while it runs; `problem` is why it
    waits.
    """

    provider = models.CharField(max_length=20)
    day = models.DateField()
    since = models.DateTimeField()
    began_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField()
    stage = models.PositiveSmallIntegerField(default=0)
    cursor = models.CharField(max_length=300, blank=True)
    looked = models.PositiveIntegerField(default=0)
    foreign = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        """The newest first; one a day for each gateway."""

        ordering: ClassVar[list[str]] = ["-day", "provider"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "day"], name="compared_once_a_day")
        ]


class Difference(models.Model):
    """What a gateway and the books say differently of a checkout, until it is mended.

    `ref` is the checkout's, `about` that of the charge, refund, dispute or fee meant by `kind`, ""
    for the state of the whole. Amounts are minor units of `currency`. `problem` is why settling
    did not mend it.
    """

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    about = models.CharField(max_length=140, blank=True)
    ours = models.BigIntegerField(null=True)
    theirs = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    found_at = models.DateTimeField(default=clock.now)
    mended_at = models.DateTimeField(null=True)

    class Meta:
        """The newest first; each known once."""

        ordering: ClassVar[list[str]] = ["-found_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["provider", "ref", "kind", "about"], name="difference_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["mended_at"])]
