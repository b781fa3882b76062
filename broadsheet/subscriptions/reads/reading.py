"""A reader's own page of what was counted: for an account, or for the cookie of a browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Paper, Section
from broadsheet.gate.policy import Allowance, Policy
from broadsheet.gate.rules import Reader
from broadsheet.kit import clock
from broadsheet.look.strict import View
from broadsheet.subscriptions.codes import code_of, shown_code
from broadsheet.subscriptions.models import KEEP, GateDecision
from broadsheet.subscriptions.reads.decisions import code_of_reader, codes_of, counted_from
from broadsheet.subscriptions.reads.rights import entitlements, policy
from broadsheet.subscriptions.wording import restart_sentence, used_sentence


@dataclass(frozen=True, slots=True)
class CountedView(View):
    """A report that was counted; `title` and `path` are "" when it can be read no longer."""

    at: datetime
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class UsedView(View):
    """How much of an allowance is used, in words; `sections` it is for, "" for all others."""

    words: str
    sections: str


@dataclass(frozen=True, slots=True)
class ReadingView(View):
    """What was counted in the present period, the newest first, and the code to quote. `is_cut`
    says that the period began before the oldest reads that are kept."""

    code: str
    used: tuple[UsedView, ...]
    counted: tuple[CountedView, ...]
    restart: str
    reads_all: bool
    is_cut: bool


def reading_of(reader: User | None, anonymous: str) -> ReadingView | None:
    """The view for an account, for a reader id, or for both: what was read before signing in
    counts too. None for somebody of whom nothing is known."""
    if reader is None and not anonymous:
        return None
    now, rules, zone = clock.now(), policy().rules(), Paper.load().time_zone
    rights = entitlements(reader, now) if reader else frozenset[str]()
    own, codes = _codes(reader, anonymous)
    since = counted_from(now, zone, rules)
    reads = _reads(codes, since)
    return ReadingView(
        code=shown_code(own),
        used=tuple(_used(rules, Reader(reader is not None, rights), reads)),
        counted=tuple(_counted(reads, now, ZoneInfo(zone))),
        restart=restart_sentence(rules),
        reads_all="unlimited" in rights,
        is_cut=since < now - KEEP,
    )


def _codes(reader: User | None, anonymous: str) -> tuple[str, set[str]]:
    """The code to quote, and all under which reads of this period may stand."""
    cookie = code_of(f"a{anonymous}", settings.SECRET_KEY.encode()) if anonymous else ""
    own = code_of_reader(reader) if reader else cookie
    return own, ({own, cookie} | (codes_of(reader) if reader else set())) - {""}


def _reads(codes: set[str], since: datetime) -> list[GateDecision]:
    """Each article once, when it was counted first; the newest first."""
    rows = GateDecision.objects.filter(
        code__in=codes, outcome=GateDecision.Outcome.READ, at__gte=since
    )
    first = {row.article: row for row in rows.order_by("-at", "-pk")}
    return sorted(first.values(), key=lambda row: row.at, reverse=True)


def _used(rules: Policy, reader: Reader, reads: list[GateDecision]) -> Iterable[UsedView]:
    sections = dict(Section.objects.values_list("pk", "name"))
    own: dict[Allowance, list[str]] = {rules.allowance(reader.kinds, 0): []}
    for number, name in sections.items():
        own.setdefault(rules.allowance(reader.kinds, number), []).append(name)
    for allowance, names in own.items():
        used = sum(rules.allowance(reader.kinds, row.section) is allowance for row in reads)
        where = ", ".join(names) if allowance.sections else ""
        yield UsedView(used_sentence(used, allowance.limit, rules), where)


def _counted(reads: list[GateDecision], now: datetime, zone: ZoneInfo) -> Iterable[CountedView]:
    """By their titles, as far as readers may see them: a withdrawn report has none."""
    visible = Article.objects.visible(now).only("pk", "path", "shown_headline")
    found = visible.in_bulk([row.article for row in reads])
    for row in reads:
        article = found.get(row.article)
        title = article.shown_headline if article else ""
        path = (article.path or "") if article else ""
        yield CountedView(row.at.astimezone(zone), title, path)
