"""A version as the rules see it, and the rules as they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broadsheet.desk.models import Likeness, Paper, Rule, Section, WithdrawalRequest
from broadsheet.desk.routing import Offered, Route
from broadsheet.desk.rules import Candidate
from broadsheet.kit import html
from broadsheet.wire.models import Item, Source, Status, Version

Copied = tuple[str, str]
"""Headline and agency of the report that told a story first."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in their order and the sections, as they were when a batch began."""

    routes: tuple[Route, ...]
    sections: tuple[Section, ...]


def rule_book() -> RuleBook:
    """The rules and sections as they are now: three queries."""
    return RuleBook(routes(), tuple(Section.objects.all()))


def routes() -> tuple[Route, ...]:
    """All rules in their order."""
    zone = Paper.load().time_zone
    return tuple(rule.route(zone) for rule in Rule.objects.all())


def candidate(
    version: Version,
    at: datetime,
    source: Source | None = None,
    *,
    copies: Copied | None = None,
    recalled: bool = False,
) -> Candidate:
    """A version as it may publish itself at a moment; without its source, the version alone.

    Its age is that with which it came: what waits for the end of its embargo does not grow old.
    """
    embargo = version.embargo_until
    return Candidate(
        status=version.status,
        signal=version.signal,
        kind=version.kind,
        headline=version.headline,
        body=version.body,
        flags=version.standing_flags,
        age=None if version.dated is None else version.received_at - version.dated,
        expired=version.expires is not None and version.expires <= at,
        limit=source.max_age if source else None,
        allowed=source.auto_publish if source else True,
        embargo=embargo if embargo is not None and embargo > at else None,
        copies=copies,
        recalled=recalled,
        recalls=bool(version.fields.get("withdraws")),
    )


def offered(
    version: Version,
    judged: Candidate,
    sections: Sequence[Section],
    at: datetime,
    feed: int | None = None,
) -> Offered:
    """A version as the rules see it. Its item's source and, without a feed, its fetch are read."""
    fields = version.fields
    categories = tuple(str(name) for name in fields.get("categories", []))
    section = section_by_category(categories, sections)
    return Offered(
        candidate=judged,
        at=at,
        feed=feed or (version.fetch.feed_id if version.fetch else None),
        source=version.item.source_id,
        categories=categories,
        topics=tuple(str(code) for code in fields.get("topics", [])),
        language=str(fields.get("language", "")),
        urgency=version.urgency,
        text=f"{version.headline} {fields.get('standfirst', '')} {html.plain(version.body)}",
        pictured=bool(fields.get("pictures")),
        section=section.pk if section else None,
    )


def section_by_category(categories: Sequence[str], sections: Sequence[Section]) -> Section | None:
    """The section that has the name of a category, the paper's before a title's; in a paper of one
    section, that one.
    """
    names = {name.casefold() for name in categories}
    fitting = [s for s in sections if s.slug in names or s.name.casefold() in names]
    fitting.sort(key=lambda section: section.title_id is not None)
    return next(iter(fitting), sections[0] if len(sections) == 1 else None)


def told_first(likenesses: Sequence[Likeness]) -> Copied | None:
    """The report that stands in the way of a copy: one that readers got, are about to get or got
    taken away. Each needs `like` with its latest version, source, article and intake.
    """
    for likeness in likenesses:
        if _is_out(likeness.like):
            return _named(likeness.like)
    return None


def _is_out(item: Item) -> bool:
    article, intake = getattr(item, "article", None), getattr(item, "intake", None)
    due = intake is not None and intake.due_at is not None
    return bool(article and article.path) or item.status == Status.CANCELED or due


def _named(item: Item) -> Copied:
    return (item.latest.headline if item.latest else item.key), item.source.agency


def likenesses_of(items: Sequence[Item]) -> dict[int, list[Likeness]]:
    """What each of these items is a copy of, as far as the desk has not decided otherwise, with all
    that `told_first` reads; one query.
    """
    found: dict[int, list[Likeness]] = {}
    rows = Likeness.objects.filter(item__in=items, verdict="").select_related(
        "like__latest", "like__source", "like__article", "like__intake"
    )
    for likeness in rows:
        found.setdefault(likeness.item_id, []).append(likeness)
    return found


def recalled_items(items: Sequence[Item]) -> set[int]:
    """Those of the items that another text of the wire asks to withdraw."""
    asked = WithdrawalRequest.objects.filter(item__in=items, settled_at=None)
    return {request.item_id for request in asked if request.item_id is not None}
