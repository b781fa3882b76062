"""Fetch what is due, hand it to the desk, press it: the order the news flows."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from broadsheet.desk import actions as desk
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.wire import actions as wire
from broadsheet.wire.actions import FeedBusy
from broadsheet.wire.models import Feed

logger = logging.getLogger(__name__)

SLOTS = 4
"""Feeds fetched at once, so that one slow host does not hold up the others."""
PICTURES_TURN = 5.0
"""Seconds after which a turn of the picture lane begins no other picture."""


def fetch_due() -> int:
    """Fetch every feed that is due; returns how many versions the desk took."""
    due = list(Feed.objects.filter(active=True, next_at__lte=clock.now()).order_by("next_at")[:40])
    if due:
        with ThreadPoolExecutor(SLOTS) as pool:
            list(pool.map(_fetch, due))
    with gathered():
        taken = desk.catch_up()
    if taken:
        press.catch_up()
    return taken


def _fetch(feed: Feed) -> None:
    try:
        wire.fetch(feed)
    except FeedBusy:
        pass  # Another process is fetching this feed: it will bring the same.
    except Exception as error:
        logger.exception("Fetching %s failed.", feed.name)
        wire.record_failure(feed, f"Fetching broke off: {error}. Tell us if it goes on.")
    finally:
        connections.close_all()


def collect_pictures() -> int:
    """Fetch the pictures that are due and press the reports that get one; returns how many."""
    with gathered():
        got = desk.collect_pictures(within=PICTURES_TURN)
    if got:
        press.catch_up()
    return got
