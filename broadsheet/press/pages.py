"""Each page of the paper as bytes for the pressed store. Reads only; writes nothing."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Redirect, Section, StaticPage, Title
from broadsheet.desk.reads import (
    article_view,
    as_drafted,
    card_view,
    notice_view,
    picture_view,
    section_link,
)
from broadsheet.desk.reads.growing import updated_report
from broadsheet.fronts import reads as fronts
from broadsheet.gate.pressed import Page, Variant, compressed, etag_of
from broadsheet.kit import html, tokens
from broadsheet.look.parts import ArticleView, CardView, LinkView
from broadsheet.look.strict import render
from broadsheet.press import structured, syndication
from broadsheet.press.changes import changed_at, was_read
from broadsheet.press.frame import Frame
from broadsheet.press.reports import paper_list, section_list, title_list
from broadsheet.press.syndication import Listing

RELATED = 4
FEEDS = {
    "rss": (syndication.rss, "application/rss+xml; charset=utf-8"),
    "atom": (syndication.atom, "application/atom+xml; charset=utf-8"),
    "json": (syndication.json_feed, "application/feed+json"),
}


def page_of(path: str, text: str | bytes, variant: Variant = "plain", **more: Any) -> Page:
    """A page with its entity tag, compressed once."""
    return Page(path, variant, compressed(text), etag_of(text), **more)


def article_pages(article: Article, frame: Frame) -> Iterator[Page]:
    """Every variant of an article, or what stands at its address when it is not to be read."""
    if article.withdrawn_at is not None or not article.live:
        if was_read(article):
            yield _notice_page(article, frame, 410)
        return
    if article.held:
        yield _notice_page(article, frame, 404)
        return
    if 0 < _not_after(article) <= frame.now.timestamp():
        yield _notice_page(article, frame, 410, over=True)
        return
    yield from _report_pages(article, frame)


def _report_pages(article: Article, frame: Frame) -> Iterator[Page]:
    """The variants of an article that can be read, under its title's nameplate."""
    frame = frame.of(article.section.title_id)
    related = tuple(
        replace(card_view(other, frame.zone), title=None) for other in _related(article, frame)
    )
    later = updated_report(article, frame.now)
    view = article_view(
        article,
        origin=frame.paper.origin,
        related=related,
        changed=changed_at(article),
        later=later,
    )
    bounds = {"not_before": _not_before(article), "not_after": _not_after(article)}
    bounds |= {"section": article.section_id or 0, "published": _published(article)}
    facts = {"access": article.own_access, "article": article.pk or 0, **bounds}
    mentions = (*(card.id for card in related), *([later.pk] if later else ()))
    closes = article.access_class != "open" or article.own_access != "open" or bool(frame.turns)
    variants: tuple[Variant, ...] = ("full", "full_no_ads", *(("teaser",) if closes else ()))
    head = structured.head(article, view, frame)
    for variant in variants:
        if variant == "teaser" and view.card.access == "open":
            view = _closed(view, article)
            head = structured.head(article, view, frame)
        context = _article_context(view, frame, variant) | {"head": head, "counted": closes}
        text = render("press/article.html", context)
        yield page_of(str(article.path), text, variant, mentions=mentions, **facts)


def _closed(view: ArticleView, article: Article) -> ArticleView:
    """The view as a teaser tells it: whoever gets one cannot read the report for free, whatever
    the class was when it was pressed."""
    own = article.own_access
    return replace(view, card=replace(view.card, access="metered" if own == "open" else own))


def _article_context(view: ArticleView, frame: Frame, variant: Variant) -> dict[str, Any]:
    gated = view.card.access != "open"
    context = frame.page(
        view.card.url,
        view.card.headline,
        description=structured.description(view),
        show_ads=variant != "full_no_ads",
    )
    return context | {
        "article": view,
        "variant": "teaser" if variant == "teaser" else "full",
        "gated": gated,
        "gives": frame.gives and gated,
        "place_script": frame.place_script if variant != "teaser" else "",
    }


def preview(article: Article, frame: Frame) -> str:
    """The full page of a draft, for staff."""
    frame = frame.of(article.section.title_id)
    view = as_drafted(article_view(article, origin=frame.paper.origin), article)
    picture = picture_view(article.shown_picture, for_staff=True)
    view = replace(view, card=replace(view.card, picture=picture))
    context = frame.page(article.path or "/", view.card.headline) | {
        "article": view,
        "head": structured.head(article, view, frame),
        "variant": "full",
        "gives": False,
        "place_script": "",
        "gated": article.access_class != "open",
        "counted": False,
    }
    return render("press/article.html", context)


def _published(article: Article) -> float:
    return article.first_published_at.timestamp() if article.first_published_at else 0


def _not_before(article: Article) -> float:
    moments = (article.embargo_until, article.wire_embargo_until)
    return max((m.timestamp() for m in moments if m is not None), default=0)


def _not_after(article: Article) -> float:
    moments = (article.expire_at, article.wire_expires)
    return min((m.timestamp() for m in moments if m is not None), default=0)


