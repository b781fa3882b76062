"""The wall: one fragment for each reason, so that a new price or limit re-presses no article."""

from collections.abc import Iterator
from math import inf
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _

from broadsheet.desk.access import ACCESS, classes
from broadsheet.desk.models import Paper, Title
from broadsheet.gate.policy import Policy
from broadsheet.gate.pressed import LIMIT_MARK, PATH_MARK, READS_MARK, SIGNED_IN
from broadsheet.kit import tokens
from broadsheet.look.strict import render
from broadsheet.press.frame import Frame
from broadsheet.subscriptions.models import MeterPolicy, Plan, SalesPolicy
from broadsheet.subscriptions.reads.offers import (
    OfferView,
    offers,
    opening,
    renewing,
    shared_benefits,
)
from broadsheet.subscriptions.wording import (
    account_sentence,
    count_sentence,
    limit_sentence,
    restart_sentence,
)


class Wall(NamedTuple):
    """A wall by its reason: its `sentence`; what an `account` gives, "" when that is not more than
    the reader had; whether to tell when the count starts again; the right that `opens` it."""

    name: str
    sentence: str
    account: str = ""
    can_register: bool = False
    limited: bool = False
    opens: str = "unlimited"


def wall_fragments(frame: Frame) -> Iterator[tuple[str, str]]:
    """Every fragment by its name: the walls, those of rights also for who is signed in, and the
    line that counts free articles."""
    meter = MeterPolicy.current()
    rules = meter.rules()
    values = {
        "paper": Paper.load().name,
        "free_limit": str(meter.free_anonymous),
        "registered_limit": str(meter.free_registered),
    }
    plans = offers(frame.paper.language)
    common: dict[str, Any] = {
        "paper": frame.paper,
        "invitation": tokens.fill(meter.invitation, values),
        "restart": restart_sentence(rules),
        "promise": SalesPolicy.current().promise,
        "path": PATH_MARK,
    }
    for wall in (*_walls(meter, rules), *_walls_of_rights()):
        names = common | _names(wall, opening(plans, wall.opens))
        yield wall.name, render("press/wall.html", names)
        if wall.opens != "unlimited":
            known = render("press/wall.html", names | {"signed_in": True})
            yield f"{wall.name}{SIGNED_IN}", known
    closed = _("This article cannot be opened right now. Please load it again.")
    yield "closed", format_html('<p class="paywall">{}</p>', closed)
    yield from _counts(meter, rules)


def _names(wall: Wall, sold: list[OfferView]) -> dict[str, Any]:
    """What the template asks of one wall, and of the plans that open what is behind it."""
    reason = wall.name.partition(":")[0]
    return {
        "reason": reason,
        "sentence": wall.sentence,
        "registering": reason in ("register", "register_more"),
        "signed_in": reason == "limit_registered",
        "limited": wall.limited,
        "own_right": wall.opens not in ("unlimited", "premium"),
        "account": wall.account,
        "can_register": wall.can_register,
        "offers": sold,
        "benefits": shared_benefits(sold),
        "renewing": renewing(sold),
    }


def _walls(meter: MeterPolicy, rules: Policy) -> Iterator[Wall]:
    """The walls; where sections or entitlements have limits of their own, one for each."""
    own = [(f":{n}", n) for n in sorted({a.limit for a in rules.allowances if a.limit is not None})]
    for end, limit in (("", meter.free_anonymous), *own):
        yield _anonymous_wall(f"limit_anonymous{end}", limit, rules)
    for end, limit in (("", meter.free_registered), *own):
        yield Wall(f"limit_registered{end}", limit_sentence(limit, rules), limited=limit > 0)
    given = account_sentence(meter.free_registered, rules) if meter.free_registered else ""
    yield Wall("register", _("This report is for registered readers."), given)
    more = meter.free_registered > (meter.register_after or 0)
    yield Wall("register_more", _("Register to read on."), given if more else "")
    sentence = _("Premium reports are never part of the free articles.")
    yield Wall("premium", sentence, opens="premium")


def _walls_of_rights() -> Iterator[Wall]:
    """One for each other right that reports can be behind, told by the title that needs it."""
    titles = {title.access: title.name for title in Title.objects.order_by("-order")}
    for name, right in classes():
        if name not in dict(ACCESS):
            told = _("This report is for readers of %(title)s.") % {
                "title": titles.get(name, right)
            }
            yield Wall(name, told, opens=name)


def _anonymous_wall(name: str, limit: int, rules: Policy) -> Wall:
    """For readers without an account who read `limit` articles."""
    given = _given_for(limit, rules)
    more = given > limit
    sentence = limit_sentence(limit, rules)
    if more and not limit:
        sentence = _("This report is for registered readers.")
    account = account_sentence(int(given), rules) if more and given < inf else ""
    return Wall(name, sentence, account, more, limit > 0)


def _given_for(limit: int, rules: Policy) -> float:
    """How many articles an account gives wherever readers without one have `limit`; where that
    differs by section the fewest, for the wall does not know its section."""
    sections = {0}.union(*(one.sections for one in rules.allowances))
    alike = [n for n in sections if rules.allowance({"anonymous"}, n).limit == limit] or [0]
    found = (rules.allowance({"registered"}, section).limit for section in alike)
    return min(inf if number is None else number for number in found)


def _counts(meter: MeterPolicy, rules: Policy) -> Iterator[tuple[str, str]]:
    shown = meter.show_count
    sentence = count_sentence(READS_MARK, LIMIT_MARK, rules)
    door = _("Subscribe") if Plan.objects.filter(on_sale=True).exists() else ""
    line = format_html('<p class="wall-note">{}</p>', sentence)
    last = format_html('<p class="wall-note">{} {}</p>', sentence, _("It is your last one."))
    if door:
        last = format_html(
            '<p class="wall-note">{} {} <a href="/subscribe/">{}</a></p>',
            sentence, _("It is your last one."), door,
        )  # fmt: skip
    yield "count", line if shown else ""
    yield "count_last", last if shown else ""
