"""Decisions about what came in. Pure: no database, no clock, no Django."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from broadsheet.wire.likeness import SAME_ID, SAME_STORY, headlines_alike, overlap

NAMES_OF_OFFSETS: Mapping[int, str] = {0: "UTC", 330: "IST", 345: "NPT", 540: "JST"}
"""Offsets (minutes) that one zone name fits; others are shown as an offset."""

CLOCK_SKEW = timedelta(minutes=10)
"""A wire's clock may run ahead this far; a date further ahead is taken as the time received."""

INDEFINITE = datetime(9999, 1, 1, tzinfo=UTC)
"""An embargo without an end (an empty `<embargoed/>`): until the wire lifts it."""

MOST_COLLISIONS = 0.05
"""The share of a document's entries that may share an id with another before ids mean nothing."""

SPEAKING = frozenset(["correction", "clarification", "withdrawal", "hold"])
"""Signals that speak of a report sent before, whatever the text is now."""

_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Told:
    """What a version tells of its report, as far as it helps to recognise it. `link` canonical."""

    headline: str
    text: str
    link: str = ""
    status: str = "usable"
    signal: str = ""
    number: str = ""


def is_same_text(known: Told, arriving: Told) -> bool:
    """Whether two texts under different ids are one: half of the shorter stands in the other.

    An equal headline says nothing ("Markets at the close"), nor does a text of a few words: a
    report twice is seen by the desk, one that was overwritten by none.
    """
    share = overlap(f"{known.headline} {known.text}", f"{arriving.headline} {arriving.text}")
    return share is not None and share >= SAME_STORY


def is_other_report(known: Told, arriving: Told, *, by_id: bool) -> bool:
    """Whether a report that was found by its id (else by its link) is another one.

    An id is trusted until its text says otherwise: less than a fifth in common, and nothing that
    makes it a report that develops (headline, link, the wire's next number). Who speaks of a
    report by its id means that report. What was withdrawn stays so under whatever text comes.
    """
    if known.status == "canceled" or arriving.status != "usable" or arriving.signal in SPEAKING:
        return False
    if by_id and (_is_numbered_on(known.number, arriving.number) or _same_link(known, arriving)):
        return False
    if headlines_alike(known.headline, arriving.headline):
        return False
    share = overlap(f"{known.headline} {known.text}", f"{arriving.headline} {arriving.text}")
    return share is not None and share < SAME_ID


def _is_numbered_on(known: str, arriving: str) -> bool:
    return known.isdigit() and arriving.isdigit() and int(arriving) > int(known)


def _same_link(known: Told, arriving: Told) -> bool:
    return bool(known.link) and known.link == arriving.link


def colliding_ids(stated: Sequence[tuple[str, str, str]]) -> frozenset[str]:
    """Ids that name several reports of one document, when that is more than one slip.

    Each is (id, the wire's version, what tells reports apart: link or headline). Several versions
    of one item side by side are no collision.
    """
    distinct = {entry for entry in stated if entry[0]}
    uses = Counter((identity, version) for identity, version, _ in distinct)
    shared = [entry for entry in stated if uses[entry[:2]] > 1]
    many = len(shared) > MOST_COLLISIONS * len(stated)
    return frozenset(entry[0] for entry in shared) if many else frozenset()


def bounded(embargo: datetime | None) -> datetime | None:
    """An embargo that can be reckoned with: no moment after INDEFINITE."""
    return embargo if embargo is None or embargo < INDEFINITE else INDEFINITE


def names_item(name: str, *, key: str, slug: str) -> bool:
    """Whether "dpa 157" in a text means the item of this key or slug.

    By its whole key or slug in any spelling, else by the number that ends both.
    """
    wanted, known = _LETTERS.findall(name.casefold()), _LETTERS.findall(key.casefold())
    if not wanted:
        return False
    if wanted in (known, _LETTERS.findall(slug.casefold())):
        return True
    return wanted[-1].isdigit() and bool(known) and known[-1] == wanted[-1]


