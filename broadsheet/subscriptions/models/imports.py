"""Subscribers brought along from elsewhere: each import, its file, and what it made of each line.

Nothing here charges anybody: what a gateway elsewhere does is only noted.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.subscriptions.imports import judging
from broadsheet.subscriptions.models.plans import PlanVersion


def erased_code(text: str) -> str:
    """Stands for an id or an address that was erased: it is recognised, and tells nothing."""
    return salted_hmac("subscriptions.imports", text, algorithm="sha256").hexdigest()[:40]


class SubscriberImport(models.Model):
    """One file of subscribers, and how far it was taken in.

    `plans` leads from their plan's name to the address of ours, "" for none. `place` is how many
    rows are done; it moves in the transaction that writes them. `counts` has them by outcome. `by`
    uploaded it, and from its start on is who started it: their rights decide what it gives, and
    `by_command` says that nobody's do, on the command line. Whose account is gone has none.
    """

    READY, RUNNING, DONE = "ready", "running", "done"
    DROPPED, UNDOING, UNDONE = "dropped", "undoing", "undone"
    STATES: ClassVar[list[tuple[str, object]]] = [
        (READY, _("waits")), (RUNNING, _("is running")), (DONE, _("done")),
        (DROPPED, _("dropped")), (UNDOING, _("is being undone")), (UNDONE, _("undone")),
    ]  # fmt: skip

    format = models.CharField(max_length=24)
    source = models.CharField(max_length=12)
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_command = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField(default=clock.now)
    plans: Any = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=STATES, default=READY)
    place = models.PositiveIntegerField(default=0)
    counts: Any = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    welcome_at = models.DateTimeField(null=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """The uploaded bytes (zlib), kept only until they are taken in or dropped."""

    of = models.OneToOneField(
        SubscriberImport, models.CASCADE, primary_key=True, related_name="file"
    )
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.of}"


class ImportProblem(models.Model):
    """What was wrong with a line, without anybody's address."""

    of = models.ForeignKey(SubscriberImport, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    wrong = models.CharField(max_length=300)
    remedy = models.CharField(max_length=300)

    class Meta:
        """In the order of the file."""

        ordering: ClassVar[list[str]] = ["line", "id"]

    def __str__(self) -> str:
        return f"{self.line}: {self.wrong}"


class ImportedSubscriptionQuerySet(models.QuerySet["ImportedSubscription"]):
    """Chainable filters."""

    def reading(self) -> "ImportedSubscriptionQuerySet":
        """What opens something, or did so until its end, for a reader who can sign in."""
        return self.filter(state=judging.OPEN, reader__is_active=True)

    def unwelcomed(self, now: datetime) -> "ImportedSubscriptionQuerySet":
        """What opens something still, for readers who never got the welcome mail."""
        known = ImportedSubscription.objects.filter(
            reader=OuterRef("reader"), welcomed_at__isnull=False
        )
        lasts = Q(paid_until=None) | Q(paid_until__gt=now)
        return self.reading().filter(lasts, ~Exists(known))


class ImportedSubscription(models.Model):
    """What a reader had elsewhere. Its grants last until the day that was paid there, no longer.

    `foreign_id` is the source's id, else the address in the file: the same one again is brought up
    to date. `gateway_ref` is noted only: nobody is charged by it, whether it is alive or dead.
    `version` is our plan in its place, None for an account without access.
    """

    STATES: ClassVar[list[tuple[str, object]]] = [
        (judging.ACCOUNT, _("account only")), (judging.OPEN, _("access")),
        (judging.OVER, _("over")), (judging.UNDONE, _("taken back")),
        (judging.ERASED, _("erased")),
    ]  # fmt: skip

    source = models.CharField(_("brought along from"), max_length=12)
    foreign_id = models.CharField(_("number there"), max_length=260)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="imported"
    )
    made_by = models.ForeignKey(
        SubscriberImport, models.SET_NULL, null=True, related_name="imported"
    )
    made_account = models.BooleanField(default=False)
    their_plan = models.CharField(_("plan there"), max_length=120, blank=True)
    version = models.ForeignKey(
        PlanVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("plan")
    )
    paid_until = models.DateTimeField(_("paid until"), null=True)
    complimentary = models.BooleanField(_("for nothing"), default=False)
    cancelled = models.BooleanField(_("cancelled there"), default=False)
    gateway_ref = models.CharField(_("customer there"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=STATES, default=judging.ACCOUNT)
    imported_at = models.DateTimeField(_("brought along on"), default=clock.now)
    welcomed_at = models.DateTimeField(_("welcomed on"), null=True)
    reminded_at = models.DateTimeField(_("reminded on"), null=True)
    invited_at = models.DateTimeField(_("invited on"), null=True)
    address_code = models.CharField(max_length=40, blank=True, db_index=True)
    objects: ClassVar[models.Manager["ImportedSubscription"]] = (
        ImportedSubscriptionQuerySet.as_manager()
    )

    class Meta:
        """One row for one subscriber of a source, however often the file comes."""

        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "foreign_id"], name="imported_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "paid_until"])]

    def __str__(self) -> str:
        return f"{self.source}: {self.foreign_id}"

    @property
    def held(self) -> judging.Held:
        """What it is, as the next import compares it."""
        return judging.Held(
            self.state, self.version_id, self.paid_until, self.complimentary, self.cancelled,
            self.their_plan, self.gateway_ref,
        )  # fmt: skip

    @property
    def last_moment(self) -> datetime | None:
        """A second before its end: a day that was paid wholly is told by its own date."""
        return self.paid_until - timedelta(seconds=1) if self.paid_until else None

    def take(self, wanted: judging.Held) -> None:
        """Be what a file says; not saved. A later end is reminded of anew."""
        if wanted.until != self.paid_until:
            self.reminded_at = self.invited_at = None
        self.state, self.version_id, self.paid_until = wanted.state, wanted.version, wanted.until
        self.complimentary, self.cancelled = wanted.complimentary, wanted.cancelled
        self.their_plan, self.gateway_ref = wanted.plan, wanted.gateway

    def forget(self, address: str) -> None:
        """Its reader is erased: keep nothing but what keeps the reader from coming back; not
        saved."""
        self.foreign_id = erased_code(f"{self.source}:{self.foreign_id}")
        self.address_code = erased_code(address)
        self.their_plan = self.gateway_ref = ""
        self.paid_until, self.state = None, judging.ERASED
