"""Answers made of pressed pages: header fields and bodies, ready to be sent any number of times."""

import gzip
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from broadsheet.gate.codings import Coding, packed, tag_of
from broadsheet.gate.pressed import (
    COUNT_MARK,
    LIMIT_MARK,
    PATH_MARK,
    READS_MARK,
    SIGNED_IN,
    WALL_MARK,
    Page,
    etag_of,
)
from broadsheet.gate.rsgi import Exchange, Fields
from broadsheet.gate.rules import Face

FEED = re.compile(r"/feed\.(rss|atom|json)$")
PUBLIC = "public, no-cache"
PRIVATE = "private, no-cache"
SECRET = "private, no-store"

KEEPING: dict[str, Fields] = {PUBLIC: [("x-accel-expires", "@1")]}
"""Said to nginx, which takes `no-cache` for "never keep": keep it, and ask again each time.

It stands before Cache-Control, because nginx before 1.23.4 obeys the one that comes first.
"""

VARY = ("vary", "accept-encoding, cookie")
NOSNIFF = ("x-content-type-options", "nosniff")
PAGE_SECURITY: Fields = [
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
]
"""On every HTML page (CSP Level 3, Referrer Policy)."""

CLOSED = '<p class="paywall">This article cannot be opened right now. Please load it again.</p>'
"""Stands where no wall applies: the request may not spend a read, or it cannot be recorded.

The press lays down the same sentence in the paper's language as the fragment "closed".
"""


class Body(NamedTuple):
    """The bytes of an answer in one coding. `etag` is the entity tag of the text before it."""

    coding: Coding
    data: bytes
    etag: str


class Answer:
    """Status, fields and body. `tag` is the entity tag that makes a 304 of it, else ""."""

    __slots__ = ("body", "content", "headers", "page", "short", "status", "tag")

    def __init__(
        self, page: Page, content: Body, *, caching: str, link: str = "", usage: str = ""
    ) -> None:
        self.page = page
        self.content = content
        self.body = content.data
        self.status = page.status
        self.headers = _fields(page.content_type, caching, content.coding, usage)
        if page.location:
            self.headers = [*self.headers, ("location", page.location)]
        if link:
            self.headers = [*self.headers, ("link", link)]
        self.tag = ""
        self.short: Fields = []
        if page.status == 200 and caching != SECRET:
            self._tag(caching)

    def _tag(self, caching: str) -> None:
        self.tag = tag_of(self.content.etag, self.content.coding)
        own = ("etag", self.tag)
        self.headers = [*self.headers, own]
        self.short = [own, VARY, *KEEPING.get(caching, ()), ("cache-control", caching)]

    def is_held_by(self, if_none_match: str) -> bool:
        """Whether the client's copy is this one (RFC 9110, 13.1.2, weak comparison).

        Its copy in another coding is another one: a cache could not tell which of its copies a
        304 speaks of.
        """
        tags = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
        return bool(self.tag) and any(tag in ("*", self.tag) for tag in tags)


@lru_cache(maxsize=256)
def _fields(content_type: str, caching: str, coding: Coding, usage: str) -> Fields:
    """What all answers of a kind say. One list for all of them: it is not changed, and is still in
    the processor's cache when the next one is sent."""
    fields: Fields = [("content-type", content_type), VARY, NOSNIFF]
    fields += [*KEEPING.get(caching, ()), ("cache-control", caching)]
    if coding:
        fields.append(("content-encoding", coding))
    if usage:
        # draft-ietf-aipref-attach-05, section 4
        fields.append(("content-usage", usage))
    return fields + PAGE_SECURITY if content_type.startswith("text/html") else fields


def fillings(page: Page, fragments: dict[str, str], face: Face) -> dict[str, str]:
    """What the gate puts in place of the marks in a page; empty for one that is sent as pressed.

    A teaser gets the wall of its reason, which knows which page it stands in front of: PATH_MARK
    in it becomes the page's path. A page whose reading was counted says how many were read.
    """
    if page.variant == "teaser":
        # Quoted like this, nothing is left of a path that means anything in an HTML attribute.
        return {WALL_MARK: _wall(fragments, face).replace(PATH_MARK, quote(page.path, safe="/"))}
    return {COUNT_MARK: _count(fragments, face)} if face.limit else {}


def compose(page: Page, filled: dict[str, str], coding: Coding) -> Body:
    """The page with its marks filled in, in a coding. Touches nothing but its arguments."""
    if not filled and coding == "gzip":
        return Body("gzip", page.body, page.etag)
    text = gzip.decompress(page.body)
    for mark, html in filled.items():
        text = text.replace(mark.encode(), html.encode())
    # What is filled in makes another text, so its tag is made of both.
    etag = etag_of(f"{page.etag}{sorted(filled.items())}") if filled else page.etag
    return Body(coding, packed(text, coding), etag)


def _wall(fragments: dict[str, str], face: Face) -> str:
    """The wall of a reason, with its limit where there are several.

    An entitlement without a wall of its own has that of premium: both are sold. Readers who are
    signed in get the one that asks nobody to sign in, where there are both.
    """
    reason, known = face.reason, SIGNED_IN if face.signed_in else ""
    sold = reason not in ("", "register", "register_more", "limit_anonymous", "limit_registered")
    closed = fragments.get("closed", CLOSED)
    names = [f"{reason}{known}"] if known else []
    names += [f"{reason}:{face.limit}", reason]
    if sold:
        names += [f"premium{known}", "premium"]
    return next((fragments[name] for name in names if fragments.get(name)), closed)


def _count(fragments: dict[str, str], face: Face) -> str:
    name = "count" if face.reads < face.limit else "count_last"
    fragment = fragments.get(name, "").replace(READS_MARK, str(face.reads))
    return fragment.replace(LIMIT_MARK, str(face.limit))


def hub_link(page: Page, origin: str, hub: str) -> str:
    """The Link field of a feed: its hub and its own address (WebSub, section 4); else ""."""
    if not hub or page.status != 200 or not FEED.search(page.path):
        return ""
    return f'<{hub}>; rel="hub", <{origin}{quote(page.path, safe="/")}>; rel="self"'


def caching_rule(access: str, variant: str, carries: bool) -> str:
    """Who may keep the answer: shared caches only what everyone without our cookies gets.

    `access` is the class in force, `carries` whether one of our cookies was sent.
    """
    if access == "open":
        return PRIVATE if carries else PUBLIC
    return PUBLIC if access == "premium" and variant == "teaser" and not carries else SECRET


def say(proto: Exchange, status: int, sentence: str, *more: tuple[str, str]) -> None:
    """Answer in plain words."""
    fields = [("content-type", "text/plain; charset=utf-8"), NOSNIFF, ("cache-control", "no-store")]
    proto.response_bytes(status, [*fields, *more], f"{sentence}\n".encode())


def tell_signed_out(proto: Exchange, path: str, set_cookie: str) -> None:
    """Lead a reader whose device was signed out for another one to where it is told why; once,
    since the pass is cleared with it."""
    where = f"/account/signed-out/?next={quote(path, safe='/')}"
    fields = [("location", where), ("set-cookie", set_cookie), ("cache-control", "no-store")]
    proto.response_empty(303, fields)
