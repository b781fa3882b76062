"""Articles as they leave for machines, and the lists they leave in. Reads only."""

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache

from django.utils.translation import get_language

from broadsheet.desk.models import Article, NoticeKind, Section, Title
from broadsheet.desk.models.querysets import ArticleQuerySet
from broadsheet.desk.reads import card_view, disclosure_of, notice_view
from broadsheet.desk.reads.authors import author_links
from broadsheet.desk.reads.enclosures import enclosures_of
from broadsheet.desk.reads.topics import stated_topics, topic_links
from broadsheet.kit import clock, html
from broadsheet.press.changes import changed_at, lasting, was_read
from broadsheet.press.frame import Frame
from broadsheet.press.syndication import Gone, Listing, Report, tag_of
from broadsheet.wire import media_topics

logger = logging.getLogger(__name__)

SUMMARY = 200
"""Characters of a summary that is taken from the text."""
MOST_TAGS = 10
PAPER_SIZE = 30
SECTION_SIZE = 40
TOMBSTONES = timedelta(weeks=4)
"""How long a feed goes on saying that a report was withdrawn; readers fetch more often."""
MOST_GONE = 100


def report_of(article: Article, frame: Frame) -> Report:
    """One article, for everybody and for as long as it stands somewhere: the text of one that is
    gated, or will be, ends where the teaser ends."""
    card = card_view(article, frame.zone)
    gated = not frame.stays_open(article)
    text = _open_text(article.full_body, frame.paper.origin, gated=gated)
    fields = article.basis.fields if article.basis else {}
    return Report(
        card=card,
        id=article_id(article, frame),
        url=html.absolute(frame.paper.origin, card.url),
        summary=brief(card.standfirst, text),
        text=text,
        whole=not gated,
        disclosure=disclosure_of(article, frame.paper.name),
        notices=tuple(notice_view(notice, frame.zone) for notice in lasting(article)),
        changed=changed_at(article),
        credit=str(fields.get("credit") or ""),
        based_on=based_on(article),
        tags=tags_of(article),
        topics=topics_of(article),
        enclosures=() if gated else enclosures_of(article),
        authors=author_links(article),
    )


def article_id(article: Article, frame: Frame) -> str:
    """The name of an article among all feeds of the world; it never changes."""
    return tag_of(frame.authority, article.pk, article.first_published_at or clock.now())


def based_on(article: Article) -> str:
    """The agency's address of the report, else its id there; "" for the paper's own."""
    if article.item is None or article.basis is None:
        return ""
    return str(article.basis.fields.get("link") or article.item.key)


def tags_of(article: Article) -> tuple[str, ...]:
    """What it is about beside its section: our kicker, its topics, then the wire's categories.

    Those are left out when staff say what it is about. A name is told once, however it is written.
    """
    fields = article.basis.fields if article.basis and article.topics is None else {}
    names = [article.kicker, *(link.title for link in topic_links(article))]
    names += [str(name) for name in fields.get("categories") or ()]
    other: dict[str, str] = {}
    for name in names:
        other.setdefault(name.strip().casefold(), name.strip())
    for known in ("", article.section.name.casefold()):
        other.pop(known, None)
    return tuple(other.values())[:MOST_TAGS]


def topics_of(article: Article) -> dict[str, str]:
    """Its Media Topics, codes with their names in the active language; "" for an unknown one."""
    topics, language = media_topics.vocabulary(), get_language() or "en"
    return {
        code: topics[code].name(language) if code in topics else ""
        for code in article.full_topics.splitlines()
        if code.startswith(media_topics.ALIAS)
    }


@lru_cache(maxsize=256)
def _open_text(body: str, origin: str, *, gated: bool) -> str:
    """What everybody may read of a body, its own links made absolute. Kept: feeds ask again."""
    whole = html.without_pictures(body)
    return html.sanitise(html.teaser(whole)[0] if gated else whole, base=origin + "/")


def brief(standfirst: str, text: str) -> str:
    """One or two lines: the standfirst, else how the text begins.

    `text` is what everybody may read, so no summary tells more.
    """
    if standfirst:
        return standfirst
    words = " ".join(html.plain(text).split())
    return words if len(words) <= SUMMARY else words[:SUMMARY].rsplit(" ", 1)[0] + " …"


def paper_list(frame: Frame) -> Listing:
    """The newest reports of the paper, without those of titles that keep to themselves."""
    paper, every = frame.paper, ArticleQuerySet(Article).on_home().newest()
    return listing_of(every, frame, paper.name, "/", paper.description, most=PAPER_SIZE)


def title_list(title: Title, frame: Frame) -> Listing:
    """The newest reports of a second title."""
    chosen = ArticleQuerySet(Article).of_title(title).newest()
    about = title.description or title.tagline or title.name
    return listing_of(chosen, frame, title.name, title.path, about, most=PAPER_SIZE)


def section_list(section: Section, frame: Frame) -> Listing:
    """The newest reports of a section."""
    title = f"{section.title.name if section.title else frame.paper.name}: {section.name}"
    about = section.description or title
    chosen = ArticleQuerySet(Article).filter(section=section).newest()
    return listing_of(chosen, frame, title, section.path, about, most=SECTION_SIZE)


def listing_of(
    chosen: ArticleQuerySet, frame: Frame, title: str, path: str, description: str, *, most: int
) -> Listing:
    """The first visible ones of the chosen articles as a list under an address, with what was
    withdrawn of them. Whatever has an address and reports is such a list: the paper, a section, a
    topic, an author.
    """
    newest = with_changes(chosen.visible(frame.now).exclude(path=None))[:most]
    reports = tuple(_told(newest, frame))
    return Listing(title, path, description, reports, tuple(_gone(chosen, frame)))


def _told(articles: Iterable[Article], frame: Frame) -> Iterator[Report]:
    """Each article as a report; one that cannot be told is logged and left out."""
    for article in articles:
        try:
            yield report_of(article, frame)
        except Exception:
            logger.exception("Article %s could not be put into a feed.", article.pk)


def with_changes(articles: ArticleQuerySet) -> ArticleQuerySet:
    """With all that a report says, in as many queries for many as for few."""
    found = articles.for_cards().select_related("visible_change")
    return found.prefetch_related("notices", stated_topics())


def _gone(chosen: ArticleQuerySet, frame: Frame) -> Iterable[Gone]:
    since = frame.now - TOMBSTONES
    lost = chosen.filter(withdrawn_at__gt=since, withdrawn_at__lte=frame.now).exclude(path=None)
    told = lost.select_related("visible_change").prefetch_related("notices")
    for article in told.order_by("-withdrawn_at", "-id")[:MOST_GONE]:
        reasons = [n.text for n in article.notices.all() if n.kind == NoticeKind.WITHDRAWAL]
        if article.withdrawn_at is not None and was_read(article):
            yield Gone(article_id(article, frame), article.withdrawn_at, "".join(reasons[:1]))
