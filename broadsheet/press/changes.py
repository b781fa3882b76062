"""When readers last saw a report change: told by what is on the page, not by who saved what.

A version that changes only what staff own, a new embargo, the same text published again: none of
them is a change to readers, and no surface may say so.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from broadsheet.desk.models import Article, Notice, Paper
from broadsheet.desk.reads import card_view
from broadsheet.kit import clock
from broadsheet.press.models import VisibleChange

logger = logging.getLogger(__name__)


def note_changes(articles: Sequence[Article]) -> None:
    """Note which of the visible articles look different from the last time they were pressed.

    Call before the store is locked. Several processes may note the same: one of them does.
    """
    now, zone = clock.now(), ZoneInfo(Paper.load().time_zone)
    shown = dict(_shown(articles, now, zone))
    known = dict(
        VisibleChange.objects.filter(pk__in=shown).values_list("article_id", "fingerprint")
    )
    fresh = [
        VisibleChange(article=article, fingerprint=seen, at=changed_at(article))
        for pk, (article, seen) in shown.items()
        if pk not in known
    ]
    VisibleChange.objects.bulk_create(fresh, ignore_conflicts=True)
    for pk, (_, seen) in shown.items():
        if pk in known and known[pk] != seen:
            same = VisibleChange.objects.filter(pk=pk, fingerprint=known[pk])
            same.update(fingerprint=seen, at=now)


def _shown(
    articles: Iterable[Article], now: datetime, zone: ZoneInfo
) -> Iterator[tuple[int, tuple[Article, str]]]:
    for article in articles:
        try:
            if article.visible(now):
                yield article.pk, (article, _fingerprint(article, zone))
        except Exception:
            # It cannot be pressed either, and must not keep the others from it.
            logger.exception("What readers see of article %s cannot be told.", article.pk)


def _fingerprint(article: Article, zone: ZoneInfo) -> str:
    card = card_view(article, zone)
    picture = card.picture and (article.shown_picture and article.shown_picture.pk)
    fields = article.basis.fields if article.basis else {}
    seen = (
        article.full_headline,
        article.full_standfirst,
        article.full_body,
        card.kicker,
        card.byline,
        card.agency,
        article.dateline or fields.get("dateline") or "",
        card.picture and (picture, card.picture.caption, card.picture.credit),
        [article.disclosure.form, *article.disclosure.fields],
        [(notice.kind, notice.text) for notice in lasting(article)],
    )
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


def lasting(article: Article) -> list[Notice]:
    """The notices that stay below a report."""
    return [notice for notice in article.notices.all() if notice.lasts]


def was_read(article: Article) -> bool:
    """Whether readers could ever read it: what an embargo kept from them leaves no trace when it
    is withdrawn, neither a notice nor an address made of its headline.
    """
    noted = getattr(article, "visible_change", None) is not None
    moments = (article.embargo_until, article.wire_embargo_until)
    opens = max((moment for moment in moments if moment), default=None)
    return noted or opens is None or (article.withdrawn_at or clock.now()) >= opens


def changed_at(article: Article) -> datetime | None:
    """When readers last saw a change; None when they never did.

    A report that was never noted (a restored paper) changed with its last correction.
    """
    noted: VisibleChange | None = getattr(article, "visible_change", None)
    if noted is not None:
        return noted.at
    first = article.first_published_at
    moments = [n.at for n in lasting(article) if first is None or n.at > first]
    return max(moments, default=None)
