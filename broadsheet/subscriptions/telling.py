"""A decision of the gate in plain words: what happened, and what to do about it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from broadsheet.gate.policy import Allowance, Policy
from broadsheet.gate.rules import Reader
from broadsheet.subscriptions.decisions import OF_PERSONS, Rule, rule_of


class Told(NamedTuple):
    """A decision as the journal has it. `latest` is when the reader's newest counted article was
    opened before it, None when that is not known."""

    outcome: str
    rule: str
    reads: int = 0
    limit: int = 0
    registered: bool = False
    latest: datetime | None = None


class Names(NamedTuple):
    """What the publisher calls rights (by entitlement), sections, institutions and time rules (by
    number), and the rules of free reading in force now: a decision may be older than they are, so
    no sentence about one names their period."""

    rights: Mapping[str, str]
    sections: Mapping[int, str]
    institutions: Mapping[int, str]
    turns: Mapping[str, str]
    policy: Policy

    def right(self, name: str) -> str:
        """An entitlement's title, or its name when it has none."""
        return self.rights.get(name) or name


class Held(NamedTuple):
    """A grant of a reader: `opens` and `closes` half-open, `closes` None for no end."""

    entitlement: str
    opens: datetime
    closes: datetime | None = None
    revoked: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it opened its door at that moment."""
        gone = self.revoked is not None and self.revoked <= at
        return self.opens <= at and (self.closes is None or at < self.closes) and not gone


def sentence(told: Told, names: Names) -> str:
    """What the gate did and by which rule: one sentence for whatever `gate.rules.choose` gives."""
    if told.outcome == "merge":
        return _("Signed in: what was read without an account before counts for the account too.")
    rule = rule_of(told.rule)
    opened = told.outcome in ("read", "open")
    words = _opened(told, rule, names) if opened else _stopped(told, rule, names)
    if not rule.turn:
        return words
    turn = names.turns.get(rule.turn) or rule.turn
    return _("%(words)s The time rule “%(turn)s” was in force.") % {"words": words, "turn": turn}


def _counts(told: Told) -> dict[str, object]:
    return {"reads": told.reads, "limit": told.limit}


def _opened(told: Told, rule: Rule, names: Names) -> str:
    counts = _counts(told)
    if rule.name == "metered":
        if not told.limit:
            return _("Opened: a free article, counted.")
        return _("Opened: free article %(reads)d of %(limit)d.") % counts
    if rule.name == "again":
        words = _("Opened again: counted before, and not twice. %(reads)d of %(limit)d were used.")
        return words % counts
    if rule.full in names.rights:
        return _by_right(rule, names)
    if rule.name in OF_PERSONS:
        return _by_link(told, rule)
    if rule.name in OPENED:
        return str(OPENED[rule.name])
    if rule.name == "institution":
        return _("Opened for a network or address of %(name)s.") % {"name": _house(rule, names)}
    if rule.name == "crawler":
        return _("Opened for the verified crawler %(name)s.") % {"name": rule.detail or "–"}
    return _by_right(rule, names)


def _by_right(rule: Rule, names: Names) -> str:
    return _("Opened: the reader had “%(right)s”.") % {"right": names.right(rule.full)}


def _house(rule: Rule, names: Names) -> str:
    number = int(rule.detail) if rule.detail.isascii() and rule.detail.isdigit() else 0
    known = names.institutions.get(number)
    return known or _("institution %(number)s") % {"number": rule.detail or "–"}


def _by_link(told: Told, rule: Rule) -> str:
    words = {
        "gift": _("Opened by a subscriber's gift link; nothing was counted."),
        "share": _("Opened by a link that staff shared; nothing was counted."),
        "newsletter": _("Opened by a link in a newsletter; nothing was counted."),
    }[rule.name]
    if rule.name == "newsletter" and told.registered:
        words = _("Opened by the link in this reader's newsletter; nothing was counted.")
    if not told.limit:
        return words
    which = _("It was browser %(number)d of %(most)d that may use the link.")
    return f"{words} {which % {'number': told.reads, 'most': told.limit}}"


OPENED = {
    "open": gettext_lazy("Opened: the report is open to everyone."),
    "free": gettext_lazy("Opened: free without a limit for this kind of reader."),
    "registered": gettext_lazy(
        "Opened: the report is for readers with an account, and this is one."
    ),
    "unrecorded": gettext_lazy(
        "Opened though the read could not be recorded, as the publisher chose; it was not counted."
    ),
}

STOPPED = {
    "registered": gettext_lazy(
        "Stopped: the report is for readers with an account, and nobody was signed in."
    ),
    "unrecorded": gettext_lazy(
        "Stopped: the read could not be recorded at that moment, so nothing was opened."
    ),
    "budget": gettext_lazy(
        "Stopped: readers without cookies had used up the free articles of their network that day."
    ),
}


def _stopped(told: Told, rule: Rule, names: Names) -> str:
    if rule.name == "metered":
        return _at_the_limit(told)
    if rule.name == "register_after":
        return _asked_to_register(told)
    if rule.full in STOPPED and rule.full not in names.rights:
        return str(STOPPED[rule.name])
    return _("Stopped: the report needs “%(right)s”.") % {"right": names.right(rule.full)}


def _at_the_limit(told: Told) -> str:
    counts = _counts(told)
    if told.reads < told.limit:
        return (
            _(
                "Not opened: the request may not spend a read (a browser that looks ahead, a"
                " check). %(reads)d of %(limit)d free articles were used."
            )
            % counts
        )
    if not told.limit:
        return _("Stopped: no article is free for this kind of reader.")
    counts["next"] = told.reads + 1
    if told.latest is None:
        words = _(
            "Stopped: %(reads)d of %(limit)d free articles were used; this would have been article"
            " %(next)d."
        )
        return words % counts
    words = _(
        "Stopped: %(reads)d of %(limit)d free articles were used, the newest on %(day)s at"
        " %(time)s; this would have been article %(next)d."
    )
    return words % (counts | _moment(told.latest))


def _moment(at: datetime) -> dict[str, object]:
    return {"day": date_format(at, "DATE_FORMAT"), "time": f"{at:%H:%M}"}


def _asked_to_register(told: Told) -> str:
    if not told.reads:
        return _("Stopped: readers are asked for an account before their first free article.")
    words = ngettext(
        "Stopped: after %(reads)d free article readers are asked for an account; %(limit)d are"
        " free in all.",
        "Stopped: after %(reads)d free articles readers are asked for an account; %(limit)d are"
        " free in all.",
        told.reads,
    )
    return words % _counts(told)


def needed(rule: Rule) -> str:
    """The entitlement that would have opened what the rule closed."""
    free = ("metered", "register_after", "registered", "budget", "unrecorded")
    return "unlimited" if rule.name in free and not rule.detail else rule.full


def advice(told: Told, names: Names, held: Sequence[Held], at: datetime) -> str:
    """What to do about a stop, by the reader's grants as they were `at` that moment; else ""."""
    if told.outcome != "stop":
        return ""
    rule = rule_of(told.rule)
    if rule.name == "unrecorded":
        return _(
            "The gate's disk was full or away, or the shared count of several gates did not answer;"
            " the reader can open the report again."
        )
    if told.registered:
        return _about_grants(names, needed(rule), held, at)
    if rule.name in ("registered", "register_after"):
        return _("With a free account the report opens. Who has one should sign in.")
    if rule.name == "budget":
        return _("A browser that keeps cookies has free articles of its own.")
    return _("Nobody was signed in. Who subscribes should sign in; then the report opens.")