def zone_label(stated: str, offset: timedelta) -> str:
    """How a reader sees the zone: the wire's own word, else a name or "UTC+02:00"."""
    if stated and not stated.startswith(("UTC+", "UTC-")):
        return stated
    minutes = round(offset.total_seconds() / 60)
    if minutes in NAMES_OF_OFFSETS:
        return NAMES_OF_OFFSETS[minutes]
    sign = "+" if minutes >= 0 else "-"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def is_older(
    wire_version: str, dated: datetime | None, *, than: tuple[str, datetime | None]
) -> bool:
    """Whether a version is older than the newest: by number when both have one, else by date."""
    newest, newest_date = than
    if wire_version.isdigit() and newest.isdigit() and int(wire_version) != int(newest):
        return int(wire_version) < int(newest)
    return dated is not None and newest_date is not None and dated < newest_date


def is_newer(
    wire_version: str, dated: datetime | None, *, than: tuple[str, datetime | None]
) -> bool:
    """Whether a version says that it is newer than the newest: by number, else by date."""
    newest, newest_date = than
    if wire_version.isdigit() and newest.isdigit() and int(wire_version) != int(newest):
        return int(wire_version) > int(newest)
    return dated is not None and newest_date is not None and dated > newest_date


def standfirst_apart(standfirst: str, first_paragraph: str) -> str:
    """The standfirst, or "" when it only repeats how the body begins."""
    folded, start = " ".join(standfirst.split()), " ".join(first_paragraph.split())
    return "" if not folded or start.startswith(folded.rstrip("….")) else folded


_COUNTED = r"(?-i:UPDATE|WRAPUP) \d+\s*[:\-–—]\s*"
_CODED = r"(?:CORRECT(?:ED|ION|S)|CLARIFI(?:ED|CATION)|REFILE)\s*[:\-–—]\s*"
_CODE = re.compile(rf"\W*(?:{_COUNTED}(?:{_CODED})?|{_CODED}(?:{_COUNTED})?)", re.IGNORECASE)


def headline_without_code(headline: str) -> str:
    """The headline without a signal coded into it ("CORRECTED: …", "UPDATE 2-…")."""
    return _CODE.sub("", headline, count=1) if _CODE.match(headline) else headline


def next_status(before: str, arriving: str) -> str:
    """The item's status after a version; what was withdrawn stays withdrawn."""
    return "canceled" if before == "canceled" else arriving


PORTS: Mapping[str, int] = {"http": 80, "https": 443}


def host_of(location: str) -> str:
    """The host of an address, in lower case; a folder stands for itself."""
    return (urlsplit(location).hostname or location) if "://" in location else location


def same_place(old: str, new: str) -> bool:
    """Whether a credential for one address may go to another: the same scheme, host and port, or
    the step from http to https on their usual ports, as `kit.fetch` has it.
    """
    before, after = urlsplit(old), urlsplit(new)
    ports = (before.port or PORTS.get(before.scheme), after.port or PORTS.get(after.scheme))
    if before.hostname != after.hostname:
        return False
    return (before.scheme == after.scheme and ports[0] == ports[1]) or ports == (80, 443)


def shown_location(location: str) -> str:
    """An address without what stands behind the question mark: agencies put their keys there."""
    address, mark, _ = location.partition("?") if "://" in location else (location, "", "")
    return f"{address}{mark}…" if mark else address


_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NO_CREDENTIAL = frozenset(
    {"accept", "accept-encoding", "accept-language", "connection", "content-length", "host",
     "if-modified-since", "if-none-match", "transfer-encoding", "user-agent"}
)  # fmt: skip


def may_be_named(auth: str, name: str) -> bool:
    """Whether the name can go with this kind of sign-in: a user without a colon (RFC 7617, 2), or
    a header's name (RFC 9110, 5.6.2) that carries nothing else.
    """
    if auth == "header":
        return bool(_HEADER.fullmatch(name)) and name.lower() not in _NO_CREDENTIAL
    return bool(name) and ":" not in name


def feed_state(
    active: bool, problem: str, failures: int,
    fetched_at: datetime | None, quiet_since: datetime | None,
) -> str:  # fmt: skip
    """How a feed is: "ended" (by its server), "paused", "failing", "quiet", "never", "well"."""
    if not active:
        return "ended" if problem else "paused"
    if failures:
        return "failing"
    if quiet_since is not None:
        return "quiet"
    return "well" if fetched_at else "never"


def summary(counts: Mapping[str, Any]) -> str:
    """One line of `wire fetch`."""
    order = ("fetched", "new", "updated", "withdrawn", "rejected", "repaired")
    return ", ".join(f"{name} {counts.get(name, 0)}" for name in order)
