"""What the paper shows of articles: frozen views for press, previews and lists."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from broadsheet.desk.models import (
    Article,
    Author,
    Notice,
    NoticeKind,
    Paper,
    Section,
    StaticPage,
    Title,
    Topic,
)
from broadsheet.desk.reads.authors import author_links, byline_of
from broadsheet.desk.reads.enclosures import enclosures_of
from broadsheet.desk.reads.growing import updated_link
from broadsheet.desk.reads.pictures import picture_view
from broadsheet.desk.reads.topics import topic_links
from broadsheet.desk.wording import disclosure_text
from broadsheet.kit import clock, html
from broadsheet.look.parts import (
    ArticleView,
    CardView,
    LinkView,
    NoticeView,
    PaperView,
)


def paper_view(origin: str, *, current: str = "") -> PaperView:
    """The paper as every page shows it. `current` is the address of the page."""
    sections = tuple(
        LinkView(s.name, s.path, s.path == current) for s in Section.objects.filter(title=None)
    )
    pages = tuple(LinkView(p.title, p.path, p.path == current) for p in StaticPage.objects.all())
    return replace(
        letterhead(origin),
        sections=sections,
        pages=pages,
        has_premium=Article.objects.of_class("premium").filter(live=True).exists(),
        titles=tuple(LinkView(t.name, t.path) for t in Title.objects.filter(told=True)),
    )


def letterhead(origin: str) -> PaperView:
    """The paper as a mail shows it: its names, and nothing that its pages link to."""
    paper = Paper.load()
    return PaperView(
        name=paper.name,
        nameplate=paper.nameplate or paper.name,
        tagline=paper.tagline,
        language=paper.language,
        direction="rtl" if paper.right_to_left else "ltr",
        zone=paper.time_zone,
        origin=origin,
        description=paper.description or paper.tagline or paper.name,
        device=paper.device,
        sections=(),
        pages=(),
        has_premium=False,
        demo=paper.demo,
    )


def title_views(paper: PaperView) -> dict[int, PaperView]:
    """The paper as the pages of each second title show it, by the title's number; two queries."""
    sections: dict[int | None, list[LinkView]] = {}
    for section in Section.objects.exclude(title=None):
        sections.setdefault(section.title_id, []).append(section_link(section))
    return {
        title.pk: replace(
            paper,
            nameplate=title.nameplate or title.name,
            tagline=title.tagline,
            description=title.description or title.tagline or title.name,
            device="",
            sections=tuple(sections.get(title.pk, ())),
            titles=(
                LinkView(paper.name, "/"),
                *(other for other in paper.titles if other.url != title.path),
            ),
            title=title_link(title),
            tone=title.tone,
        )
        for title in Title.objects.all()
    }


def section_link(section: Section) -> LinkView:
    """A section as a link."""
    return LinkView(section.name, section.path)


def title_link(title: Title | None) -> LinkView | None:
    """A second title as a link, None for the paper itself."""
    return LinkView(title.name, title.path) if title else None


def card_view(article: Article, zone: ZoneInfo) -> CardView:
    """An article as lists show it: from the shown columns, never from the body."""
    agency = article.item.source.agency if article.item else ""
    published = article.first_published_at or clock.now()
    return CardView(
        id=article.pk or 0,
        url=article.path or "/",
        headline=article.shown_headline or article.full_headline,
        kicker=article.kicker,
        standfirst=article.shown_standfirst,
        section=section_link(article.section),
        byline=byline_of(article, author_links(article) if article.pk else ()),
        agency=agency,
        published=published.astimezone(zone),
        access=article.access_class,
        news_value=article.news_value,
        picture=picture_view(article.shown_picture),
        title=title_link(article.section.title),
    )


