"""Links that open one article: a gift of a subscriber, a link shared by staff, one in a newsletter.

The newsroom signs what such a link may do; the gate needs nothing else to know it again. It lends
one right (`Link.right`) for one article, to so many browsers, until so long. The token is told
once: the gate takes it out of the address and gives the browser a cookie for it instead.
"""

import hmac
import re
from typing import Literal, NamedTuple, cast
from urllib.parse import unquote

from broadsheet.gate.passes import (
    ID_LENGTH,
    cookie_name,
    derived_key,
    mac_of,
    new_reader_id,
    set_cookie,
)
from broadsheet.gate.rules import ANY_RIGHT

Kind = Literal["gift", "share", "newsletter"]

PARAMETER = "link"
"""Name of the token in the query of an article's address."""

LONGEST_DAYS = 30
"""Days a link lasts at most: the journal, which knows who used it, is kept as long."""

MOST_READERS = 9999
HELD_AT_MOST = 8
"""Links a browser holds, the newest ones: they fit into a cookie beside the pass."""

LONGEST_TOKEN = 200
LONGEST_COOKIE = 1200
_LETTERS = {"gift": "g", "share": "s", "newsletter": "n"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_BODY = re.compile(
    rf"([gsn])(\d{{1,15}})\.(\d{{1,15}})\.(\d{{1,11}})\.(\d{{1,4}})\.(\d{{1,15}})"
    rf"\.({ANY_RIGHT}|[a-z][a-z0-9_:.-]{{0,59}})",
    re.ASCII,
)


class Link(NamedTuple):
    """What a link may do. `number` is its number in the newsroom, `until` Unix seconds, `most` how
    many browsers may use it (0 for any number), `reader` the number of the account that a
    newsletter link was sent to, else 0. `right` is the entitlement it lends, or ANY_RIGHT."""

    kind: Kind
    number: int
    article: int
    until: int
    most: int = 0
    reader: int = 0
    right: str = ANY_RIGHT

    @property
    def rule(self) -> str:
        """Its name in decisions and in the journal: "gift:12", "newsletter:12:77" for reader 77."""
        start = f"{self.kind}:{self.number}"
        return f"{start}:{self.reader}" if self.reader else start

    @property
    def text(self) -> str:
        """What is signed."""
        start = f"{_LETTERS[self.kind]}{self.number}.{self.article}.{self.until}"
        return f"{start}.{self.most}.{self.reader}.{self.right}"


class Held(NamedTuple):
    """The links of one browser, newest first, and its random id: what counts as a reader of them.

    It is no reader id: nothing else is known by it."""

    browser: str = ""
    links: tuple[Link, ...] = ()


NONE_HELD = Held()


def link_key(secret: bytes) -> bytes:
    """Signs the tokens in addresses."""
    return derived_key(secret, "link")


def held_key(secret: bytes) -> bytes:
    """Signs the cookie `links`."""
    return derived_key(secret, "links held")


def sign_link(link: Link, key: bytes) -> str:
    """The token of a link. Raises ValueError when a part of it is out of bounds."""
    if not _BODY.fullmatch(link.text):
        raise ValueError(f"No link can say {link.text!r}.")
    return f"{link.text}.{mac_of(link.text, key)}"


def read_link(token: str, key: bytes) -> Link | None:
    """The link of a token, whatever its age, or None when it was not signed by this paper."""
    text, dot, mac = token.rpartition(".")
    if not dot or len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    return _laid_out(text) if hmac.compare_digest(mac, mac_of(text, key)) else None


def link_in(query: str, key: bytes) -> Link | None:
    """The link in a query. One that is forged or doubled is as if it were not there."""
    start = f"{PARAMETER}="
    found = [part[len(start) :] for part in query.split("&") if part.startswith(start)]
    if len(found) != 1:
        return None
    return read_link(unquote(found[0]), key)


def _laid_out(text: str) -> Link | None:
    found = _BODY.fullmatch(text)
    if found is None:
        return None
    kind = cast(Kind, _KINDS[found[1]])
    number, article, until, most, reader = map(int, found.groups()[1:6])
    return Link(kind, number, article, until, most, reader, found[7])


def with_link(held: Held, link: Link, now: float) -> Held:
    """The same browser, or a new one, with one link more; what is over at `now` is let go."""
    others = (one for one in held.links if one.until > now and one.rule != link.rule)
    return Held(held.browser or new_reader_id(), (link, *others)[:HELD_AT_MOST])


def sign_held(held: Held, key: bytes) -> str:
    """The value of the cookie `links`."""
    text = "~".join((held.browser, *(link.text for link in held.links)))
    return f"{text}~{mac_of(text, key)}"


def read_held(value: str, key: bytes) -> Held:
    """What a cookie `links` holds; nothing when it was not signed by this paper."""
    text, mark, mac = value.rpartition("~")
    if not mark or len(value) > LONGEST_COOKIE or not value.isascii():
        return NONE_HELD
    if not hmac.compare_digest(mac, mac_of(text, key)):
        return NONE_HELD
    browser, *rest = text.split("~")
    links = tuple(link for link in map(_laid_out, rest) if link)
    return Held(browser, links) if len(browser) == ID_LENGTH else NONE_HELD


def held_name(origin: str) -> str:
    """The name of the cookie on this origin."""
    return cookie_name("links", origin)


def held_cookie(held: Held, key: bytes, origin: str, now: float) -> str:
    """The Set-Cookie field of the links that a browser holds; it goes when the last one ends."""
    seconds = max(int(link.until - now) for link in held.links)
    return set_cookie(held_name(origin), sign_held(held, key), seconds, origin)
