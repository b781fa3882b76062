"""How free reading is put to readers, whichever period it is counted within."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.gate.policy import Policy


def limit_sentence(limit: int, rules: Policy) -> str:
    """The first sentence of the wall when the meter is the reason (DESIGN section 7)."""
    if not limit:
        return _("This report is for subscribers.")
    if rules.period == "week":
        words = ngettext(
            "You've reached your limit of %(limit)d free article this week.",
            "You've reached your limit of %(limit)d free articles this week.",
            limit,
        )
    elif rules.period == "days":
        words = ngettext(
            "You've reached your limit of %(limit)d free article within %(days)d days.",
            "You've reached your limit of %(limit)d free articles within %(days)d days.",
            limit,
        )
    else:
        words = ngettext(
            "You've reached your limit of %(limit)d free article this month.",
            "You've reached your limit of %(limit)d free articles this month.",
            limit,
        )
    return words % {"limit": limit, "days": rules.days}


def account_sentence(limit: int, rules: Policy) -> str:
    """What a free account gives."""
    if rules.period == "week":
        words = ngettext(
            "A free account gives you %(limit)d article every week.",
            "A free account gives you %(limit)d articles every week.",
            limit,
        )
    elif rules.period == "days":
        words = ngettext(
            "A free account gives you %(limit)d article within %(days)d days.",
            "A free account gives you %(limit)d articles within %(days)d days.",
            limit,
        )
    else:
        words = ngettext(
            "A free account gives you %(limit)d article every month.",
            "A free account gives you %(limit)d articles every month.",
            limit,
        )
    return words % {"limit": limit, "days": rules.days}


def restart_sentence(rules: Policy) -> str:
    """When the count starts again; what was opened before stays open until then."""
    if rules.period == "week":
        return _(
            "The count starts again on Monday. Articles you have already opened stay open to you"
            " until then."
        )
    if rules.period == "days":
        return _(
            "Each article counts for %(days)d days from when you first opened it, and stays open to"
            " you as long."
        ) % {"days": rules.days}
    return _(
        "The count starts again on the first of the month. Articles you have already opened stay"
        " open to you until then."
    )


def count_sentence(reads: str, limit: str, rules: Policy) -> str:
    """Which of the free articles this is."""
    if rules.period == "week":
        words = _("Free article %(reads)s of %(limit)s this week.")
    elif rules.period == "days":
        words = _("Free article %(reads)s of %(limit)s within %(days)d days.")
    else:
        words = _("Free article %(reads)s of %(limit)s this month.")
    return words % {"reads": reads, "limit": limit, "days": rules.days}


def used_sentence(used: int, limit: int | None, rules: Policy) -> str:
    """How many of the free articles were opened so far; `limit` None for no end."""
    if limit is None:
        return _("Free without an end: nothing is counted.")
    if rules.period == "week":
        words = _("%(used)d of %(limit)d free articles opened this week.")
    elif rules.period == "days":
        words = _("%(used)d of %(limit)d free articles opened within the last %(days)d days.")
    else:
        words = _("%(used)d of %(limit)d free articles opened this month.")
    return words % {"used": used, "limit": limit, "days": rules.days}
