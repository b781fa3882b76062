"""How free reading is put to readers, whichever period it is counted within."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from broadsheet.gate.policy import Policy

LIMIT = {
    "month": ngettext_lazy(
        "You've reached your limit of %(limit)d free article this month.",
        "You've reached your limit of %(limit)d free articles this month.",
        "limit",
    ),
    "week": ngettext_lazy(
        "You've reached your limit of %(limit)d free article this week.",
        "You've reached your limit of %(limit)d free articles this week.",
        "limit",
    ),
    "days": ngettext_lazy(
        "You've reached your limit of %(limit)d free article within %(days)d days.",
        "You've reached your limit of %(limit)d free articles within %(days)d days.",
        "limit",
    ),
}

ACCOUNT = {
    "month": ngettext_lazy(
        "A free account gives you %(limit)d article every month.",
        "A free account gives you %(limit)d articles every month.",
        "limit",
    ),
    "week": ngettext_lazy(
        "A free account gives you %(limit)d article every week.",
        "A free account gives you %(limit)d articles every week.",
        "limit",
    ),
    "days": ngettext_lazy(
        "A free account gives you %(limit)d article within %(days)d days.",
        "A free account gives you %(limit)d articles within %(days)d days.",
        "limit",
    ),
}

RESTART = {
    "month": gettext_lazy(
        "The count starts again on the first of the month. Articles you have already opened stay"
        " open to you until then."
    ),
    "week": gettext_lazy(
        "The count starts again on Monday. Articles you have already opened stay open to you"
        " until then."
    ),
    "days": gettext_lazy(
        "Each article counts for %(days)d days from when you first opened it, and stays open to"
        " you as long."
    ),
}

COUNT = {
    "month": gettext_lazy("Free article %(reads)s of %(limit)s this month."),
    "week": gettext_lazy("Free article %(reads)s of %(limit)s this week."),
    "days": gettext_lazy("Free article %(reads)s of %(limit)s within %(days)d days."),
}

USED = {
    "month": gettext_lazy("%(used)d of %(limit)d free articles opened this month."),
    "week": gettext_lazy("%(used)d of %(limit)d free articles opened this week."),
    "days": gettext_lazy(
        "%(used)d of %(limit)d free articles opened within the last %(days)d days."
    ),
}


def limit_sentence(limit: int, rules: Policy) -> str:
    """The first sentence of the wall when the meter is the reason (DESIGN section 7)."""
    if not limit:
        return _("This report is for subscribers.")
    return LIMIT[rules.period] % {"limit": limit, "days": rules.days}


def account_sentence(limit: int, rules: Policy) -> str:
    """What a free account gives."""
    return ACCOUNT[rules.period] % {"limit": limit, "days": rules.days}


def restart_sentence(rules: Policy) -> str:
    """When the count starts again; what was opened before stays open until then."""
    return RESTART[rules.period] % {"days": rules.days}


def count_sentence(reads: str, limit: str, rules: Policy) -> str:
    """Which of the free articles this is."""
    return COUNT[rules.period] % {"reads": reads, "limit": limit, "days": rules.days}


def used_sentence(used: int, limit: int | None, rules: Policy) -> str:
    """How many of the free articles were opened so far; `limit` None for no end."""
    if limit is None:
        return _("Free without an end: nothing is counted.")
    return USED[rules.period] % {"used": used, "limit": limit, "days": rules.days}
