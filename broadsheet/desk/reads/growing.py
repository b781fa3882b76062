"""Reports that grew out of one another, by the agency's word; nothing is merged by it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from broadsheet.desk.models import Article
from broadsheet.look.parts import LinkView
from broadsheet.wire.models import Item


def earlier_report(article: Article) -> Item | None:
    """The item that an article's report grew out of."""
    return article.item.earlier if article.item else None


def later_reports(article: Article) -> list[Item]:
    """The items that grew out of an article's report, the newest first."""
    if article.item is None:
        return []
    return list(article.item.later.select_related("latest").order_by("-pk")[:10])


def updated_report(article: Article, now: datetime) -> Article | None:
    """The newest report that readers may see and that grew out of this one."""
    if article.item is None or not article.pk:
        return None
    grown = Article.objects.visible(now).filter(item__in=article.item.later)
    return grown.exclude(path=None).newest().first()


def updated_link(later: Article | None) -> LinkView | None:
    """The link from a report to the one that grew out of it."""
    return LinkView(later.shown_headline, str(later.path)) if later else None


def grown_from(articles: Iterable[int]) -> set[int]:
    """The articles whose pages point to one of these as the updated report."""
    grown = Item.objects.filter(~Q(evolved_from=""), article__in=list(articles))
    earlier = {item.pk for one in grown if (item := one.earlier)}
    return set(Article.objects.filter(item__in=earlier).values_list("pk", flat=True))
