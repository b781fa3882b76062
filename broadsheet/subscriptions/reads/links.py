"""What may be given away, what was, and how often it was opened."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Paper
from broadsheet.desk.reads.access import access_in_force
from broadsheet.gate.rules import is_lent
from broadsheet.kit import clock
from broadsheet.look.strict import View
from broadsheet.subscriptions.links import address_of
from broadsheet.subscriptions.models import ArticleLink, Grant, LinkPolicy
from broadsheet.subscriptions.rules import unbroken

LISTED = 100
"""Links on a page."""


@dataclass(frozen=True, slots=True)
class LinkView(View):
    """A link as its maker sees it. Times are in the paper's zone; `most` is 0 for any number."""

    number: int
    headline: str
    path: str
    address: str
    note: str
    maker: str
    made: datetime
    ends: datetime
    openings: int
    most: int
    is_live: bool
    is_own: bool
    taken_back: bool


def link_view(link: ArticleLink, asking: User, zone: ZoneInfo, now: datetime) -> LinkView:
    """The view of a link for who asks; the article and the maker must be loaded."""
    return LinkView(
        number=link.pk,
        headline=link.article.shown_headline,
        path=link.article.path or "",
        address=address_of(link),
        note=link.note,
        maker=str(link.maker or ""),
        made=link.made_at.astimezone(zone),
        ends=link.ends_at.astimezone(zone),
        openings=link.openings,
        most=link.most_readers,
        is_live=link.ends_at > now,
        is_own=link.maker_id == asking.pk,
        taken_back=link.taken_back_at is not None,
    )


def gifts_of(reader: User, now: datetime) -> list[LinkView]:
    """The reader's newest gifts."""
    zone = ZoneInfo(Paper.load().time_zone)
    found = _shown(ArticleLink.objects.gifts().filter(maker=reader))
    return [link_view(link, reader, zone, now) for link in found]


def shared_links(article: Article, asking: User, now: datetime) -> list[LinkView]:
    """The links that staff made to an article, the newest first."""
    zone = ZoneInfo(Paper.load().time_zone)
    found = _shown(ArticleLink.objects.filter(article=article, kind=ArticleLink.SHARE))
    return [link_view(link, asking, zone, now) for link in found]


def _shown(found: "QuerySet[ArticleLink]") -> "QuerySet[ArticleLink]":
    return found.select_related("article", "maker")[:LISTED]


def gift_of(reader: User, article: Article, now: datetime) -> ArticleLink | None:
    """The gift of this article by this reader that still opens it."""
    return ArticleLink.objects.gifts().live(now).filter(maker=reader, article=article).first()


def gifts_left(reader: User, now: datetime) -> int:
    """How many articles the reader may still give this calendar month of the paper's zone."""
    month = clock.month_bounds(now, Paper.load().time_zone)
    since = datetime.fromtimestamp(month[1], UTC)
    given = ArticleLink.objects.gifts().filter(maker=reader, made_at__gte=since).count()
    return max(LinkPolicy.current().gifts_a_month - given, 0)


def lasting_rights(reader: int, now: datetime) -> dict[str, datetime]:
    """The entitlements in force of an account, each with the end that its grants give it."""
    stretches: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    grants = Grant.objects.filter(reader=reader, reader__is_active=True, revoked_at=None)
    for name, opens, closes in grants.values_list("entitlement", "valid_from", "valid_until"):
        stretches[name].append((opens, closes))
    ends = {name: unbroken(found, now) for name, found in stretches.items()}
    return {name: end for name, end in ends.items() if end > now}


def right_to_give(reader: User, article: Article, now: datetime) -> tuple[str, datetime] | None:
    """The entitlement by which the reader may read the article, and until when; None without."""
    access = access_in_force(article, now)
    held = lasting_rights(reader.pk, now)
    fitting = [(end, name) for name, end in held.items() if is_lent(access, name)]
    if not fitting:
        return None
    end, name = max(fitting)
    return name, end
