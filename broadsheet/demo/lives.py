"""What the demo's readers did in the past months: who bought what, and what came of it.

Drawn, not lived: `demo.history` lives through it. The same seed gives the same lives, each as
long ago as in any other demo.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from broadsheet.kit.periods import Interval, start_of

GOOD, PAYS_ONCE = "4242424242424242", "4000000000000341"
DECLINED = "4000000000000002"
DAYS = 240
"""How far back the first subscriber is, at most."""
QUARTERLY, YEARLY, TWO_YEARS = "smart-quarterly", "smart-essential", "super-saver"
HOUSEHOLD = "smart-household"
PLANS = (QUARTERLY, QUARTERLY, YEARLY, YEARLY, YEARLY, TWO_YEARS)

Deed = Literal[
    "subscribe", "leave", "cancel", "resume", "refund", "pay",
    "rest", "invite", "join", "give", "redeem",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Happening:
    """Reader number `reader` does something at `at`. `card` is what is typed, when money moves;
    `other` is the number of the reader whom it is done for or with."""

    at: datetime
    reader: int
    deed: Deed
    plan: str = ""
    card: str = GOOD
    other: int = -1


@dataclass(frozen=True, slots=True)
class Past:
    """The months before `now` (UTC), as one throw of the dice sees them. `zone` is the paper's."""

    now: datetime
    zone: str
    intervals: dict[str, Interval]
    dice: Random

    def moment(self, least: float, most: float) -> datetime:
        """A waking hour, between so many whole days ago; never one to come."""
        day = self.now.astimezone(ZoneInfo(self.zone)) - timedelta(
            days=self.dice.randint(round(least), round(most))
        )
        seconds = round(self.dice.triangular(6.5, 24, 20) * 3600)
        at = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=seconds)
        at = at.astimezone(self.now.tzinfo)
        return at if at < self.now else at - timedelta(days=1)

    def after(self, at: datetime, least: float, most: float) -> datetime:
        """Between so many days after a moment; an hour ago at the latest."""
        then = at + timedelta(days=self.dice.uniform(least, most))
        return min(then, self.now - timedelta(hours=1))

    def renewal(self, bought: datetime, plan: str) -> datetime:
        """When the second period begins."""
        return start_of(bought, 1, self.intervals[plan], self.zone)


Life = Callable[[Past, int], Iterator[Happening]]


def goes_on(past: Past, reader: int) -> Iterator[Happening]:
    """Bought some time, renewed ever since."""
    plan = past.dice.choice(PLANS)
    yield Happening(past.moment(1, DAYS), reader, "subscribe", plan)


def second_card(past: Past, reader: int) -> Iterator[Happening]:
    """Left the first checkout unpaid, because the card was declined; came back with another."""
    at = past.moment(10, DAYS)
    yield Happening(at, reader, "leave", YEARLY, DECLINED)
    yield Happening(past.after(at, 2, 5), reader, "subscribe", YEARLY)


def will_stop(past: Past, reader: int) -> Iterator[Happening]:
    """Cancelled; what is paid for is still running."""
    at = past.moment(60, 200)
    yield Happening(at, reader, "subscribe", past.dice.choice((YEARLY, TWO_YEARS)))
    yield Happening(past.after(at, 5, 55), reader, "cancel")


def thought_again(past: Past, reader: int) -> Iterator[Happening]:
    """Cancelled, and took it back two days later."""
    at = past.moment(90, 200)
    cancelled = past.after(at, 10, 60)
    yield Happening(at, reader, "subscribe", YEARLY)
    yield Happening(cancelled, reader, "cancel")
    yield Happening(past.after(cancelled, 1, 3), reader, "resume")


def has_stopped(past: Past, reader: int) -> Iterator[Happening]:
    """Cancelled a quarter that is over by now."""
    at = past.moment(125, DAYS)
    yield Happening(at, reader, "subscribe", QUARTERLY)
    yield Happening(past.after(at, 3, 80), reader, "cancel")


def came_back(past: Past, reader: int) -> Iterator[Happening]:
    """Let a quarter run out, and bought a year after a while."""
    at = past.moment(180, DAYS)
    over = past.renewal(at, QUARTERLY)
    yield Happening(at, reader, "subscribe", QUARTERLY)
    yield Happening(past.after(at, 20, 60), reader, "cancel")
    yield Happening(past.after(over, 9, 50), reader, "subscribe", YEARLY)


