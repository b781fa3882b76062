"""What a reader had and has no more: why it ended, and the way back."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class PastView(View):
    """A reader's last subscription: when it ended, in the paper's zone, and `why`, "" where that
    needs no word. `again` is where the plan is had anew, "" when it is not sold any more. One that
    was paid `once` ended by itself.
    """

    plan: str
    ended: datetime
    why: str
    again: str
    once: bool


def past_view(reader: User) -> PastView | None:
    """The reader's last subscription when none goes on; what was paid twice never counted."""
    real = reader.subscriptions.exclude(end_reason=Subscription.DUPLICATE)
    last = real.select_related("version__plan").first()
    if last is None or last.is_live:
        return None
    zone, plan = ZoneInfo(Paper.load().time_zone), last.version.plan
    ran_out = last.end_reason == Subscription.RAN_OUT
    ended = last.paid_until() if ran_out or last.ended_at is None else last.ended_at
    return PastView(
        plan=plan.name,
        ended=ended.astimezone(zone),
        why=_why(last.end_reason),
        again=plan.slug if plan.on_sale else "",
        once=not last.version.renews,
    )


def _why(reason: str) -> str:
    return {
        Subscription.UNPAID: _("Its last charge could not be taken. You owe nothing."),
        Subscription.CANCELLED: _("It had been cancelled."),
        Subscription.REFUNDED: _("Its payment was given back."),
        Subscription.DISPUTED: _("Its payment was disputed at your bank."),
        Subscription.WITHDRAWN: _("You withdrew from the contract."),
    }.get(reason, "")
