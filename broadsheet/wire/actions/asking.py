"""Many feeds are asked at once, one of each host: the network in threads, the rows in one.

Why so: docs/decisions/0015-asking-in-threads.md.
"""

import logging
import queue
import threading
from datetime import datetime

from broadsheet.kit import clock
from broadsheet.wire.actions.fetching import (
    Answer,
    ask,
    claim,
    record_failure,
    release,
    renew,
    take,
)
from broadsheet.wire.models import Feed
from broadsheet.wire.rhythm import Due, choose
from broadsheet.wire.rules import host_of

logger = logging.getLogger(__name__)

SLOTS = 16
"""Hosts asked at once. A thread that waits for an answer costs little."""


class Asking:
    """The feeds that are being asked, and what they answered. Used by one thread."""

    def __init__(self, slots: int = SLOTS) -> None:
        self._slots = slots
        self._under_way: dict[int, tuple[Feed, datetime]] = {}
        self._answers: queue.SimpleQueue[tuple[int, Answer | Exception]] = queue.SimpleQueue()

    def start_due(self) -> int:
        """Ask the feeds whose turn it is, as far as slots are free; returns how many. Waits for
        nobody.
        """
        now = clock.now()
        chosen = choose(self._due(now), self._busy(), self._slots)
        return sum(self._start(one.pk, now) for one in chosen)

    def take_finished(self) -> int:
        """Take in what has been answered since; returns how many feeds had answered."""
        answered = 0
        while not self._answers.empty():
            pk, answer = self._answers.get()
            feed, at = self._under_way.pop(pk)
            self._take(feed, at, answer)
            answered += 1
        return answered

    def let_go(self) -> None:
        """Give back what is still being asked: the next worker need not wait for the leases."""
        for feed, at in self._under_way.values():
            release(feed, at)
        self._under_way.clear()

    def _due(self, now: datetime) -> list[Due]:
        """The longest waiting first; those that are being asked have their host in the way."""
        due = Feed.objects.filter(active=True, next_at__lte=now).order_by("next_at")
        rows = due.values_list("pk", "location", "failures")
        return [Due(pk, host_of(location), failures > 0) for pk, location, failures in rows]

    def _busy(self) -> dict[str, bool]:
        return {feed.host: feed.failures > 0 for feed, _ in self._under_way.values()}

    def _start(self, pk: int, now: datetime) -> bool:
        feed = Feed(pk=pk)
        if not claim(feed, now):
            return False  # Another process is fetching this feed: it will bring the same.
        feed = Feed.objects.select_related("source").get(pk=pk)
        self._under_way[pk] = (feed, now)
        # A daemon thread: the worker's end waits for no server.
        threading.Thread(target=self._ask, args=(feed, now), name="ask", daemon=True).start()
        return True

    def _ask(self, feed: Feed, now: datetime) -> None:
        try:
            self._answers.put((feed.pk, ask(feed, now)))
        except Exception as fault:
            self._answers.put((feed.pk, fault))

    def _take(self, feed: Feed, at: datetime, answer: Answer | Exception) -> None:
        now = clock.now()
        if not renew(feed, at, now):
            return  # The lease ran out and another process has the feed, or the feed is gone.
        try:
            if isinstance(answer, Exception):
                raise answer
            take(feed, answer)
        except Exception as fault:
            logger.exception("Fetching %s failed.", feed.name)
            record_failure(feed, f"Fetching broke off: {fault}. Tell us if it goes on.")
        finally:
            release(feed, now)
