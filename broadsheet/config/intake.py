"""Ask what is due, hand it to the desk, press it: the order the news flows."""

from broadsheet.desk import actions as desk
from broadsheet.desk.reads import paper_view
from broadsheet.press import actions as press
from broadsheet.press.frame import origin
from broadsheet.press_log.gathering import gathered
from broadsheet.wire import actions as wire

asking = wire.Asking()
"""The worker's. Only its lane FETCHING uses it."""
PICTURES_TURN = 5.0
"""Seconds after which a turn of the picture lane begins no other picture."""


def take_finished() -> None:
    """Take in what feeds have answered, and have it on the pages at once."""
    if asking.take_finished():
        hand_over()


def hand_over() -> int:
    """Give the desk what has come in, by whatever way; returns how many versions it took."""
    with gathered():
        taken = desk.catch_up()
    if taken:
        press.catch_up(whole=False)
    return taken


def watch() -> None:
    """Tell the publisher of feeds that need somebody."""
    wire.watch(paper_view(origin()))


def collect_pictures() -> int:
    """Fetch the pictures that are due and press the reports that get one; returns how many."""
    with gathered():
        got = desk.collect_pictures(within=PICTURES_TURN)
    if got:
        press.catch_up()
    return got
