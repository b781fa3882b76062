"""What stands on a front: curated slots first, the rest by news value and time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from broadsheet.desk.models import Article, Section, Title
from broadsheet.desk.models.querysets import ArticleQuerySet
from broadsheet.desk.reads import card_view, section_link
from broadsheet.fronts.models import Slot
from broadsheet.fronts.rules import arrange
from broadsheet.look.parts import CardView, LinkView

HOME_SIZE = 30
SECTION_SIZE = 40
LATEST = 8
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page, laid out. Every card stands once in lead, major, standard or by_section.

    `latest` repeats the newest, each with whether it is of the last 24 hours.
    """

    cards: tuple[CardView, ...]
    lead: CardView | None
    major: tuple[CardView, ...]
    standard: tuple[CardView, ...]
    by_section: tuple[tuple[LinkView, tuple[CardView, ...]], ...]
    latest: tuple[tuple[CardView, bool], ...]


def home(now: datetime, zone: ZoneInfo) -> HomeView:
    """The home page at `now`: curated articles, then the newest 30 visible ones."""
    return _laid_out(_curated(now), ArticleQuerySet(Article).on_home(), now, zone)


def title_front(title: Title, now: datetime, zone: ZoneInfo) -> HomeView:
    """A title's front: curated articles, then the newest of its own sections."""
    chosen = ArticleQuerySet(Article).of_title(title)
    return _laid_out(_curated(now, title=title), chosen, now, zone, title)


def _laid_out(
    curated: list[Article],
    chosen: ArticleQuerySet,
    now: datetime,
    zone: ZoneInfo,
    title: Title | None = None,
) -> HomeView:
    newest = list(chosen.visible(now).newest().for_cards()[:HOME_SIZE])
    fill = [article for article in newest if article.pk not in {c.pk for c in curated}]
    chosen_ones = (*curated, *fill[: HOME_SIZE - len(curated)])
    cards = {a.pk: _card(a, zone, title) for a in chosen_ones}
    pinned = [cards[a.pk] for a in curated]
    free = [card for card in cards.values() if card not in pinned]
    plan = arrange(pinned, free)
    return HomeView(
        cards=plan.all,
        lead=plan.lead,
        major=plan.major,
        standard=plan.standard,
        by_section=_by_section(plan.rest),
        latest=_latest(plan.all, now),
    )


def _latest(cards: tuple[CardView, ...], now: datetime) -> tuple[tuple[CardView, bool], ...]:
    """The newest cards, each with whether it is of the last 24 hours: the hour is shown then."""
    newest = sorted(cards, key=lambda card: card.published, reverse=True)[:LATEST]
    return tuple((card, now - card.published < DAY) for card in newest)


def _by_section(
    rest: tuple[CardView, ...],
) -> tuple[tuple[LinkView, tuple[CardView, ...]], ...]:
    groups: dict[str, list[CardView]] = {}
    for card in rest:
        groups.setdefault((card.title or card.section).url, []).append(card)
    links = [section_link(section) for section in Section.objects.all()]
    links += [LinkView(title.name, title.path) for title in Title.objects.all()]
    return tuple((link, tuple(groups[link.url])) for link in links if link.url in groups)


def section_cards(section: Section, now: datetime, zone: ZoneInfo) -> tuple[CardView, ...]:
    """A section's front: curated first, then the newest."""
    curated = _curated(now, section=section)
    newest = Article.objects.visible(now).filter(section=section)
    fill = newest.exclude(pk__in=[a.pk for a in curated]).newest().for_cards()
    articles = [*curated, *fill[: SECTION_SIZE - len(curated)]]
    return tuple(_card(article, zone, section.title) for article in articles)


def _card(article: Article, zone: ZoneInfo, title: Title | None) -> CardView:
    """A card that tells of its title, but not on the title's own pages."""
    card = card_view(article, zone)
    return replace(card, title=None) if title and article.section.title_id == title.pk else card


def _curated(
    now: datetime, *, section: Section | None = None, title: Title | None = None
) -> list[Article]:
    """Pinned articles of a front that are visible, in order; of the home page without either."""
    running = Q(until=None) | Q(until__gt=now)
    pinned = Slot.objects.filter(running, front__section=section, front__title=title)
    slots = pinned.order_by("sort_order")
    wanted = list(slots.values_list("article_id", flat=True)[:HOME_SIZE])
    found = {a.pk: a for a in Article.objects.visible(now).filter(pk__in=wanted).for_cards()}
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]