def _related(article: Article, frame: Frame) -> list[Article]:
    """What came before it in its section; below the section's oldest stand its newest.

    So an article stands on a handful of pages, and its withdrawal presses no more than these.
    """
    others = Article.objects.visible(frame.now).filter(section_id=article.section_id)
    others = others.exclude(pk=article.pk).newest().for_cards()
    at = article.first_published_at
    earlier = Q(first_published_at__lt=at) | Q(first_published_at=at, pk__lt=article.pk)
    found = list(others.filter(earlier)[:RELATED])
    if len(found) < RELATED:
        known = [other.pk for other in found]
        found += others.exclude(pk__in=known)[: RELATED - len(found)]
    return found


def _notice_page(article: Article, frame: Frame, status: int, *, over: bool = False) -> Page:
    frame = frame.of(article.section.title_id)
    told = article.notices.filter(kind__in=("withdrawal", "hold"), taken_back_at=None)
    notice = told.first()
    shown = notice if notice and (article.withdrawn_at or article.held) else None
    context = frame.page(str(article.path), _("Not available")) | {
        "notice": notice_view(shown, frame.zone) if shown else None,
        "headline": "",
        "over": over,
    }
    return page_of(str(article.path), render("press/notice_410.html", context), status=status)


def front_pages(
    template: str, context: dict[str, Any], frame: Frame, link: LinkView, cards: Iterable[CardView],
    description: str = "",
) -> Iterator[Page]:  # fmt: skip
    """A front at `link`, with and without ads. It names its cards, and so is pressed again when one
    of them goes; until the worker has done it, an hour's outage included, it lists what it listed.
    """
    mentions = tuple(card.id for card in cards)
    variants: tuple[tuple[Variant, bool], ...] = (("plain", True), ("plain_no_ads", False))
    for variant, show_ads in variants:
        common = frame.page(link.url, link.title, description=description, show_ads=show_ads)
        text = render(template, common | context)
        yield page_of(link.url, text, variant, mentions=mentions)


def home_pages(frame: Frame) -> Iterator[Page]:
    """The home page and its feeds."""
    link = LinkView(frame.paper.name, "/")
    yield from _whole_front(fronts.home(frame.now, frame.zone), frame, link)
    yield from feed_pages(frame, paper_list(frame))


def title_pages(title: Title, frame: Frame) -> Iterator[Page]:
    """The front of a second title and its feeds."""
    frame = frame.of(title.pk)
    front = fronts.title_front(title, frame.now, frame.zone)
    yield from _whole_front(front, frame, LinkView(title.name, title.path))
    yield from feed_pages(frame, title_list(title, frame))


def _whole_front(home: fronts.HomeView, frame: Frame, link: LinkView) -> Iterator[Page]:
    context = {
        "cards": home.cards,
        "lead": home.lead,
        "major": home.major,
        "standard": home.standard,
        "by_section": home.by_section,
        "latest": home.latest,
    }
    yield from front_pages("press/home.html", context, frame, link, home.cards)


def section_pages(section: Section, frame: Frame) -> Iterator[Page]:
    """A section's front and its feeds."""
    frame = frame.of(section.title_id)
    cards = fronts.section_cards(section, frame.now, frame.zone)
    link = section_link(section)
    context = {
        "section": link,
        "section_description": section.description,
        "cards": cards,
        "own_section": True,
    }
    yield from front_pages("press/section.html", context, frame, link, cards, section.description)
    yield from feed_pages(frame, section_list(section, frame))


def feed_pages(frame: Frame, listing: Listing) -> Iterator[Page]:
    """RSS, Atom and JSON Feed of a list, below its address; they must not outlive its reports."""
    mentions = tuple(report.card.id for report in listing.reports)
    for name, (build, content_type) in FEEDS.items():
        data = build(listing, frame)
        path = f"{listing.path}feed.{name}"
        yield page_of(path, data, content_type=content_type, mentions=mentions)


def redirect_pages(standing: Container[str]) -> Iterator[Page]:
    """The addresses that moved, but for those at which something stands."""
    for path, to in Redirect.objects.values_list("path", "to"):
        if path not in standing:
            yield page_of(path, "", status=301, location=to)


def static_page(page: StaticPage, frame: Frame) -> Page:
    """Imprint and the like, its tokens filled in."""
    text = tokens.fill(html.sanitise(page.body), {"paper": frame.paper.name})
    context = frame.page(page.path, page.title) | {"page_title": page.title, "page_html": text}
    return page_of(page.path, render("press/static_page.html", context))


def nameplate(frame: Frame) -> Page:
    """The nameplate as a picture: the logo that structured data asks for."""
    name = frame.paper.nameplate
    text = render("press/nameplate.svg", {"name": name, "width": 60 + 22 * len(name)})
    return page_of(structured.LOGO, text, content_type="image/svg+xml")


def error_pages(frame: Frame) -> Iterator[Page]:
    """What the gate shows when there is nothing to show."""
    gone = {"notice": None, "headline": "", "over": True}
    for name, status, title, template, extra in (
        ("!404", 404, _("Not found"), "press/error_404.html", {}),
        ("!410", 410, _("Not available"), "press/notice_410.html", gone),
        ("!503", 503, _("Back in a moment"), "press/error_503.html", {}),
    ):
        yield page_of(name, render(template, frame.page("/", title) | extra), status=status)
