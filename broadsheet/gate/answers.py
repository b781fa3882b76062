"""Answers made of pressed pages: header fields and bodies, ready to be sent any number of times."""

import gzip
import re
from urllib.parse import quote

from broadsheet.gate.pressed import COUNT_MARK, LIMIT_MARK, PATH_MARK, READS_MARK, WALL_MARK, Page
from broadsheet.gate.rsgi import Exchange, Fields
from broadsheet.gate.rules import Face

FEED = re.compile(r"/feed\.(rss|atom|json)$")
PUBLIC = "public, no-cache"
PRIVATE = "private, no-cache"
SECRET = "private, no-store"

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


class Answer:
    """Status, fields and body. `tags` are the entity tags that make a 304 of it, else empty."""

    __slots__ = ("body", "headers", "page", "short", "status", "tags")

    def __init__(
        self,
        page: Page,
        body: bytes,
        *,
        zipped: bool,
        caching: str,
        link: str = "",
        usage: str = "",
    ) -> None:
        self.page = page
        self.body = body
        self.status = page.status
        self.headers: Fields = [("content-type", page.content_type), VARY, NOSNIFF]
        self.headers.append(("cache-control", caching))
        if zipped:
            self.headers.append(("content-encoding", "gzip"))
        if page.location:
            self.headers.append(("location", page.location))
        if link:
            self.headers.append(("link", link))
        if usage:
            # draft-ietf-aipref-attach-05, section 4
            self.headers.append(("content-usage", usage))
        if page.content_type.startswith("text/html"):
            self.headers += PAGE_SECURITY
        self.tags: frozenset[str] = frozenset()
        self.short: Fields = []
        if page.variant != "teaser" and page.status == 200 and caching != SECRET:
            self._tag(page.etag, zipped, caching)

    def _tag(self, etag: str, zipped: bool, caching: str) -> None:
        # The two encodings are two representations, and so need two strong tags (RFC 9110, 8.8.3).
        other = etag[:-1] + '-gzip"'
        own = ("etag", other if zipped else etag)
        self.headers.append(own)
        self.tags = frozenset((etag, other))
        self.short = [own, VARY, ("cache-control", caching)]

    def is_held_by(self, if_none_match: str) -> bool:
        """Whether the client's copy is this one (RFC 9110, 13.1.2, weak comparison)."""
        tags = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
        return bool(self.tags) and any(tag == "*" or tag in self.tags for tag in tags)


def compose(page: Page, fragments: dict[str, str], face: Face, *, zipped: bool) -> bytes:
    """The body of a page: a teaser gets the wall of its reason, a page whose reading was counted
    how many of the free articles were read; the others are as pressed.

    The wall knows which page it stands in front of: PATH_MARK in it becomes the page's path.
    """
    if page.variant == "teaser":
        # Quoted like this, nothing is left of a path that means anything in an HTML attribute.
        wall = _wall(fragments, face).replace(PATH_MARK, quote(page.path, safe="/"))
        return _with(page, WALL_MARK, wall, zipped)
    if face.limit:
        return _with(page, COUNT_MARK, _count(fragments, face), zipped)
    return page.body if zipped else gzip.decompress(page.body)


def _with(page: Page, mark: str, fragment: str, zipped: bool) -> bytes:
    html = gzip.decompress(page.body).decode().replace(mark, fragment).encode()
    return gzip.compress(html, 6, mtime=0) if zipped else html


def _wall(fragments: dict[str, str], face: Face) -> str:
    """The wall of a reason, with its limit where there are several.

    An entitlement without a wall of its own has that of premium: both are sold.
    """
    reason = face.reason
    sold = reason not in ("", "register", "register_more", "limit_anonymous", "limit_registered")
    closed = fragments.get("closed", CLOSED)
    wall = fragments.get(f"{reason}:{face.limit}") or fragments.get(reason)
    return wall or (fragments.get("premium", closed) if sold else closed)


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
