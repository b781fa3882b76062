"""/corrections/: what the paper got wrong and put right or took back; older notices by month."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import TruncMonth
from django.utils import formats
from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Notice, NoticeKind, StaticPage
from broadsheet.desk.reads import notice_view
from broadsheet.gate.pressed import Page, PressRun
from broadsheet.kit import html, tokens
from broadsheet.look.parts import LinkView, NoticeView
from broadsheet.look.strict import render
from broadsheet.press.frame import CORRECTIONS, Frame
from broadsheet.press.pages import page_of

TOLD = (NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)
NEWEST = 100
"""Notices on /corrections/ itself."""

Told = tuple[LinkView, NoticeView]
"""A notice with the report that it is about; of a withdrawn report neither headline nor address,
which was made from it, is told."""


def press_corrections(
    run: PressRun, months: set[date], articles: list[Article], frame: Frame
) -> None:
    """Press the newest notices and the months that tell of these articles, or told before.

    A month in which nothing is left goes; the months beside point to another one then.
    """
    wanted = months | {month for article in articles for month in _months_of(article, frame)}
    known = known_months(frame)
    for earlier, later in pairwise(sorted({*known, *wanted})):
        if {earlier, later} & wanted:
            wanted = wanted | {earlier, later}
    for page in corrections_pages(frame, known, wanted):
        run.put(page)
    for month in wanted.difference(known):
        run.remove(month_path(month))


def month_path(month: date) -> str:
    """The address of a month's notices."""
    return f"{CORRECTIONS}{month:%Y-%m}/"


def is_told(article: Article) -> bool:
    """Whether the pages have something to say of a report, or had."""
    return any(_is_told(notice) for notice in article.notices.all())


def _is_told(notice: Notice) -> bool:
    return notice.kind in (*TOLD, NoticeKind.WITHDRAWAL)


def _months_of(article: Article, frame: Frame) -> Iterator[date]:
    for notice in article.notices.all():
        if _is_told(notice):
            yield notice.at.astimezone(frame.zone).date().replace(day=1)


def known_months(frame: Frame) -> list[date]:
    """The months that have notices, the newest first; one query."""
    month = TruncMonth("at", tzinfo=frame.zone)
    moments = _notices(frame).order_by().annotate(month=month).values_list("month", flat=True)
    return sorted({at.date() for at in moments.distinct()}, reverse=True)


def corrections_pages(
    frame: Frame, known: list[date], wanted: Iterable[date] | None = None
) -> Iterator[Page]:
    """The newest notices, and those of the wanted months; of all known ones when none is named."""
    newest = list(_notices(frame).select_related("article__section__title")[:NEWEST])
    shown = {notice.at.astimezone(frame.zone).date().replace(day=1) for notice in newest}
    # The oldest month shown here may go on there.
    first = min(shown, default=None) if len(newest) == NEWEST else None
    yield _page(CORRECTIONS, *_written(frame), newest, frame, earlier=first)
    beside = dict(pairwise(known))
    after = {earlier: later for later, earlier in pairwise(known)}
    for month in known if wanted is None else [month for month in known if month in set(wanted)]:
        told = list(_of_month(month, frame).select_related("article__section__title"))
        title = _("Corrections in %(month)s") % {
            "month": formats.date_format(month, "YEAR_MONTH_FORMAT")
        }
        yield _page(
            month_path(month), title, "", told, frame,
            earlier=beside.get(month), later=after.get(month),
        )  # fmt: skip


def _written(frame: Frame) -> tuple[str, str]:
    """The publisher's own title and text, if there is a static page of that address."""
    written = StaticPage.objects.filter(slug=CORRECTIONS.strip("/")).first()
    title, text = (written.title, written.body) if written else (_("Corrections"), "")
    return title, tokens.fill(html.sanitise(text), {"paper": frame.paper.name})


def _page(
    path: str, title: str, text: str, notices: list[Notice], frame: Frame, *,
    earlier: date | None = None, later: date | None = None,
) -> Page:  # fmt: skip
    days: dict[date, list[Told]] = {}
    for notice in notices:
        view = notice_view(notice, frame.zone)
        days.setdefault(view.at.date(), []).append((_link(notice, frame), view))
    context: dict[str, Any] = frame.page(path, title) | {
        "page_title": title,
        "page_html": text,
        "days": list(days.items()),
        "earlier": month_path(earlier) if earlier else "",
        "later": month_path(later) if later else "",
        "is_month": path != CORRECTIONS,
    }
    mentions = tuple(dict.fromkeys(notice.article_id for notice in notices))
    return page_of(path, render("press/corrections.html", context), mentions=mentions)


def _link(notice: Notice, frame: Frame) -> LinkView:
    article = notice.article
    if notice.kind != NoticeKind.WITHDRAWAL:
        return LinkView(article.shown_headline, article.path or "/")
    told = _("A report of %(date)s in %(section)s is no longer published")
    at = (article.first_published_at or notice.at).astimezone(frame.zone)
    values = {"date": formats.date_format(at, "DATE_FORMAT"), "section": article.section.name}
    return LinkView(told % values, "")


def _notices(frame: Frame) -> Any:
    """What stands, the newest first: of reports readers can see, and what was withdrawn."""
    shown = Article.objects.visible(frame.now).exclude(path=None)
    told = Q(kind__in=TOLD, article__in=shown)
    withdrawn = Q(kind=NoticeKind.WITHDRAWAL, at__gte=F("article__withdrawn_at"))
    withdrawn &= Q(article__path__isnull=False) & _was_read()
    return Notice.objects.filter(told | withdrawn, taken_back_at=None).order_by("-at", "-id")


def _was_read() -> Q:
    """The SQL form of `changes.was_read`, of a notice's withdrawn report."""
    lifted = Q()
    for name in ("article__embargo_until", "article__wire_embargo_until"):
        lifted &= Q(**{name: None}) | Q(**{f"{name}__lte": F("article__withdrawn_at")})
    return lifted | Q(article__visible_change__isnull=False)


def _of_month(month: date, frame: Frame) -> Any:
    first = datetime.combine(month, time(), frame.zone)
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return _notices(frame).filter(
        at__gte=first, at__lt=datetime.combine(following, time(), frame.zone)
    )
