"""The same story from other agencies, as the desk's screens show it beside a report."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import pgettext

from broadsheet.desk.models import Article, Likeness
from broadsheet.wire.models import Item, Status


@dataclass(frozen=True, slots=True)
class Alike:
    """Another agency's report of the story. `share`: per cent of the shorter text in the other.

    `article` is its article's number, None without one; `decided` is what the desk has said.
    """

    likeness: int
    item: int
    article: int | None
    headline: str
    agency: str
    share: int
    first: bool
    status: str
    tone: str
    decided: str


def alike(item: int | None) -> tuple[Alike, ...]:
    """Every report that tells the story of an item, whichever came first; one query."""
    if item is None:
        return ()
    both = ("item__latest", "item__source", "item__article", "like__latest", "like__source",
            "like__article")  # fmt: skip
    found = Likeness.objects.filter(Q(item=item) | Q(like=item)).select_related(*both)
    return tuple(_alike(likeness, item) for likeness in found)


def _alike(likeness: Likeness, item: int) -> Alike:
    first = likeness.item_id == item
    other = likeness.like if first else likeness.item
    article: Article | None = getattr(other, "article", None)
    status, tone = _standing(other, article)
    return Alike(
        likeness=likeness.pk,
        item=other.pk,
        article=article.pk if article else None,
        headline=other.latest.headline if other.latest else other.key,
        agency=other.source.agency,
        share=round(100 * likeness.share),
        first=first,
        status=status,
        tone=tone,
        decided=likeness.verdict and str(likeness.get_verdict_display()),
    )


def _standing(item: Item, article: Article | None) -> tuple[str, str]:
    if item.status == Status.CANCELED or (article and article.withdrawn_at):
        return pgettext("status", "withdrawn"), "bad"
    if article is None or not article.live:
        return pgettext("status", "not published"), "quiet"
    if article.held:
        return pgettext("status", "held"), "bad"
    return pgettext("status", "published"), "good"
