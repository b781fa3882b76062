"""What changes a reader's rights: checkout, settling with the gateway, cancelling, ending."""

from broadsheet.subscriptions.actions.buying import open_checkout
from broadsheet.subscriptions.actions.changing import (
    QuoteIsOver,
    change_plan,
    keep_plan,
    sealed,
)
from broadsheet.subscriptions.actions.comparing import compare
from broadsheet.subscriptions.actions.erasing import ask_to_erase, erase_due
from broadsheet.subscriptions.actions.exporting import export
from broadsheet.subscriptions.actions.folding import fold_journal
from broadsheet.subscriptions.actions.forgetting import forget_decisions, forget_reader
from broadsheet.subscriptions.actions.giving import (
    follow_rights,
    give,
    take_back,
    take_back_all,
)
from broadsheet.subscriptions.actions.nightly import audit, close_days
from broadsheet.subscriptions.actions.noticing import send_notices
from broadsheet.subscriptions.actions.offering import make_entitlements, set_terms
from broadsheet.subscriptions.actions.pausing import begin_pauses, pause, resume_now
from broadsheet.subscriptions.actions.redeeming import redeem
from broadsheet.subscriptions.actions.remembering import (
    forget_history,
    forget_old_history,
    note_place,
    remember_browser,
    set_history,
)
from broadsheet.subscriptions.actions.reminding import send_reminders
from broadsheet.subscriptions.actions.renewing import end_due, set_renewal, tell_gateway
from broadsheet.subscriptions.actions.seating import end_seats, seat_reader, seat_readers
from broadsheet.subscriptions.actions.settling import Settled, settle
from broadsheet.subscriptions.actions.sharing import forget_links, newsletter_link, share
from broadsheet.subscriptions.actions.summing import keep_sums, sum_up
from broadsheet.subscriptions.actions.turns import ask_again, refund, take_events
from broadsheet.subscriptions.actions.wanting import count_demand
from broadsheet.subscriptions.actions.withdrawing import withdraw

__all__ = [
    "QuoteIsOver",
    "Settled",
    "ask_again",
    "ask_to_erase",
    "audit",
    "begin_pauses",
    "change_plan",
    "close_days",
    "compare",
    "count_demand",
    "end_due",
    "end_seats",
    "erase_due",
    "export",
    "fold_journal",
    "follow_rights",
    "forget_decisions",
    "forget_history",
    "forget_links",
    "forget_old_history",
    "forget_reader",
    "give",
    "keep_plan",
    "keep_sums",
    "make_entitlements",
    "newsletter_link",
    "note_place",
    "open_checkout",
    "pause",
    "redeem",
    "refund",
    "remember_browser",
    "resume_now",
    "sealed",
    "seat_reader",
    "seat_readers",
    "send_notices",
    "send_reminders",
    "set_history",
    "set_renewal",
    "set_terms",
    "settle",
    "share",
    "sum_up",
    "take_back",
    "take_back_all",
    "take_events",
    "tell_gateway",
    "withdraw",
]
