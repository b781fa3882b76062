"""What the gate decided: found by reader, by code, by article and time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Redirect, Section, TimeRule
from broadsheet.gate.periods import window_at
from broadsheet.gate.policy import Policy
from broadsheet.subscriptions.codes import code_of, typed_code
from broadsheet.subscriptions.models import Entitlement, GateDecision, Institution
from broadsheet.subscriptions.reads.rights import policy
from broadsheet.subscriptions.telling import Names

MOST_ARTICLES = 20
"""Reports that words of a headline may mean."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search means: `rows` the newest first, or a `problem` and what to do."""

    rows: QuerySet[GateDecision]
    problem: str = ""
    reader: User | None = None
    code: str = ""
    articles: tuple[Article, ...] = ()


def code_of_reader(reader: User) -> str:
    """The account's code."""
    return code_of(f"u{reader.pk}", settings.SECRET_KEY.encode())


def codes_of(reader: User) -> set[str]:
    """The account's code, and those of the reader ids whose reads it took over."""
    own = code_of_reader(reader)
    return {own} | taken_over([own]).get(own, set())


def taken_over(codes: Iterable[str]) -> dict[str, set[str]]:
    """By code, the codes of the reader ids whose reads became this reader's as well."""
    merges = GateDecision.objects.filter(code__in=codes, outcome=GateDecision.Outcome.MERGE)
    found: dict[str, set[str]] = {}
    for code, other in merges.values_list("code", "taken_over"):
        found.setdefault(code, set()).add(other)
    return found


def find(who: str, about: str, until: str, zone: ZoneInfo) -> Found:
    """Decisions about a reader (e-mail address or code), an article (address or headline), not
    later than `until` ("2026-11-12T09:14" in the zone). What is empty narrows nothing."""
    found = _of_reader(who) if who else Found(_all())
    if about and not found.problem:
        found = _about(found, about)
    if until and not found.problem:
        found = _not_later(found, until, zone)
    return found


def _all() -> QuerySet[GateDecision]:
    return GateDecision.objects.select_related("reader").order_by("-at", "-pk")


def _wrong(problem: str) -> Found:
    return Found(GateDecision.objects.none(), problem)


def _of_reader(who: str) -> Found:
    if "@" in who:
        reader = User.objects.filter(email__iexact=who).first()
        if reader is None:
            return _wrong(_("No account has this address. Who has none is found by the code."))
        own = code_of_reader(reader)
        rows = _all().filter(Q(code__in=codes_of(reader)) | Q(reader=reader))
        return Found(rows, reader=reader, code=own)
    code = typed_code(who)
    if not code:
        words = _("Type an e-mail address, or the twelve letters and digits that the reader sees.")
        return _wrong(words)
    rows = _all().filter(code__in={code} | taken_over([code]).get(code, set()))
    first = rows.exclude(reader=None).first()
    return Found(rows, reader=first.reader if first else None, code=code)


def _about(found: Found, about: str) -> Found:
    articles = _articles(about)
    if not articles:
        return _wrong(_("No report has this address, and none these words in its headline."))
    rows = found.rows.filter(article__in=[article.pk for article in articles])
    return Found(rows, "", found.reader, found.code, articles)


def _articles(about: str) -> tuple[Article, ...]:
    known = Article.objects.only("pk", "path", "shown_headline", "headline")
    if "/" in about:
        path = _path(about)
        moved = Redirect.objects.filter(path=path).values_list("to", flat=True)
        return tuple(known.filter(path__in=[path, path.rstrip("/"), *moved])[:1])
    return tuple(known.filter(shown_headline__icontains=about).order_by("-pk")[:MOST_ARTICLES])


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _not_later(found: Found, until: str, zone: ZoneInfo) -> Found:
    try:
        at = parse_datetime(until)
    except ValueError:
        at = None
    if at is None or not 2000 <= at.year < 9999:
        return _wrong(_("This is no time. Write it as 2026-11-12T09:14."))
    # A time of day without seconds means the whole minute.
    last = at.replace(second=59, microsecond=999_999, tzinfo=at.tzinfo or zone)
    rows = found.rows.filter(at__lte=last)
    return Found(rows, "", found.reader, found.code, found.articles)


def names() -> Names:
    """What the publisher calls things now; ask once for a screen."""
    return Names(
        rights=dict(Entitlement.objects.values_list("name", "title")),
        sections=dict(Section.objects.values_list("pk", "name")),
        institutions=dict(Institution.objects.values_list("pk", "name")),
        turns={str(pk): name for pk, name in TimeRule.objects.values_list("pk", "name")},
        policy=policy().rules(),
    )


def counted_from(at: datetime, zone: str, rules: Policy) -> datetime:
    """The first second whose reads count at a moment, by these rules. The gate keeps reads of some
    days back for longer than it counts them (`gate.periods.Window.rolling`)."""
    now = at.timestamp()
    return datetime.fromtimestamp(window_at(now, zone, rules).floor(now), UTC)


def latest_before(rows: Iterable[GateDecision], zone: str, rules: Policy) -> dict[int, datetime]:
    """For each stop (by key) the reader's newest counted read before it, under the same limit and
    within the period as it is now; reads that an account took over were counted under the limit
    of readers without one."""
    stops = [row for row in rows if row.outcome == GateDecision.Outcome.STOP and row.code]
    others = taken_over({row.code for row in stops})
    codes = {row.code for row in stops}.union(*others.values())
    reads = GateDecision.objects.filter(code__in=codes, outcome=GateDecision.Outcome.READ)
    by_code: dict[str, list[tuple[datetime, int]]] = {}
    for code, at, limit in reads.values_list("code", "at", "limit"):
        by_code.setdefault(code, []).append((at, limit))
    latest = {}
    for row in stops:
        mine = {row.code} | others.get(row.code, set())
        since = counted_from(row.at, zone, rules)
        before = [
            at
            for code in mine
            for at, limit in by_code.get(code, ())
            if since <= at <= row.at and (limit in (row.limit, 0) or code != row.code)
        ]
        if before:
            latest[row.pk] = max(before)
    return latest