def _about_grants(names: Names, right: str, held: Sequence[Held], at: datetime) -> str:
    named = {"right": names.right(right)}
    mine = sorted((grant for grant in held if grant.entitlement == right), key=_end)
    if any(grant.is_in_force(at) for grant in mine):
        words = _(
            "“%(right)s” was in force: the browser had an old pass. It is renewed within 15"
            " minutes, or at once by signing out and in again."
        )
        return words % named
    over = [grant for grant in mine if grant.opens <= at]
    if over:
        last = over[-1]
        words = _("“%(right)s” had ended on %(day)s at %(time)s.")
        if last.revoked is not None and last.revoked <= at:
            words = _("“%(right)s” was revoked on %(day)s at %(time)s.")
        return words % (named | _moment(_end(last).astimezone(at.tzinfo)))
    if mine:
        first = min(grant.opens for grant in mine)
        words = _("“%(right)s” began only on %(day)s at %(time)s.")
        return words % (named | _moment(first.astimezone(at.tzinfo)))
    return _("The reader had no “%(right)s”: a subscription or a grant gives it.") % named


def _end(grant: Held) -> datetime:
    ends = [at for at in (grant.closes, grant.revoked) if at is not None]
    return min(ends, default=datetime.max.replace(tzinfo=grant.opens.tzinfo))


def allowance_words(allowance: Allowance, names: Names) -> str:
    """Whose free articles these are, and in which sections."""
    if allowance.kind in ("anonymous", ""):
        whose = _("readers without an account")
    elif allowance.kind == "registered":
        whose = _("readers with an account")
    else:
        whose = _("readers with “%(right)s”") % {"right": names.right(allowance.kind)}
    if not allowance.sections:
        return whose
    found = (names.sections.get(number, str(number)) for number in sorted(allowance.sections))
    return f"{whose}: {', '.join(found)}"


def kinds_of(*, registered: bool, held: Sequence[Held], at: datetime) -> frozenset[str]:
    """The kinds of reader somebody was at a moment, by their grants as we know them now."""
    rights = frozenset(grant.entitlement for grant in held if grant.is_in_force(at))
    return Reader(registered, rights).kinds
