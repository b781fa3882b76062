"""Stripe's exports from its dashboard: the list of subscriptions, and that of customers.

Columns as the dashboard names them; its times are UTC ("Current Period End (UTC)"). States:
https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.subscriptions.imports.cells import BadCell, Cells
from broadsheet.subscriptions.imports.rows import UNNAMED, Row

SOURCE = "stripe"
SUBSCRIPTIONS = frozenset({"id", "customer id", "customer email", "status"}) | {
    "current period start (utc)",
    "current period end (utc)",
}
CUSTOMERS = frozenset({"id", "email", "created (utc)"})
UTC = ZoneInfo("UTC")

PAID = frozenset({"active", "trialing"})
UNPAID = frozenset({"past_due", "unpaid", "paused"})
NEVER = frozenset({"incomplete", "incomplete_expired"})


def subscription(cells: Cells, line: int) -> Row | None:
    """The row of a subscription; None for one whose first payment never came. Raises BadCell."""
    status = cells.text("status").lower()
    if status in NEVER:
        return None
    cancelled = cells.yes("cancel at period end") or bool(cells.text("canceled at (utc)"))
    return Row(
        line,
        cells.text("id"),
        cells.email("customer email"),
        cells.text("customer name", 150),
        cells.text("plan") or cells.text("product") or UNNAMED,
        _until(cells, status),
        cancelled=cancelled or status == "canceled",
        gateway=cells.text("customer id"),
    )


def _until(cells: Cells, status: str) -> datetime:
    """The end of the last period that was paid: one that is overdue was not."""
    if status in PAID:
        until = cells.moment("current period end (utc)", UTC)
    elif status in UNPAID:
        until = cells.moment("current period start (utc)", UTC)
    elif status == "canceled":
        until = cells.moment("ended at (utc)", UTC) or cells.moment("canceled at (utc)", UTC)
    else:
        wrong = _("“%(status)s” is no state of a subscription.") % {"status": status[:40]}
        raise BadCell(wrong, _("Write active, trialing, past_due, unpaid, paused or canceled."))
    if until is None:
        remedy = _("Export the list again with all columns.")
        raise BadCell(_("The end of the paid period is missing."), remedy)
    return until


def customer(cells: Cells, line: int) -> Row | None:
    """The row of a customer. The list does not say until when they paid. Raises BadCell."""
    status = cells.text("status").lower()
    paying = status in PAID | UNPAID
    plan = cells.text("plan") or UNNAMED
    return Row(
        line,
        cells.text("id"),
        cells.email("email"),
        cells.text("name", 150),
        plan if paying else "",
        gateway=cells.text("id"),
    )