def lapsed(past: Past, reader: int) -> Iterator[Happening]:
    """A card that did not pay again, and nobody who minded."""
    yield Happening(past.moment(115, DAYS), reader, "subscribe", QUARTERLY, PAYS_ONCE)


def recovered(past: Past, reader: int) -> Iterator[Happening]:
    """A card that did not pay again; another one did a day later."""
    at = past.moment(105, 170)
    yield Happening(at, reader, "subscribe", QUARTERLY, PAYS_ONCE)
    yield Happening(past.after(past.renewal(at, QUARTERLY), 1.1, 1.9), reader, "pay")


def sent_back(past: Past, reader: int) -> Iterator[Happening]:
    """Asked for the money back within a fortnight, and got it."""
    at = past.moment(20, 150)
    yield Happening(at, reader, "subscribe", past.dice.choice((QUARTERLY, TWO_YEARS)))
    yield Happening(past.after(at, 1, 14), reader, "refund")


def overdue(past: Past, reader: int) -> Iterator[Happening]:
    """The renewal failed in the last days: the gateway tries again, the grace is running."""
    due = past.now - timedelta(hours=past.dice.randint(2, 9))
    at = start_of(due, -1, past.intervals[QUARTERLY], past.zone)
    if past.renewal(at, QUARTERLY) < due:
        # 31 May is no quarter after any day; 28 May is one after 28 February: late on that day.
        at = at.astimezone(ZoneInfo(past.zone)).replace(hour=23, minute=59).astimezone(at.tzinfo)
    yield Happening(at, reader, "subscribe", QUARTERLY, PAYS_ONCE)


def only_looked(past: Past, reader: int) -> Iterator[Happening]:
    """Saw the checkout page and left."""
    yield Happening(past.moment(3, DAYS), reader, "leave", past.dice.choice(PLANS))


def shares(past: Past, reader: int) -> Iterator[Happening]:
    """A household: one pays after a trial, two joined, a fourth has not answered yet."""
    at = past.moment(40, 90)
    yield Happening(at, reader, "subscribe", HOUSEHOLD)
    for guest in (reader + 1, reader + 2):
        asked = past.after(at, 1, 6)
        yield Happening(asked, reader, "invite", other=guest)
        yield Happening(past.after(asked, 0.1, 2), guest, "join", other=reader)
    yield Happening(past.moment(2, 4), reader, "invite", other=reader + 3)


def tries(past: Past, reader: int) -> Iterator[Happening]:
    """In the first days of a trial."""
    yield Happening(past.moment(3, 6), reader, "subscribe", HOUSEHOLD)


def rests(past: Past, reader: int) -> Iterator[Happening]:
    """Away for two months, and neither reads nor pays; back in some weeks."""
    at = past.moment(105, 115)
    yield Happening(at, reader, "subscribe", QUARTERLY)
    yield Happening(past.after(at, 60, 80), reader, "rest")


def gives(past: Past, reader: int) -> Iterator[Happening]:
    """Gave a year to a friend, who redeemed it, and a quarter to one who has not yet."""
    at = past.moment(50, 120)
    yield Happening(at, reader, "give", YEARLY, other=reader + 1)
    yield Happening(past.after(at, 1, 20), reader + 1, "redeem", other=reader)
    yield Happening(past.moment(3, 9), reader, "give", QUARTERLY, other=reader + 2)


def takes_part(_past: Past, _reader: int) -> Iterator[Happening]:
    """In what the one before does."""
    yield from ()


CAST: tuple[tuple[int, Life], ...] = (
    (2, overdue), (4, lapsed), (2, recovered), (5, has_stopped), (5, will_stop),
    (2, thought_again), (2, came_back), (2, sent_back), (2, second_card), (31, goes_on),
    (6, only_looked), (1, shares), (3, takes_part), (2, tries), (2, rests), (1, gives),
    (2, takes_part),
)  # fmt: skip
"""How many live which life. 64 subscriptions, with the second ones of those who came back."""


def happenings(past: Past) -> list[Happening]:
    """Everything that the readers 0, 1, … did, the earliest first."""
    kinds = [life for count, life in CAST for _ in range(count)]
    return sorted(h for reader, life in enumerate(kinds) for h in life(past, reader))
