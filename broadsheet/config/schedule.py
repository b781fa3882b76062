"""What the worker does, and how often (seconds)."""

from collections.abc import Callable

from django.core.management import call_command

from broadsheet.accounts import outbox
from broadsheet.config import intake
from broadsheet.demo import agencies
from broadsheet.desk import actions as desk
from broadsheet.ledger import actions as ledger
from broadsheet.press import actions as press
from broadsheet.subscriptions import actions as subscriptions

Job = Callable[[], object]

Lane = tuple[tuple[float, Job], ...]

PRESSING: Lane = (
    (0.5, desk.end_rights),
    (0.5, press.announce_due),
    (0.5, press.catch_up),
    (20.0, lambda: call_command("publish_scheduled", verbosity=0)),
)
"""Never waits for the network: a slow feed must not delay a withdrawal or an expiry."""

TAKING_IN: Lane = (
    (1.0, intake.fetch_due),
    (2.0, outbox.send_due),
    (5.0, subscriptions.fold_journal),
    (5.0, agencies.send_due),
)

PICTURES: Lane = (
    (1.0, intake.collect_pictures),
    (3600.0, desk.clear_out),
)
"""Waits for the hosts of pictures, and nothing else waits for it."""

MONEY: Lane = (
    (0.5, subscriptions.take_events),
    (20.0, subscriptions.ask_again),
    (20.0, subscriptions.end_due),
    (3600.0, ledger.forget_deliveries),
)
"""Waits for the gateway only."""

LANES = (PRESSING, TAKING_IN, PICTURES, MONEY)
