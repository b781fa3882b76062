"""What the worker does, and how often (seconds)."""

from collections.abc import Callable

from django.core.management import call_command

from broadsheet.accounts import consents, limits, outbox
from broadsheet.config import intake
from broadsheet.demo import agencies
from broadsheet.desk import actions as desk
from broadsheet.ledger import actions as ledger
from broadsheet.licensing import actions as licensing
from broadsheet.press import actions as press
from broadsheet.press import hub
from broadsheet.subscriptions import actions as subscriptions
from broadsheet.wire import actions as wire
from broadsheet.wire import hubs

Job = Callable[[], object]

Lane = tuple[tuple[float, Job], ...]

PRESSING: Lane = (
    (1.0, desk.end_rights),
    (1.0, press.announce_due),
    (0.5, press.catch_up),
    (5.0, licensing.catch_up),
    (20.0, lambda: call_command("publish_scheduled", verbosity=0)),
)
"""Never waits for the network: a slow feed must not delay a withdrawal or an expiry."""

FETCHING: Lane = (
    (0.2, intake.take_finished),
    (1.0, intake.asking.start_due),
    (1.0, intake.hand_over),
    (60.0, intake.watch),
    (3600.0, wire.forget_old),
)
"""Waits for nobody: feeds are asked on threads of their own."""

TAKING_IN: Lane = (
    (2.0, outbox.send_due),
    (3600.0, outbox.forget_old),
    (60.0, subscriptions.send_notices),
    (60.0, subscriptions.send_gifts),
    (60.0, subscriptions.end_claims),
    (60.0, subscriptions.send_reminders),
    (3600.0, limits.forget_signed_out),
    (3600.0, consents.forget_old_consents),
    (2.0, subscriptions.fold_journal),
    (60.0, subscriptions.forget_decisions),
    (3600.0, subscriptions.forget_links),
    (3600.0, subscriptions.forget_invitations),
    (3600.0, subscriptions.forget_gifts),
    (3600.0, subscriptions.free_seats),
    (3600.0, subscriptions.forget_old_history),
    (5.0, agencies.send_due),
)

DUE: Lane = (
    (1.0, desk.publish_due),
    (3600.0, desk.forget_sketches),
)
"""What waited for its embargo."""

PICTURES: Lane = (
    (1.0, intake.collect_pictures),
    (3600.0, desk.clear_out),
)
"""Waits for the hosts of pictures, and nothing else waits for it."""

MONEY: Lane = (
    (1.0, subscriptions.take_events),
    (20.0, subscriptions.ask_again),
    (20.0, subscriptions.end_due),
    (20.0, subscriptions.begin_pauses),
    (20.0, subscriptions.erase_due),
    (3600.0, ledger.forget_deliveries),
)
"""Waits for the gateway only."""

BOOKS: Lane = (
    (60.0, subscriptions.close_days),
    (60.0, subscriptions.audit),
    (60.0, subscriptions.sum_up),
    (600.0, subscriptions.count_demand),
)
"""Now and then much to count, and no reader waits for it."""

COMPARING: Lane = ((60.0, subscriptions.compare),)
"""Asks the gateway about a day's checkouts, one by one: for long, and no reader waits for it."""

IMPORTING: Lane = (
    (2.0, subscriptions.run_imports),
    (60.0, subscriptions.tell_imported),
    (3600.0, subscriptions.forget_uploads),
)
"""Thousands of accounts at a time, and nothing else waits for them."""

HUB: Lane = ((2.0, hub.tell_hub),)
"""Waits for the WebSub hub that is told of our own feeds."""

LEASES: Lane = ((10.0, hubs.keep_leases),)
"""Waits for the hubs of feeds: a slow one must delay neither feeds nor pages."""

LANES = (
    PRESSING,
    FETCHING,
    TAKING_IN,
    PICTURES,
    DUE,
    MONEY,
    BOOKS,
    COMPARING,
    IMPORTING,
    HUB,
    LEASES,
)
