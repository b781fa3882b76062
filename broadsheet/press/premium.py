"""The pages of the premium reports: the newest days on one page, and every day on its own."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Paper
from broadsheet.desk.reads import card_view
from broadsheet.desk.reads.premium import bounds, promise_text
from broadsheet.gate.pressed import Page
from broadsheet.look.parts import CardView, LinkView
from broadsheet.press.frame import Frame
from broadsheet.press.pages import front_pages

NEWEST = 90
"""Reports on /premium/ itself."""
MOST_A_DAY = 300
KEPT = timedelta(days=92)
"""Days older than this have no page of their own; their reports keep their addresses."""

Days = dict[date, list[CardView]]


def day_path(day: date) -> str:
    """The address of a day."""
    return f"/premium/{day.isoformat()}/"


def day_of(article: Article, frame: Frame) -> date | None:
    """The day of the paper's zone for which a report is premium."""
    at = article.picked_at or article.first_published_at
    return at.astimezone(frame.zone).date() if at else None


def known_days(frame: Frame) -> list[date]:
    """The days that have premium reports, the newest first; one query."""
    seen = Article.objects.visible(frame.now).of_class("premium").by_pick()
    moments = seen.filter(premium_at__gte=frame.now - KEPT).values_list("premium_at", flat=True)
    return list(dict.fromkeys(at.astimezone(frame.zone).date() for at in moments))


def overview(frame: Frame, known: Sequence[date]) -> Iterator[Page]:
    """The newest reports, day by day; `known` are all days that have any, the newest first."""
    days = _by_day(Article.objects.visible(frame.now).of_class("premium").by_pick(), frame, NEWEST)
    older = next((day for day in known if day not in days), None)
    link = LinkView(_("Premium"), "/premium/")
    yield from _pages(link, days, frame, earlier=older, promise=_promise(frame))


def _promise(frame: Frame) -> str:
    """What the publisher promises a day, beside what there is of it today; "" without a promise."""
    promised = promise_text(Paper.load().premium_promise)
    if not promised:
        return ""
    first, end = bounds(frame.now.astimezone(frame.zone).date(), frame.zone)
    seen = Article.objects.visible(frame.now).of_class("premium").by_pick()
    count = seen.filter(premium_at__gte=first, premium_at__lt=end).count()
    return f"{promised} {_('So far today: %(count)d.') % {'count': count}}"


def day_pages(wanted: Iterable[date], frame: Frame, known: Sequence[date]) -> Iterator[Page]:
    """Each of the days on a page of its own, with the way to the days beside it among `known`."""
    beside = dict(pairwise(known))
    after = {earlier: later for later, earlier in pairwise(known)}
    for day in wanted:
        first, end = bounds(day, frame.zone)
        seen = Article.objects.visible(frame.now).of_class("premium").by_pick()
        days = _by_day(seen.filter(premium_at__gte=first, premium_at__lt=end), frame, MOST_A_DAY)
        title = _("Premium on %(day)s") % {"day": formats.date_format(day)}
        link = LinkView(title, day_path(day))
        yield from _pages(link, days, frame, earlier=beside.get(day), later=after.get(day))


def _by_day(found: Any, frame: Frame, most: int) -> Days:
    days: Days = {}
    for article in found.for_cards()[:most]:
        day = day_of(article, frame)
        if day is not None:
            days.setdefault(day, []).append(card_view(article, frame.zone))
    return days


def _pages(
    link: LinkView,
    days: Days,
    frame: Frame,
    *,
    earlier: date | None,
    later: date | None = None,
    promise: str = "",
) -> Iterator[Page]:
    context = {
        "days": [(day, day_path(day), cards) for day, cards in days.items()],
        "earlier": day_path(earlier) if earlier else "",
        "later": day_path(later) if later else "",
        "is_day": link.url != "/premium/",
        "promise": promise,
    }
    cards = [card for day in days.values() for card in day]
    yield from front_pages("press/premium.html", context, frame, link, cards)
