"""The desk's decisions: who owns a field, what is visible, what may publish itself. Pure."""

import re
import unicodedata
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from broadsheet.kit.tokens import has_marks

Field = Literal["headline", "standfirst", "picture", "body"]
FIELDS: tuple[Field, ...] = ("headline", "standfirst", "picture", "body")
"""What staff can take over from the wire, in the order the disclosure names them."""

RESERVED_SLUGS = frozenset(
    [
        "-",
        "accounts",
        "account",
        "desk",
        "search",
        "premium",
        "subscribe",
        "licensed",
        "identity",
        "webhooks",
        "feed",
        "static",
        "media",
        "archive",
        "epaper",
        "newsletters",
        "healthz",
        "robots",
        "sitemap",
        "news-sitemap",
        "demo",
        "favicon",
        "page",
        "about",
        "imprint",
        "terms",
        "privacy",
        "corrections",
        "topic",
        "author",
    ]
)
"""Section slugs that would hide an address of the paper (DESIGN section 7)."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Who wrote the report: a form, and the fields that staff reworked.

    `own`: the paper's own report, nothing to disclose. `untouched`: from the wire, as it came.
    `fields`: only the named fields are staff's. `edited`: the body is staff's, or who wrote it and
    where, so nothing may be said of "the rest".
    """

    form: Literal["own", "untouched", "fields", "edited"]
    fields: tuple[Field, ...] = ()


def disclosure(owned: Collection[str], *, from_wire: bool, credited: bool = False) -> Disclosure:
    """What the note below a report must say, from the fields that staff own and nothing else.

    `credited`: byline or dateline are staff's, which takes a right of its own.
    """
    if not from_wire:
        return Disclosure("own")
    if "body" in owned or credited:
        return Disclosure("edited")
    fields = tuple(field for field in FIELDS if field in owned)
    return Disclosure("fields", fields) if fields else Disclosure("untouched")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a form showed for one field when it was opened, and what staff owned then (or None).

    `may_be_empty`: nothing at all can be staff's word too, as with topics.
    """

    shown: str
    owned: str | None
    wire: str | None
    may_be_empty: bool = False


def resolve(posted: str, opening: Opening, current: str | None, *, same_hand: bool) -> str | None:
    """The override after a form comes back; None means the field follows the wire.

    A text that was not touched asserts nothing: what others did meanwhile (`current`) stands,
    unless this very form had saved before (`same_hand`: autosave), which then is taken back.
    Equal to the wire's text the form was opened on, or emptied (unless that may be): back to the
    wire.
    """
    if posted == opening.shown:
        return opening.owned if same_hand else current
    emptied = posted == "" and not opening.may_be_empty
    if opening.wire is not None and (emptied or posted == opening.wire):
        return None
    return posted


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether readers may see an article. Times are aware."""

    live: bool
    held: bool
    withdrawn: bool
    not_before: tuple[datetime | None, ...]
    not_after: tuple[datetime | None, ...]


def visible(standing: Standing, now: datetime) -> bool:
    """Whether a reader may see the article at `now`. A withdrawal overrides everything."""
    if standing.withdrawn or standing.held or not standing.live:
        return False
    started = all(moment is None or moment <= now for moment in standing.not_before)
    return started and all(moment is None or now < moment for moment in standing.not_after)


Reason = str | dict[str, str]
"""A sentence, or one with the values of its names under "text" and their own keys."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wire version that a rule would publish. `age` is None when the wire gave no date.

    `limit` and `allowed` are the source's settings; `embargo` is the moment it lifts, when that is
    still ahead; `copies` names headline and agency of a report that told the story before;
    `recalled` when another text of the wire asks to take it back, `recalls` when it asks so itself.
    """

    status: str
    signal: str
    kind: str
    headline: str
    body: str
    flags: Collection[str]
    age: timedelta | None
    expired: bool
    limit: timedelta | None = None
    allowed: bool = True
    embargo: datetime | None = None
    copies: tuple[str, str] | None = None
    recalled: bool = False
    recalls: bool = False


BLOCKING_FLAGS: Mapping[str, str] = {
    "damaged": "The feed was damaged here and had to be repaired.",
    "by-mail": "It came by mail, and the sender of a mail can be forged.",
    "too-long": "It is longer than 1 MB and was cut; the document holds the rest.",
    "template-marks": "The text holds template marks such as {{ … }}.",
}
"""What is wrong with a text itself."""

_FOR_EDITORS = re.compile(
    r"\W*(?:eds?|editors?|note to editors|attention(?: editors)?|desks?|clients?)\s*[:.,–—-]",
    re.IGNORECASE,
)


