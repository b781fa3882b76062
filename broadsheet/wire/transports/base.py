"""What every transport takes and gives: arrivals, and the state from which the next one goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

# A file or answer over this size is a fault of the sender, not news.
LARGEST_ARRIVAL = 15 * 2**20


@dataclass(frozen=True, slots=True)
class Credential:
    """How the paper says who it is: "basic" (`name` is the user), "bearer", or "header" (`name` is
    the header). The secret goes to the feed's own scheme, host and port and nowhere else.
    """

    kind: str
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One document as it came in. `url` is the base of its relative links, None for a file."""

    name: str
    data: bytes
    content_type: str | None
    url: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between two collects; it belongs to one `location`.

    `etag`, `last_modified` and `whole_at` are of the last complete answer over HTTP, `retry_after`
    is what the server asked for, `ttl` (seconds) and `rest` (hours of the day, GMT) what the last
    document did. `seen` holds the digests of what was collected, `pending` those
    of files that were not complete yet. `read_to` says how far a mailbox was read.

    `host_key` and `senders` are the publisher's: they come with the state and are not kept in it.
    """

    location: str = ""
    etag: str = ""
    last_modified: str = ""
    whole_at: datetime | None = None
    retry_after: datetime | None = None
    ttl: float = 0.0
    rest: frozenset[int] = frozenset()
    seen: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    read_to: str = ""
    host_key: str = ""
    senders: frozenset[str] = frozenset()

    def at(self, location: str) -> FeedState:
        """This state, or an empty one when it was made at another location."""
        if self.location == location:
            return self
        return FeedState(location, host_key=self.host_key, senders=self.senders)

    def to_json(self) -> dict[str, Any]:
        """A dictionary of texts and lists of texts, the same for equal states."""
        return {
            "location": self.location,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "whole_at": self.whole_at.isoformat() if self.whole_at else None,
            "retry_after": self.retry_after.isoformat() if self.retry_after else None,
            "ttl": self.ttl,
            "rest": sorted(self.rest),
            "seen": sorted(self.seen),
            "pending": sorted(self.pending),
            "read_to": self.read_to,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> FeedState:
        """The state that `to_json` wrote; what is missing (a new feed: all) is empty."""
        return cls(
            location=kept.get("location", ""),
            etag=kept.get("etag", ""),
            last_modified=kept.get("last_modified", ""),
            whole_at=_moment(kept.get("whole_at")),
            retry_after=_moment(kept.get("retry_after")),
            ttl=kept.get("ttl", 0.0),
            rest=frozenset(kept.get("rest", ())),
            seen=frozenset(kept.get("seen", ())),
            pending=frozenset(kept.get("pending", ())),
            read_to=kept.get("read_to", ""),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Collected:
    """The outcome of one collect. `state` is to be stored with the arrivals, in one transaction.

    `unchanged`: the feed was reached and has nothing new. `not_before`: the server asks not to
    come back earlier. `again_at`: more is known to be waiting, come back then. `problem`: a
    sentence for the desk, "" when all went well; arrivals beside it are good. `gone`: the server
    says for good that the feed has ended (410). `moved_to`: where permanent redirects point.
    `hint`: seconds for which the answer and the document ask to be left alone. `status` is of the
    HTTP answer, 0 when there was none; `size` counts the bytes of what was received.
    `links`: the HTTP Link header. `ignored`: how many documents were left alone on purpose.
    """

    arrivals: tuple[Arrival, ...]
    state: FeedState
    unchanged: bool = False
    not_before: datetime | None = None
    problem: str = ""
    again_at: datetime | None = None
    gone: bool = False
    moved_to: str = ""
    hint: float = 0.0
    status: int = 0
    size: int = 0
    links: str = ""
    ignored: int = 0


class Transport(Protocol):
    """A module (or object) that collects what is new at a location."""

    def collect(
        self,
        location: str,
        state: FeedState,
        *,
        allow_hosts: Collection[str],
        now: datetime,
        credential: Credential | None = None,
    ) -> Collected:
        """What arrived since `state`. Never raises for what the other side does: see `problem`.

        Called on a thread without a database.
        """
        ...
