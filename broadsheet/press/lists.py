"""Pages and feeds of topics and authors: what reports stand there, and whether any do."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from broadsheet.desk.models import Article, Author, Authorship, Tagging, Topic
from broadsheet.desk.models.querysets import ArticleQuerySet
from broadsheet.desk.reads import picture_view
from broadsheet.gate.pressed import Page, PressRun, event
from broadsheet.look.parts import LinkView
from broadsheet.press import media, structured
from broadsheet.press.frame import Frame, make_frame
from broadsheet.press.pages import FEEDS, feed_pages, front_pages
from broadsheet.press.reports import SECTION_SIZE, listing_of

AT_ONCE = 10
"""Lists in one store transaction when everything is pressed: a withdrawal must not wait long."""


def topics_touched(articles: Iterable[int], slugs: Iterable[str]) -> QuerySet[Topic]:
    """The topics that these articles carry, and those at these addresses."""
    carried = Tagging.objects.filter(article__in=articles).values("topic")
    return Topic.objects.filter(Q(pk__in=carried) | Q(slug__in=slugs))


def topics_shown(frame: Frame) -> QuerySet[Topic]:
    """Topics that at least one visible article carries: they have a page."""
    visible = Article.objects.visible(frame.now).exclude(path=None)
    carried = visible.filter(taggings__topic=OuterRef("pk"))
    return Topic.objects.filter(Exists(carried)).order_by("slug")


def authors_touched(
    articles: Iterable[int], slugs: Iterable[str], pictures: Iterable[int]
) -> QuerySet[Author]:
    """The authors that these articles name, those at these addresses or with these pictures."""
    named = Authorship.objects.filter(article__in=articles).values("author")
    found = Q(pk__in=named) | Q(slug__in=slugs) | Q(picture__in=pictures)
    return Author.objects.filter(found).select_related("picture")


def authors_shown(frame: Frame) -> QuerySet[Author]:
    """Authors whom at least one visible article names: they have a page."""
    visible = Article.objects.visible(frame.now).exclude(path=None)
    named = visible.filter(authorships__author=OuterRef("pk"))
    return Author.objects.filter(Exists(named)).select_related("picture").order_by("slug")


def topic_pages(topic: Topic, frame: Frame) -> Iterator[Page]:
    """A topic's page and feeds; nothing when no reader may see an article that carries it."""
    chosen = ArticleQuerySet(Article).about(topic.pk)
    link = LinkView(topic.name, topic.path)
    yield from _list_pages("press/section.html", chosen, frame, link, "", {})


def author_pages(author: Author, frame: Frame) -> Iterator[Page]:
    """An author's page and feeds; nothing when no reader may see an article of theirs."""
    chosen = ArticleQuerySet(Article).by(author.pk)
    link = LinkView(author.name, author.path)
    shown = author.picture if author.picture and author.picture.permitted(frame.now) else None
    portrait = picture_view(shown)
    context = {
        "portrait": portrait,
        "head": structured.profile(author.name, link.url, author.biography, portrait, frame.paper),
    }
    yield from _list_pages("press/author.html", chosen, frame, link, author.biography, context)


def _list_pages(
    template: str, chosen: ArticleQuerySet, frame: Frame, link: LinkView, description: str,
    context: dict[str, Any],
) -> Iterator[Page]:  # fmt: skip
    title = f"{frame.paper.name}: {link.title}"
    about = description or title
    listing = listing_of(chosen, frame, title, link.url, about, most=SECTION_SIZE)
    cards = tuple(report.card for report in listing.reports)
    if cards:
        more = {"section": link, "section_description": description, "own_section": False}
        made = context | more | {"cards": cards}
        yield from front_pages(template, made, frame, link, cards, description)
        yield from feed_pages(frame, listing)


def press_topic(run: PressRun, topic: Topic, frame: Frame) -> set[str]:
    """Make the topic's addresses equal to the database; returns those at which something stands."""
    return _put(run, topic.path, list(topic_pages(topic, frame)))


def press_author(run: PressRun, author: Author, frame: Frame) -> set[str]:
    """The same for an author, and which files of the portrait the gate may send."""
    made = list(author_pages(author, frame))
    media.put_portrait(run, author, made)
    return _put(run, author.path, made)


def press_all(store: sqlite3.Connection) -> set[str]:
    """Every list, a few in each transaction; returns every address at which something stands."""
    frame, kept = make_frame(), set[str]()
    topics, authors = list(topics_shown(frame)), list(authors_shown(frame))
    for start in range(0, max(len(topics), len(authors)), AT_ONCE):
        with event(store) as run:
            frame = make_frame()
            for topic in topics[start : start + AT_ONCE]:
                kept |= press_topic(run, topic, frame)
            for author in authors[start : start + AT_ONCE]:
                kept |= press_author(run, author, frame)
    return kept


def _put(run: PressRun, path: str, made: list[Page]) -> set[str]:
    """A list without a report to show leaves nothing behind, at its address and below it."""
    for page in made:
        run.put(page)
    if not made:
        for address in (path, *(f"{path}feed.{name}" for name in FEEDS)):
            run.remove(address)
    return {page.path for page in made}
