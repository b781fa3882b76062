"""Whatever the wire does that touches two models, a transaction or the outside."""

from broadsheet.wire.actions.adding import add_feed
from broadsheet.wire.actions.arranging import fetch_soon, pause, resume, use_new_address
from broadsheet.wire.actions.arriving import MOST_ENTRIES, blobs, replay, take_arrival
from broadsheet.wire.actions.asking import Asking
from broadsheet.wire.actions.fetching import FeedBusy, claim, fetch, record_failure
from broadsheet.wire.actions.keeping import forget_old
from broadsheet.wire.actions.reporting import Report, add_reports, count, line
from broadsheet.wire.actions.watching import watch

__all__ = [
    "MOST_ENTRIES",
    "Asking",
    "FeedBusy",
    "Report",
    "add_feed",
    "add_reports",
    "blobs",
    "claim",
    "count",
    "fetch",
    "fetch_soon",
    "forget_old",
    "line",
    "pause",
    "record_failure",
    "replay",
    "resume",
    "take_arrival",
    "use_new_address",
    "watch",
]
