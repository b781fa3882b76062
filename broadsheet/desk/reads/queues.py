"""Queues are queries, not places: what waits for the desk, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Greatest, Least
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from broadsheet.desk.models import (
    Article,
    Intake,
    Likeness,
    Notice,
    NoticeKind,
    WithdrawalRequest,
)
from broadsheet.wire.models import Fetch, Item, Outcome, Status

SOON = timedelta(hours=24)
"""How long before its end a report shows among those that expire."""
MOST = 999
"""No queue is counted further: beyond it, how many there are makes no difference."""

Of = Literal["item", "intake", "article", "notice", "fetch", "request", "likeness"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one model in a queue: see `Queue`."""

    of: Of
    rows: Callable[[datetime], QuerySet[Any]]
    place: str
    moment: str


@dataclass(frozen=True, slots=True)
class Queue:
    """One question of the desk.

    `rows`: what waits at a moment. `place`: the column that orders them, with an index; the
    primary key parts equals. `moment`: the column that the filter by day looks at. `beside`: rows
    of another model that belong to the same question, in one order with the others.
    """

    name: str
    label: str | Promise
    empty: str | Promise
    icon: str
    of: Of
    rows: Callable[[datetime], QuerySet[Any]]
    place: str
    moment: str
    rising: bool = False
    beside: Kind | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All its rows, model by model."""
        own = Kind(self.of, self.rows, self.place, self.moment)
        return (own, self.beside) if self.beside else (own,)


def _incoming(now: datetime) -> QuerySet[Item]:
    found = Item.objects.exclude(latest=None)
    return found.select_related("latest", "source", "article__section", "intake__section")


def _new(now: datetime) -> QuerySet[Intake]:
    made = Article.objects.filter(item=OuterRef("item"))
    held = Intake.objects.filter(outcome=Intake.Outcome.HELD, due_at=None)
    found = held.exclude(item__latest=None).exclude(item__status=Status.CANCELED)
    return found.filter(~Exists(made)).select_related("item__latest", "item__source", "section")


def _embargoed(now: datetime) -> QuerySet[Intake]:
    """Reports that become articles by themselves when the agency's embargo lifts."""
    made = Article.objects.filter(item=OuterRef("item"))
    found = Intake.objects.filter(due_at__gt=now).filter(~Exists(made))
    return found.select_related("item__latest", "item__source", "section")


def _articles() -> QuerySet[Article]:
    return Article.objects.select_related("section", "item__source", "basis", "locked_by")


def _updates(now: datetime) -> QuerySet[Article]:
    waiting = _articles().filter(waiting__isnull=False, withdrawn_at=None)
    return waiting.select_related("waiting")


def _stale(now: datetime) -> QuerySet[Article]:
    stale = _articles().filter(stale_since__isnull=False, withdrawn_at=None)
    return stale.select_related("item__latest")


def _caused_by_wire(*kinds: str) -> QuerySet[Notice]:
    found = Notice.objects.filter(
        kind__in=kinds, seen_at=None, version__isnull=False, taken_back_at=None
    )
    return found.select_related(
        "article__section", "article__item__source", "article__basis", "article__locked_by"
    )


def _corrections(now: datetime) -> QuerySet[Notice]:
    return _caused_by_wire(NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)


def _withdrawals(now: datetime) -> QuerySet[Notice]:
    return _caused_by_wire(NoticeKind.WITHDRAWAL)


def _told_twice(now: datetime) -> QuerySet[Likeness]:
    """Pairs that readers see both of, until the desk has decided; a copy that waits is new."""
    found = Likeness.objects.filter(
        verdict="", item__article__live=True, item__article__withdrawn_at=None,
        like__article__live=True, like__article__withdrawn_at=None,
    )  # fmt: skip
    return found.select_related(
        "item__source", "item__article__section", "item__article__basis",
        "item__article__locked_by", "like__source", "like__article__basis",
    )  # fmt: skip


def _requested(now: datetime) -> QuerySet[WithdrawalRequest]:
    """What texts of the wire ask to withdraw, until the desk has decided."""
    asked = WithdrawalRequest.objects.filter(settled_at=None)
    return asked.select_related(
        "version__item__source", "item__latest", "item__article__section", "item__article__basis",
        "item__article__locked_by",
    )  # fmt: skip


def _later(now: datetime) -> QuerySet[Article]:
    """Embargoed by us or by the wire, or published for an hour to come; the latest counts."""
    embargo = _latest("embargo_until", "wire_embargo_until")
    numbers = [int(number) for number in scheduled(now).values_list("object_id", flat=True)]
    embargoed = Q(embargo_until__gt=now) | Q(wire_embargo_until__gt=now)
    found = _articles().filter(embargoed | Q(pk__in=numbers), withdrawn_at=None)
    return found.annotate(embargo=embargo, planned=planned(now)).annotate(
        appears=_latest("embargo", "planned")
    )


