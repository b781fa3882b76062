"""Pages and feeds of the reports about one topic, and where such a list stands or must go."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from broadsheet.desk.models import Article, Tagging, Topic
from broadsheet.gate.pressed import Page
from broadsheet.look.parts import LinkView
from broadsheet.press.frame import Frame
from broadsheet.press.pages import FEEDS, feed_pages, front_pages
from broadsheet.press.reports import SECTION_SIZE, listing_of


def topics_touched(articles: Iterable[int], slugs: Iterable[str]) -> QuerySet[Topic]:
    """The topics that these articles carry, and those at these addresses."""
    carried = Tagging.objects.filter(article__in=articles).values("topic")
    return Topic.objects.filter(Q(pk__in=carried) | Q(slug__in=slugs))


def topics_shown(frame: Frame) -> QuerySet[Topic]:
    """Topics that at least one visible article carries: they have a page."""
    visible = Article.objects.visible(frame.now).exclude(path=None)
    carried = visible.filter(taggings__topic=OuterRef("pk"))
    return Topic.objects.filter(Exists(carried)).order_by("slug")


def topic_pages(topic: Topic, frame: Frame) -> Iterator[Page]:
    """A topic's page and feeds; nothing when no reader may see an article that carries it."""
    title = f"{frame.paper.name}: {topic.name}"
    chosen = Article.objects.about(topic.pk)
    listing = listing_of(chosen, frame, title, topic.path, title, most=SECTION_SIZE)
    cards = tuple(report.card for report in listing.reports)
    if cards:
        link = LinkView(topic.name, topic.path)
        context = {"section": link, "section_description": "", "cards": cards, "own_section": False}
        yield from front_pages("press/section.html", context, frame, link, cards)
        yield from feed_pages(frame, listing)


def addresses(path: str) -> tuple[str, ...]:
    """Everything that stands at a list's address and below it."""
    return (path, *(f"{path}feed.{name}" for name in FEEDS))
