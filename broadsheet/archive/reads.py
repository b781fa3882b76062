"""Search over what lists show anyway: headline, standfirst and teaser of visible articles."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, Value, When

from broadsheet.desk.models import Article
from broadsheet.desk.reads import card_view
from broadsheet.look.parts import CardView

PAGE = 20
LONGEST = 200
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results; `total` counts all pages."""

    cards: tuple[CardView, ...]
    total: int


def words_of(query: str) -> list[str]:
    """The words looked for, folded as the shown text is."""
    return [word for word in query.casefold().split() if word][:MOST_WORDS]


def search(query: str, *, page: int, now: datetime, zone: ZoneInfo) -> Found:
    """Visible articles that hold every word, those with the first word in the headline first."""
    words = words_of(query)
    if not words:
        return Found((), 0)
    matches = Article.objects.visible(now)
    for word in words:
        matches = matches.filter(search_text__contains=word)
    in_headline = Case(
        When(shown_headline__icontains=words[0], then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    total = matches.count()
    ranked = matches.order_by(in_headline, "-first_published_at", "-id").for_cards()
    start = (page - 1) * PAGE
    return Found(tuple(card_view(a, zone) for a in ranked[start : start + PAGE]), total)
