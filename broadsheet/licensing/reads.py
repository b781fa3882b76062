"""Which reports changed for a licensee, and what the desk sees of licensees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from broadsheet.desk.models import Article
from broadsheet.desk.reads.topics import stated_topics
from broadsheet.licensing.models import Change, Licensee, Taken
from broadsheet.licensing.rules import Licence, State, Status, covers, status_of

PAGE = 50
"""Reports in one answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a licensee gets at once: changes with their status, and the `since` that follows."""

    rows: tuple[tuple[Change, Status], ...]
    following: int


def newest() -> int:
    """The number of the last change, 0 before the first."""
    return Change.objects.aggregate(newest=Max("number"))["newest"] or 0


def page_after(since: int, licensee: Licensee, now: datetime) -> Page:
    """The changes after a number: at most PAGE are looked at, the oldest first."""
    # Asked first: what changes meanwhile comes with the next page.
    last = newest()
    changes = list(_changes(since, licensee)[:PAGE])
    following = changes[-1].number if len(changes) == PAGE else last
    known = [change.pk for change in changes]
    changes += _no_longer_ours(licensee).exclude(pk__in=known)[: PAGE - len(changes)]
    return Page(tuple(_told(changes, licensee, now)), max(since, following))


OURS = Q(article__item=None) | Q(article__item__source__may_be_licensed_on=True)
"""Our own reports, and those that their agency lets us pass on."""


def _changes(since: int, licensee: Licensee) -> QuerySet[Change]:
    """Of the reports that the licence covers, and of those that the licensee has."""
    wanted = OURS & Q(article__path__isnull=False)
    if sections := licence_of(licensee).sections:
        wanted &= Q(article__section__in=sections)
    has = Exists(Taken.objects.filter(licensee=licensee, article=OuterRef("article")))
    return _whole(Change.objects.filter(wanted | Q(has), number__gt=since).annotate(has=has))


def _no_longer_ours(licensee: Licensee) -> QuerySet[Change]:
    """Reports that the licensee may still be using though their agency no longer lets us pass them
    on: a contract that ends changes no report.
    """
    using = Taken.objects.filter(licensee=licensee, article=OuterRef("article"), status="usable")
    return _whole(Change.objects.exclude(OURS).filter(Exists(using)).annotate(has=Exists(using)))


def _whole(changes: QuerySet[Change]) -> QuerySet[Change]:
    """With everything a report says, in as many queries for many as for few."""
    return changes.order_by("number").select_related(
        "article__section__title", "article__basis", "article__item__source", "article__picture",
        "article__wire_picture", "article__visible_change",
    ).prefetch_related(
        "article__notices", "article__picture__renditions", "article__wire_picture__renditions",
        "article__authorships__author", stated_topics("article__"),
    )  # fmt: skip


def _told(
    changes: list[Change], licensee: Licensee, now: datetime
) -> Iterator[tuple[Change, Status]]:
    licence = licence_of(licensee)
    for change in changes:
        article = change.article
        source = article.item.source if article.item else None
        covered = covers(
            licence,
            ours=source is None or source.may_be_licensed_on,
            section=article.section_id,
            access=article.access_class,
        )
        had = bool(getattr(change, "has", False))
        status = status_of(
            state_of(article), now, covered=covered, had=had, ahead=licensee.ahead_of_embargo
        )
        if status is not None:
            yield change, status


def licence_of(licensee: Licensee) -> Licence:
    """What a licensee may take; the sections are asked for once."""
    chosen = frozenset(section.pk for section in licensee.sections.all())
    return Licence(chosen, licensee.takes_premium, licensee.ahead_of_embargo)


def state_of(article: Article) -> State:
    """What the rules need to know of a report."""
    return State(
        live=article.live,
        held=article.held,
        withdrawn=article.withdrawn_at is not None,
        embargo=article.embargo_until,
        wire_embargo=article.wire_embargo_until,
        expires=(article.expire_at, article.wire_expires),
    )


def licensees() -> QuerySet[Licensee]:
    """All of them, with how many reports each has taken."""
    return Licensee.objects.annotate(reports=Count("taken")).order_by("name")


def taken_by(licensee: Licensee) -> QuerySet[Taken]:
    """What a licensee has, the last first."""
    return Taken.objects.filter(licensee=licensee).select_related("article")
