"""The premium reports of a day beside what the publisher promises, and what could be picked."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import ngettext

from broadsheet.desk.models import Article, Paper

MOST = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report as the screen lists it; `at` in the paper's zone."""

    pk: int
    headline: str
    section: str
    agency: str
    access: str
    at: datetime | None
    is_picked: bool


@dataclass(frozen=True, slots=True)
class PremiumDay:
    """A day of the paper's zone: the premium reports, the promise, and what else was published."""

    day: date
    earlier: date
    later: date | None
    promise: int
    premium: tuple[Candidate, ...]
    others: tuple[Candidate, ...]

    @property
    def missing(self) -> int:
        """How many are missing to what is promised."""
        return max(0, self.promise - len(self.premium))


def promise_text(promised: int) -> str:
    """What the publisher promises readers, in the active language; "" for no promise."""
    if not promised:
        return ""
    return ngettext(
        "We promise %(number)d premium report every day, picked by our editors.",
        "We promise %(number)d premium reports every day, picked by our editors.",
        promised,
    ) % {"number": promised}


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next, in the paper's zone: a day may have 25 hours."""
    return tuple(datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))  # type: ignore[return-value]


def premium_day(day: date, now: datetime) -> PremiumDay:
    """One day, by two queries; `now` decides what readers see."""
    paper = Paper.load()
    zone = ZoneInfo(paper.time_zone)
    first, after = bounds(day, zone)
    seen = Article.objects.visible(now).select_related("section__title", "item__source")
    premium = seen.of_class("premium").by_pick()
    premium = premium.filter(premium_at__gte=first, premium_at__lt=after)
    others = seen.exclude(pk__in=Article.objects.of_class("premium").values("pk")).newest()
    others = others.filter(first_published_at__gte=first, first_published_at__lt=after)
    today = now.astimezone(zone).date()
    return PremiumDay(
        day=day,
        earlier=day - timedelta(days=1),
        later=day + timedelta(days=1) if day < today else None,
        promise=paper.premium_promise,
        premium=tuple(_candidate(article, zone) for article in premium[:MOST]),
        others=tuple(_candidate(article, zone) for article in others[:MOST]),
    )


def _candidate(article: Article, zone: ZoneInfo) -> Candidate:
    at = article.picked_at or article.first_published_at
    return Candidate(
        pk=article.pk or 0,
        headline=article.shown_headline,
        section=article.section.name,
        agency=article.item.source.agency if article.item else "",
        access=article.access_class,
        at=at.astimezone(zone) if at else None,
        is_picked=article.picked_at is not None,
    )