def _latest(one: str, other: str) -> Greatest:
    """The later of two moments, of which one may be missing."""
    return Greatest(Coalesce(one, other), Coalesce(other, one))


def planned(now: datetime) -> Subquery:
    """For a row of articles: the hour for which staff have published a draft of it, or null."""
    due = scheduled(now).filter(object_id=Cast(OuterRef("pk"), CharField()))
    return Subquery(due.order_by("approved_go_live_at").values("approved_go_live_at")[:1])


def scheduled(now: datetime) -> QuerySet[Any]:
    """Drafts that staff have published for an hour to come; Wagtail's, few at a time."""
    found: QuerySet[Any] = Revision.objects.filter(
        content_type=ContentType.objects.get_for_model(Article), approved_go_live_at__gt=now
    )
    return found


def _expiring(now: datetime) -> QuerySet[Article]:
    until = now + SOON
    ends = Least(Coalesce("expire_at", "wire_expires"), Coalesce("wire_expires", "expire_at"))
    soon = Q(expire_at__gt=now, expire_at__lte=until) | Q(
        wire_expires__gt=now, wire_expires__lte=until
    )
    return _articles().filter(soon, live=True, withdrawn_at=None).annotate(ends=ends)


def _held(now: datetime) -> QuerySet[Article]:
    return _articles().filter(held=True, withdrawn_at=None).prefetch_related("notices")


def _quarantined(now: datetime) -> QuerySet[Fetch]:
    waiting = Fetch.objects.filter(outcome=Outcome.QUARANTINED, replayed_at=None)
    return waiting.select_related("feed__source")


ALL = Queue(
    "all", _("All that came in"),
    _("Nothing came in yet. Add a feed under Feeds, or on the command line: broadsheet wire add"),
    "download", "item", _incoming, "latest_id", "latest__received_at",
)  # fmt: skip

QUEUES: tuple[Queue, ...] = (
    Queue(
        "new", _("New"),
        _("Reports that no rule publishes would wait here for you to open, publish or discard."),
        "mail", "intake", _new, "at", "at",
    ),
    Queue(
        "updates", _("Updates waiting"),
        _("When the wire goes on and the text is ours, its newer version would wait here."),
        "history", "article", _updates, "waiting_id", "waiting__received_at",
    ),
    Queue(
        "stale", _("Stale headlines"),
        _("When the wire's headline turns away from the one ours was written against,"
          " the report would show here."),
        "title", "article", _stale, "stale_since", "stale_since",
    ),
    Queue(
        "corrections", _("Corrections"),
        _("Corrections and clarifications by the agencies would show here until you have seen"
          " them. Readers see them at once."),
        "edit", "notice", _corrections, "at", "at",
    ),
    Queue(
        "withdrawals", _("Withdrawals"),
        _("What an agency withdraws is dark at once, and would show here until you have seen it;"
          " what one of its texts asks to withdraw, until you have decided."),
        "circle-xmark", "notice", _withdrawals, "at", "at",
        beside=Kind("request", _requested, "at", "at"),
    ),
    Queue(
        "twice", _("Told twice"),
        _("Two published reports of different agencies that tell the same story would show here"
          " until you have decided."),
        "copy", "likeness", _told_twice, "at", "at",
    ),
    Queue(
        "held", _("Held"),
        _("Reports that an agency or the desk is checking would show here; readers see a notice."),
        "lock", "article", _held, "pk", "last_published_at",
    ),
    Queue(
        "later", _("Embargoed and scheduled"),
        _("Reports that appear at an hour to come would show here, the next one first."),
        "calendar", "article", _later, "appears", "appears", rising=True,
        beside=Kind("intake", _embargoed, "due_at", "due_at"),
    ),
    Queue(
        "expiring", _("Expiring soon"),
        _("Reports that end within a day would show here, the next one first."),
        "time", "article", _expiring, "ends", "ends", rising=True,
    ),
    Queue(
        "quarantine", _("Quarantine"),
        _("The quarantine is empty: every document that came in could be read."),
        "warning", "fetch", _quarantined, "at", "at",
    ),
)  # fmt: skip

BY_NAME = {queue.name: queue for queue in (ALL, *QUEUES)}


def count(queue: Queue, now: datetime) -> int:
    """How many wait, up to MOST + 1, which means: more than MOST."""
    counts = [kind.rows(now).order_by()[: MOST + 1].count() for kind in queue.kinds]
    return min(sum(counts), MOST + 1)