def article_view(
    article: Article,
    *,
    origin: str,
    related: Iterable[CardView] = (),
    changed: datetime | None = None,
    later: Article | None = None,
) -> ArticleView:
    """An article in full, in the active language. The caller decides who may get `gated_html`.

    `changed` is when readers last saw it change, as the press knows; `later` grew out of it.
    """
    paper = Paper.load()
    zone = ZoneInfo(paper.time_zone)
    # From the owners, not from the shown columns: a draft in preview has none of its own yet.
    card = replace(
        card_view(article, zone),
        headline=article.full_headline,
        standfirst=article.full_standfirst,
    )
    fields = article.basis.fields if article.basis else {}
    return ArticleView(
        card=card,
        dateline=article.dateline or str(fields.get("dateline") or ""),
        **_texts(article),
        wire_date=wire_date(article),
        changed=changed.astimezone(zone) if changed else None,
        notices=tuple(notice_view(n, zone) for n in _notices(article)),
        disclosure=disclosure_of(article, paper.name),
        related=tuple(related),
        canonical=html.absolute(origin, article.path or "/"),
        later=updated_link(later),
        enclosures=enclosures_of(article),
        topics=topic_links(article),
        authors=author_links(article),
    )


def as_drafted(view: ArticleView, article: Article) -> ArticleView:
    """The view with the topics and authors of a draft, which has no rows of its own yet."""
    topics = Topic.objects.in_bulk(article.full_topics.splitlines(), field_name="code")
    authors = Author.objects.in_bulk(article.authors.splitlines(), field_name="slug")
    links = tuple(
        LinkView(a.name, a.path) for s in article.authors.splitlines() if (a := authors.get(s))
    )
    return replace(
        view,
        topics=tuple(
            LinkView(t.name, t.path)
            for c in article.full_topics.splitlines()
            if (t := topics.get(c))
        ),
        authors=links,
        card=replace(view.card, byline=byline_of(article, links)),
    )


def _texts(article: Article) -> dict[str, str]:
    """The text as a view parts it: for others, for everyone, for those who have the right."""
    body = html.without_pictures(article.full_body)
    teaser = html.teaser(body)[0]
    if article.access_class == "open":
        return {"teaser_html": teaser, "open_html": body, "gated_html": ""}
    shown, rest = parted(body, teaser)
    return {"teaser_html": teaser, "open_html": shown, "gated_html": rest}


def disclosure_of(article: Article, paper: str) -> str:
    """Who wrote and who reworked the report, in the active language; every surface asks here."""
    agency = article.item.source.agency if article.item else ""
    return disclosure_text(article.disclosure, paper=paper, agency=agency)


def parted(body: str, teaser: str) -> tuple[str, str]:
    """The body parted between two paragraphs: those the teaser shows whole, and the rest."""
    blocks, shown = html.paragraphs(body), html.paragraphs(teaser)
    whole = 0
    while whole < min(len(blocks), len(shown)) and blocks[whole] == shown[whole]:
        whole += 1
    return "".join(blocks[:whole]), "".join(blocks[whole:])


def wire_date(article: Article) -> str:
    """The wire's own date in the wire's own zone: "17 October 2023 08:12 IST"; "" without one."""
    at = article.basis.dated_local if article.basis else None
    if at is None:
        return ""
    return _("%(date)s %(time)s %(zone)s") % {
        "date": formats.date_format(at, "DATE_FORMAT"),
        "time": f"{at:%H:%M}",
        "zone": _zone_name(at, ZoneInfo(Paper.load().time_zone)),
    }


def _zone_name(at: datetime, paper: ZoneInfo) -> str:
    """The zone as the wire names it; where it only gave an offset that is ours, our own name."""
    stated, local = at.tzname() or "", at.astimezone(paper)
    ours = local.tzname() or ""
    same = stated.startswith("UTC") and local.utcoffset() == at.utcoffset() and ours.isalpha()
    return ours if same else stated


def _notices(article: Article) -> list[Notice]:
    """What readers are told below a report they can read: that it was held is over by then.

    None for a report in preview that was never saved: it has no number to be noted under.
    """
    return [notice for notice in article.notices.all() if notice.lasts] if article.pk else []


def notice_view(notice: Notice, zone: ZoneInfo) -> NoticeView:
    """A notice as readers see it."""
    return NoticeView(
        kind=notice.kind,
        label=str(NoticeKind(notice.kind).label),
        text=notice.text,
        at=notice.at.astimezone(zone),
    )
