"""What a rule would have done to what came in: the real decision, without its consequences."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from broadsheet.desk.models import Article, Intake, Section
from broadsheet.desk.reads.routing import (
    candidate,
    likenesses_of,
    offered,
    recalled_items,
    routes,
    told_first,
)
from broadsheet.desk.routing import Decision, Route, decide
from broadsheet.desk.wording import reason_text
from broadsheet.wire.models import Item, Version

MOST = 200

Verdict = Literal["publish", "wait", "hold", "discard", "other", "no match"]
VERDICTS: tuple[Verdict, ...] = ("publish", "wait", "hold", "discard", "other", "no match")


@dataclass(frozen=True, slots=True)
class Trial:
    """One item: what the rule would have done, and what really happened."""

    item: int
    article: int | None
    headline: str
    source: str
    received: datetime
    verdict: Verdict
    tone: str
    sentence: str
    reasons: tuple[str, ...]
    happened: str


@dataclass(frozen=True, slots=True)
class TrialRun:
    """The newest items under a rule, and how many of each verdict there are."""

    trials: tuple[Trial, ...]
    counts: tuple[tuple[str, int], ...]


def try_rule(rule: Route, most: int = MOST) -> TrialRun:
    """Judge the newest items by all rules with this one in its place; nothing is written.

    The rule need not be saved. Each item is judged as it was when it first came in: age, embargo
    and hours count from then. The number of queries does not depend on the number of items.
    """
    asked = _in_place(rule)
    newest = Item.objects.exclude(latest=None).order_by("-first_seen", "-pk")
    items = list(
        newest.select_related("latest__fetch", "source", "article", "intake").prefetch_related(
            "latest__arrivals__feed"
        )[:most]
    )
    copies, recalled = likenesses_of(items), recalled_items(items)
    sections = list(Section.objects.all())
    trials = []
    for item in items:
        version, at = _version(item), item.first_seen
        first = told_first(copies.get(item.pk, []))
        judged = candidate(version, at, item.source, copies=first, recalled=item.pk in recalled)
        seen = offered(version, judged, sections, at)
        trials.append(_trial(item, rule, decide(seen, asked), rule.filters.fit(seen)))
    counted = Counter(trial.verdict for trial in trials)
    return TrialRun(tuple(trials), tuple((_sentence(v, None), counted[v]) for v in VERDICTS))


def _in_place(rule: Route) -> tuple[Route, ...]:
    others = [route for route in routes() if route.number != rule.number or rule.number is None]
    last = max((route.number or 0 for route in others), default=0) + 1
    return tuple(sorted([*others, rule], key=lambda route: (route.order, route.number or last)))


def _version(item: Item) -> Version:
    """The newest version, which knows its item already."""
    version: Version = item.latest  # type: ignore[assignment]
    version.item = item
    return version


def _trial(item: Item, rule: Route, decision: Decision, fits: bool) -> Trial:
    verdict = _verdict(rule, decision, fits)
    mine = decision.route is rule
    article: Article | None = getattr(item, "article", None)
    return Trial(
        item=item.pk,
        article=article.pk if article else None,
        headline=_version(item).headline or item.key,
        source=item.source.agency,
        received=item.first_seen,
        verdict=verdict,
        tone=_TONES[verdict],
        sentence=_sentence(verdict, decision.route),
        reasons=tuple(map(reason_text, decision.reasons)) if mine else (),
        happened=_happened(article, getattr(item, "intake", None)),
    )


_TONES: dict[Verdict, str] = {
    "publish": "good", "wait": "warn", "hold": "warn", "discard": "bad", "other": "quiet",
    "no match": "quiet",
}  # fmt: skip


def _verdict(rule: Route, decision: Decision, fits: bool) -> Verdict:
    if not fits:
        return "no match"
    if decision.route is not rule:
        return "other"
    if decision.due is not None:
        return "wait"
    verdicts: dict[str, Verdict] = {"published": "publish", "held": "hold", "discarded": "discard"}
    return verdicts[decision.outcome]


def _sentence(verdict: Verdict, decided: Route | None) -> str:
    if verdict == "other" and decided is not None:
        return _("The rule “%(rule)s” decides.") % {"rule": decided.name}
    return {
        "publish": pgettext("trial", "would publish it"),
        "wait": pgettext("trial", "would publish it after its embargo"),
        "hold": pgettext("trial", "would hold it"),
        "discard": pgettext("trial", "would discard it"),
        "other": pgettext("trial", "another rule decides"),
        "no match": pgettext("trial", "does not fit"),
    }[verdict]


def _happened(article: Article | None, intake: Intake | None) -> str:
    """What became of it, whoever did it."""
    if article is not None and article.withdrawn_at:
        return pgettext("status", "withdrawn")
    if article is not None:
        return pgettext("status", "published") if article.live else pgettext("status", "draft")
    if intake is None:
        return pgettext("status", "not taken up yet")
    return (
        f"{intake.get_outcome_display()} ({intake.rule})"
        if intake.rule
        else str(intake.get_outcome_display())
    )
