"""Decisions of the gate as lines of a screen: what happened in words, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.desk.models import Article
from broadsheet.subscriptions.codes import shown_code
from broadsheet.subscriptions.models import GateDecision, Grant
from broadsheet.subscriptions.reads.decisions import latest_before, names
from broadsheet.subscriptions.telling import (
    Held,
    Names,
    Told,
    advice,
    allowance_words,
    kinds_of,
    sentence,
)

TONES = {"stop": "bad", "merge": "quiet"}


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A line of the list. `article` is a headline, "" for a merge; `allowance` says whose free
    articles were counted, "" where none were; `counts` is "3/3" or ""."""

    at: datetime
    reader: str
    code: str
    article: str
    path: str
    tone: str
    sentence: str
    advice: str
    rule: str
    allowance: str
    counts: str


def decision_rows(decisions: Sequence[GateDecision], zone: ZoneInfo) -> list[DecisionRow]:
    """Lines for these decisions, in as many queries for fifty as for one."""
    known = names()
    articles = Article.objects.only("pk", "path", "shown_headline", "headline").in_bulk(
        {row.article for row in decisions}
    )
    held = _held({row.reader_id for row in decisions if row.reader_id})
    latest = latest_before(decisions, zone.key, known.policy)
    return [
        _row(
            row,
            known,
            articles.get(row.article),
            held.get(row.reader_id or 0, []),
            _told(row, latest.get(row.pk), zone),
            zone,
        )
        for row in decisions
    ]


def _held(readers: set[int]) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = {}
    grants = Grant.objects.filter(reader__in=readers)
    columns = ("entitlement", "valid_from", "valid_until", "revoked_at")
    for reader, *facts in grants.values_list("reader", *columns):
        found.setdefault(reader, []).append(Held(*facts))
    return found


def _told(row: GateDecision, latest: datetime | None, zone: ZoneInfo) -> Told:
    at = latest.astimezone(zone) if latest else None
    return Told(row.outcome, row.rule, row.reads, row.limit, row.reader_id is not None, at)


def _row(
    row: GateDecision,
    known: Names,
    article: Article | None,
    held: list[Held],
    told: Told,
    zone: ZoneInfo,
) -> DecisionRow:
    at = row.at.astimezone(zone)
    missing = _("a report that is no longer here") if row.article else ""
    return DecisionRow(
        at=at,
        reader=row.reader.email if row.reader else "",
        code=shown_code(row.code),
        article=str(article) if article else missing,
        path=(article.path or "") if article else "",
        tone=TONES.get(row.outcome, "good"),
        sentence=sentence(told, known),
        advice=advice(told, known, held, at),
        rule=row.rule,
        allowance=_allowance(row, known, told, held, at),
        counts=f"{row.reads}/{row.limit}" if row.limit else "",
    )


def _allowance(row: GateDecision, known: Names, told: Told, held: list[Held], at: datetime) -> str:
    """Whose free articles these are by the rules of today, with today's limit if it is another."""
    if not row.limit or row.outcome == GateDecision.Outcome.OPEN:
        return ""
    kinds = kinds_of(registered=told.registered, held=held, at=at)
    allowance = known.policy.allowance(kinds, row.section)
    words = allowance_words(allowance, known)
    if allowance.limit is not None and allowance.limit != row.limit:
        return _("%(whose)s; today %(limit)d are free") % {
            "whose": words,
            "limit": allowance.limit,
        }
    return words
