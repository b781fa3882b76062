"""The page /corrections/: what the paper got wrong and put right, day by day."""

from datetime import date

from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Notice, NoticeKind, StaticPage
from broadsheet.desk.reads import notice_view
from broadsheet.gate.pressed import Page
from broadsheet.kit import html, tokens
from broadsheet.look.parts import LinkView, NoticeView
from broadsheet.look.strict import render
from broadsheet.press.frame import CORRECTIONS, Frame
from broadsheet.press.pages import page_of

TOLD = (NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)
MOST = 500
"""Notices on the page; older ones stay below their reports."""


def corrections_page(frame: Frame) -> Page:
    """The publisher's own text on the matter, if there is a static page of that address, and every
    correction of a report that readers can still see.
    """
    days: dict[date, list[tuple[LinkView, NoticeView]]] = {}
    mentions: list[int] = []
    for notice in _notices(frame):
        view, article = notice_view(notice, frame.zone), notice.article
        link = LinkView(article.shown_headline, article.path or "/")
        days.setdefault(view.at.date(), []).append((link, view))
        mentions.append(article.pk)
    written = StaticPage.objects.filter(slug=CORRECTIONS.strip("/")).first()
    title = written.title if written else _("Corrections")
    text = written.body if written else ""
    context = frame.page(CORRECTIONS, title) | {
        "page_title": title,
        "page_html": tokens.fill(html.sanitise(text), {"paper": frame.paper.name}),
        "days": list(days.items()),
    }
    page = render("press/corrections.html", context)
    return page_of(CORRECTIONS, page, mentions=tuple(dict.fromkeys(mentions)))


def _notices(frame: Frame) -> list[Notice]:
    shown = Article.objects.visible(frame.now).exclude(path=None)
    told = Notice.objects.filter(kind__in=TOLD, article__in=shown)
    return list(told.select_related("article").order_by("-at", "-id")[:MOST])


def is_told(article: Article) -> bool:
    """Whether the page has something to say of a report, or had."""
    return any(notice.kind in TOLD for notice in article.notices.all())
