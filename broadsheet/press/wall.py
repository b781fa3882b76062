"""The wall: one fragment for each reason, so that a new price or limit re-presses no article."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from broadsheet.desk.models import Paper
from broadsheet.gate.policy import Policy
from broadsheet.gate.pressed import LIMIT_MARK, PATH_MARK, READS_MARK
from broadsheet.kit import tokens
from broadsheet.look.strict import render
from broadsheet.press.frame import Frame
from broadsheet.subscriptions.models import MeterPolicy, Plan, SalesPolicy
from broadsheet.subscriptions.reads.offers import offers, opening, shared_benefits
from broadsheet.subscriptions.wording import (
    account_sentence,
    count_sentence,
    limit_sentence,
    restart_sentence,
)

LIMITED = ("limit_anonymous", "limit_registered")


def wall_fragments(frame: Frame) -> Iterator[tuple[str, str]]:
    """Every fragment by its name: the walls, and the line that counts free articles."""
    meter = MeterPolicy.load()
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
        "account": account_sentence(meter.free_registered, rules),
        "restart": restart_sentence(rules),
        "promise": SalesPolicy.current().promise,
        "path": PATH_MARK,
    }
    for name, sentence in _walls(meter, rules):
        reason = name.partition(":")[0]
        sold = opening(plans, "premium" if reason == "premium" else "unlimited")
        registering = reason in ("register", "register_more")
        more = meter.free_registered > meter.free_anonymous
        yield name, render("press/wall.html", common | {
            "reason": reason,
            "sentence": sentence,
            "registering": registering,
            "limited": reason in LIMITED,
            "can_register": reason == "limit_anonymous" and more,
            "offers": sold,
            "benefits": shared_benefits(sold),
        })  # fmt: skip
    closed = _("This article cannot be opened right now. Please load it again.")
    yield "closed", format_html('<p class="paywall">{}</p>', closed)
    yield from _counts(meter, rules)


def _walls(meter: MeterPolicy, rules: Policy) -> Iterator[tuple[str, str]]:
    """The walls by name; where sections or entitlements have limits of their own, one for each."""
    general = (meter.free_anonymous, meter.free_registered)
    for reason, limit in zip(LIMITED, general, strict=True):
        yield reason, limit_sentence(limit, rules)
        for other in sorted({a.limit for a in rules.allowances if a.limit is not None}):
            yield f"{reason}:{other}", limit_sentence(other, rules)
    yield "register", _("This report is for registered readers.")
    yield "register_more", _("Register to read on.")
    yield "premium", _("Premium reports are never part of the free articles.")


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
