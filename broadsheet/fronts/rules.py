"""How a front is laid out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.look.parts import CardView

MAJOR = 3
STANDARD = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """A front's layout; lead, major, standard and rest share out `all`, each card once."""

    lead: CardView | None
    major: tuple[CardView, ...]
    standard: tuple[CardView, ...]
    rest: tuple[CardView, ...]

    @property
    def all(self) -> tuple[CardView, ...]:
        """Every card, from the top."""
        first = (self.lead,) if self.lead else ()
        return (*first, *self.major, *self.standard, *self.rest)


def weight(card: CardView) -> tuple[int, bool, float]:
    """What stands higher: news value, then a picture (the top wants one), then the newer."""
    return (card.news_value, card.picture is not None, card.published.timestamp())


def arrange(pinned: Sequence[CardView], free: Sequence[CardView]) -> Plan:
    """Pinned cards from the top in their order; free ones by weight at the top, then by time."""
    top = 1 + MAJOR
    weighty = sorted(free, key=weight, reverse=True)[: max(0, top - len(pinned))]
    others = [card for card in free if card not in weighty]
    others.sort(key=lambda card: card.published, reverse=True)
    order = [*pinned[:top], *weighty, *pinned[top:], *others]
    lead = order[0] if order else None
    return Plan(
        lead=lead,
        major=tuple(order[1:top]),
        standard=tuple(order[top : top + STANDARD]),
        rest=tuple(order[top + STANDARD :]),
    )