def is_for_editors(note: str) -> bool:
    """Whether an agency's note speaks to newsrooms ("EDS: …"): readers never see it."""
    return _FOR_EDITORS.match(note) is not None


DOUBTS: Mapping[str, str] = {
    "clamped-date": "Its date lies ahead of the clock.",
    "unread-date": "Its date could not be read.",
    "reused-id": "Its id was given to another report before.",
    "not-for-readers": "It may not be meant for readers.",
    "may-withdraw": "It may withdraw the report.",
    "unreadable-expiry": "When it expires could not be read.",
}
"""What speaks against publishing a report unseen."""

WAITING_DOUBTS = frozenset({"not-for-readers", "may-withdraw", "unreadable-expiry"})
"""Doubts for which a later version of a published report waits for the desk, too."""


def faults_of(candidate: Candidate) -> tuple[str, ...]:
    """Why readers must not get a version, be its report published already or not."""
    text = candidate.headline + candidate.body
    flags = set(candidate.flags)
    flags |= {"damaged"} if "\ufffd" in text else set()
    flags |= {"template-marks"} if has_marks(text) else set()
    found = {
        **{sentence: flag in flags for flag, sentence in BLOCKING_FLAGS.items()},
        "The wire does not release it.": candidate.status != "usable",
        f"It is no news report ({candidate.kind}).": candidate.kind != "news",
        "It has no headline.": not candidate.headline.strip(),
        "It has no body.": not candidate.body.strip(),
        "It has expired.": candidate.expired,
        "It asks to withdraw another report.": candidate.recalls,
    }
    return tuple(sentence for sentence, stands in found.items() if stands)


def must_wait(candidate: Candidate) -> bool:
    """Whether a later version of a published report is not shown before the desk has seen it."""
    return bool(faults_of(candidate)) or not WAITING_DOUBTS.isdisjoint(candidate.flags)


def reasons_against(candidate: Candidate, max_age: timedelta | None) -> tuple[Reason, ...]:
    """Why a version must not publish itself; empty when it may: a conjunction.

    An embargo is no reason: such a report waits for its moment.
    """
    reasons: list[Reason] = [*faults_of(candidate)]
    reasons += [DOUBTS[flag] for flag in DOUBTS if flag in candidate.flags]
    if _is_over(candidate.age, max_age):
        reasons.append("It is older than the feed's age limit.")
    elif _is_over(candidate.age, candidate.limit):
        reasons.append("It is older than the source's age limit.")
    if not candidate.allowed:
        reasons.append("Its source is not published by rules.")
    if candidate.copies is not None:
        headline, agency = candidate.copies
        same = "Same story as “%(headline)s” from %(agency)s."
        reasons.append({"text": same, "headline": headline, "agency": agency})
    if candidate.recalled:
        reasons.append("Another text of the wire asks to withdraw it.")
    return tuple(reasons)


def _is_over(age: timedelta | None, limit: timedelta | None) -> bool:
    return age is not None and limit is not None and age > limit


def ends_at(
    expires: datetime | None, first_published: datetime | None, online_days: int | None
) -> datetime | None:
    """When a report comes off the site: the wire's expiry or the licence's end, the earlier."""
    ends = [expires] if expires else []
    if first_published is not None and online_days is not None:
        ends.append(first_published + timedelta(days=online_days))
    return min(ends, default=None)


def address_of(text: str) -> str:
    """The root-relative address meant by a text; "" when it is none: another host, dots, spaces."""
    path = text.strip()
    good = re.fullmatch(r"(?:/[\w.~%!$&'()*+,;=:@-]+)+/?", path, re.ASCII) is not None
    return path if good and not {".", ".."} & set(path.split("/")) else ""


def slug_of(headline: str) -> str:
    """The address part made from a headline: never empty, 80 characters at most.

    Latin letters lose their accents; every other script keeps its letters and marks.
    """
    folded = unicodedata.normalize("NFKD", headline.replace("ß", "ss")).casefold()
    bare = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f'’`]", "", folded))
    words = "".join(ch if _in_word(ch) else " " for ch in bare).split()
    slug = "-".join(words)
    cut = slug[:80].rsplit("-", 1)[0] if len(slug) > 80 and "-" in slug[:80] else slug[:80]
    return cut.strip("-") or "report"


def free_among(taken: Container[str], stem: str) -> str:
    """The stem, or the first of "stem-2", "stem-3" and so on that is not taken."""
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
