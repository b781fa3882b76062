"""The picture library: what there is, whose rights end, and where each picture stands."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk.models import Article, Picture
from broadsheet.kit import clock

PAGE = 40
SOON = timedelta(days=7)
KINDS = (
    ("", gettext_lazy("All")),
    ("own", gettext_lazy("Our own")),
    ("wire", gettext_lazy("From the wire")),
    ("uncredited", gettext_lazy("Without a credit")),
    ("ending", gettext_lazy("Rights end within 7 days")),
    ("over", gettext_lazy("Rights over")),
)


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture as the library lists it. `used` counts the reports that show it or may."""

    picture: Picture
    status: str
    tone: str
    used: int


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A report with a picture. `ours` says that staff chose it."""

    article: int
    headline: str
    ours: bool
    live: bool
    path: str


def pictures(kind: str = "", query: str = "") -> QuerySet[Picture]:
    """Pictures of a kind, the newest first."""
    now = clock.now()
    found: QuerySet[Picture] = Picture.objects.order_by("-created_at", "-pk")
    match kind:
        case "own" | "wire":
            found = found.filter(from_wire=kind == "wire")
        case "uncredited":
            found = found.filter(credit="", withdrawn_at=None)
        case "ending":
            ending = Q(expires__gt=now, expires__lte=now + SOON)
            found = found.filter(ending, withdrawn_at=None).order_by("expires")
        case "over":
            found = found.filter(Q(expires__lte=now) | Q(withdrawn_at__isnull=False))
    if query:
        words = Q(title__icontains=query) | Q(caption__icontains=query)
        found = found.filter(words | Q(credit__icontains=query))
    return found.select_related("source").prefetch_related("renditions")


def rows(page: list[Picture]) -> list[PictureRow]:
    """A page of the library: two queries for the uses, however many pictures there are."""
    numbers = [picture.pk for picture in page]
    used: Counter[int] = Counter()
    for column in ("picture", "wire_picture"):
        shown = Article.objects.filter(**{f"{column}__in": numbers}).values(column)
        for found in shown.annotate(number=Count("pk")):
            used[found[column]] += found["number"]
    now = clock.now()
    return [PictureRow(p, *_state(p, now), used[p.pk]) for p in page]


def _state(picture: Picture, now: datetime) -> tuple[str, str]:
    if picture.withdrawn_at is not None:
        return _("withdrawn"), "bad"
    if picture.over:
        return _("rights ended"), "bad"
    if not picture.credit:
        return _("has no credit"), "warn"
    if picture.expires is not None and picture.expires <= now + SOON:
        return _("rights end soon"), "warn"
    return _("may be shown"), "good"


def uses(picture: Picture) -> list[PictureUse]:
    """Reports that show a picture or would, one query."""
    shown = Article.objects.filter(Q(picture=picture) | Q(wire_picture=picture))
    return [
        PictureUse(
            article=article.pk,
            headline=str(article),
            ours=article.picture_id == picture.pk,
            live=article.visible(clock.now()),
            path=article.path or "",
        )
        for article in shown.order_by("-first_published_at", "-pk")
    ]
