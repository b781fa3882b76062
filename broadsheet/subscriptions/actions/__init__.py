"""What changes a reader's rights: checkout, settling with the gateway, cancelling, ending."""

from broadsheet.subscriptions.actions.benefits import (
    claim,
    end_all_claims,
    end_claims,
    fill_pool,
    follow_benefits,
    forget_claimant,
    forget_wish,
    wish,
)
from broadsheet.subscriptions.actions.bringing import forget_imported
from broadsheet.subscriptions.actions.buying import open_checkout
from broadsheet.subscriptions.actions.card_pages import open_card_page
from broadsheet.subscriptions.actions.changing import (
    QuoteIsOver,
    change_plan,
    keep_plan,
    sealed,
)
from broadsheet.subscriptions.actions.comparing import compare
from broadsheet.subscriptions.actions.complimenting import give_access, move_end, revoke_access
from broadsheet.subscriptions.actions.erasing import ask_to_erase, erase_due
from broadsheet.subscriptions.actions.exporting import export
from broadsheet.subscriptions.actions.folding import fold_journal
from broadsheet.subscriptions.actions.forgetting import forget_decisions, forget_reader
from broadsheet.subscriptions.actions.gifts import (
    GiftWish,
    ask_about_gift,
    change_recipient,
    forget_gifts,
    forget_gifts_of,
    open_gift,
    redeem_gift,
    send_gift_again,
    send_gifts,
    settle_gift,
    show_code,
)
from broadsheet.subscriptions.actions.giving import (
    follow_rights,
    give,
    take_back,
    take_back_all,
)
from broadsheet.subscriptions.actions.importing import (
    choose_plans,
    drop_import,
    forget_uploads,
    run_import,
    run_imports,
    start_import,
    take_file,
    undo_import,
)
from broadsheet.subscriptions.actions.inviting import (
    forget_invitations,
    invite,
    send_again,
    take_invitation_back,
    take_seat,
)
from broadsheet.subscriptions.actions.lending import end_groups, lend, vacate
from broadsheet.subscriptions.actions.nightly import audit, close_days
from broadsheet.subscriptions.actions.noticing import send_notices
from broadsheet.subscriptions.actions.offering import make_entitlements, set_terms
from broadsheet.subscriptions.actions.partners import keep_client, renew_secret
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
from broadsheet.subscriptions.actions.seating import (
    end_seats,
    free_seats,
    seat_reader,
    seat_readers,
)
from broadsheet.subscriptions.actions.settling import Settled, settle
from broadsheet.subscriptions.actions.sharing import forget_links, newsletter_link, share
from broadsheet.subscriptions.actions.summing import keep_sums, sum_up
from broadsheet.subscriptions.actions.terms import Unbooked
from broadsheet.subscriptions.actions.turns import ask_again, refund, take_events
from broadsheet.subscriptions.actions.wanting import count_demand
from broadsheet.subscriptions.actions.welcoming import ask_to_welcome, tell_imported
from broadsheet.subscriptions.actions.withdrawing import withdraw, withdraw_gift

__all__ = [
    "GiftWish",
    "QuoteIsOver",
    "Settled",
    "Unbooked",
    "ask_about_gift",
    "ask_again",
    "ask_to_erase",
    "ask_to_welcome",
    "audit",
    "begin_pauses",
    "change_plan",
    "change_recipient",
    "choose_plans",
    "claim",
    "close_days",
    "compare",
    "count_demand",
    "drop_import",
    "end_all_claims",
    "end_claims",
    "end_due",
    "end_groups",
    "end_seats",
    "erase_due",
    "export",
    "fill_pool",
    "fold_journal",
    "follow_benefits",
    "follow_rights",
    "forget_claimant",
    "forget_decisions",
    "forget_gifts",
    "forget_gifts_of",
    "forget_history",
    "forget_imported",
    "forget_invitations",
    "forget_links",
    "forget_old_history",
    "forget_reader",
    "forget_uploads",
    "forget_wish",
    "free_seats",
    "give",
    "give_access",
    "invite",
    "keep_client",
    "keep_plan",
    "keep_sums",
    "lend",
    "make_entitlements",
    "move_end",
    "newsletter_link",
    "note_place",
    "open_card_page",
    "open_checkout",
    "open_gift",
    "pause",
    "redeem",
    "redeem_gift",
    "refund",
    "remember_browser",
    "renew_secret",
    "resume_now",
    "revoke_access",
    "run_import",
    "run_imports",
    "sealed",
    "seat_reader",
    "seat_readers",
    "send_again",
    "send_gift_again",
    "send_gifts",
    "send_notices",
    "send_reminders",
    "set_history",
    "set_renewal",
    "set_terms",
    "settle",
    "settle_gift",
    "share",
    "show_code",
    "start_import",
    "sum_up",
    "take_back",
    "take_back_all",
    "take_events",
    "take_file",
    "take_invitation_back",
    "take_seat",
    "tell_gateway",
    "tell_imported",
    "undo_import",
    "vacate",
    "wish",
    "withdraw",
    "withdraw_gift",
]
