"""Who is asking: reader id, pass and links in a Cookie field, verified once and remembered."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from broadsheet.gate.links import NONE_HELD, Held, held_key, held_name, read_held
from broadsheet.gate.passes import (
    Pass,
    cookie_name,
    cookie_values,
    pass_key,
    read_pass,
    reader_key,
    verify_reader_id,
)
from broadsheet.gate.rules import Reader

REMEMBERED = 32_768
LONGEST_REMEMBERED = 600
"""Characters. Together they bound the memory to some 30 MB, whatever is sent."""

LONGEST_FIELD = 8192
"""Characters of a Cookie field: in a longer one, which browsers do not send, nothing is looked for.
"""

ANYONE = Reader()


class Visitor(NamedTuple):
    """What the cookies of a request say, checked but for the age of the pass and its revocation.

    `anonymous` is the reader id, "" without one. `carries` is True when one of the three cookies
    was sent at all, even a forged one, or the network lends rights: no shared cache may keep the
    answer. `held` are the links of this browser.
    """

    reader: Reader = ANYONE
    anonymous: str = ""
    pass_: Pass | None = None
    carries: bool = False
    held: Held = NONE_HELD

    @property
    def number(self) -> int:
        """The account's number, 0 without one."""
        return self.pass_.reader if self.pass_ else 0


NOBODY = Visitor()
OVERSIZED = Visitor(carries=True)


def with_pass(visitor: Visitor, pass_: Pass | None) -> Visitor:
    """The same visitor with another pass, or with none."""
    return visitor._replace(reader=_reader(pass_), pass_=pass_)


def _reader(pass_: Pass | None) -> Reader:
    return _with_rights(pass_.reader > 0, pass_.entitlements) if pass_ else ANYONE


@lru_cache(maxsize=256)
def _with_rights(registered: bool, entitlements: frozenset[str]) -> Reader:
    # One for all who have the same rights: thousands of them would push each other out of the
    # processor's cache.
    return Reader(registered, entitlements)


def with_lent(visitor: Visitor, lent: Mapping[str, int]) -> Visitor:
    """The same visitor with what the network is lent as well."""
    return visitor._replace(reader=replace(visitor.reader, lent=lent), carries=True)


class Visitors:
    """Recognises visitors of one paper. A forged, doubled or oversized cookie counts as none."""

    def __init__(self, secret: bytes, origin: str) -> None:
        self._reader_key = reader_key(secret)
        self._pass_key = pass_key(secret)
        self._held_key = held_key(secret)
        self.set_origin(origin)

    def set_origin(self, origin: str) -> None:
        """Take the cookie names of this origin."""
        self._reader_name = cookie_name("reader", origin)
        self._pass_name = cookie_name("pass", origin)
        self._held_name = held_name(origin)
        self._known: OrderedDict[str, Visitor] = OrderedDict()

    def recognise(self, cookies: str) -> Visitor:
        """The visitor of a Cookie field."""
        if len(cookies) > LONGEST_FIELD:
            return OVERSIZED
        visitor = self._known.get(cookies)
        if visitor is None:
            visitor = self._verified(cookies)
            if len(cookies) <= LONGEST_REMEMBERED:
                if len(self._known) >= REMEMBERED:
                    # One by one: to forget all of them at once takes milliseconds.
                    self._known.popitem(last=False)
                self._known[cookies] = visitor
        return visitor

    def pass_in(self, set_cookie: str) -> Pass | None:
        """The authentic pass that a Set-Cookie field sets, None when it sets another cookie."""
        values = cookie_values(set_cookie.partition(";")[0], self._pass_name)
        return read_pass(values[0], self._pass_key) if len(values) == 1 else None

    def _verified(self, cookies: str) -> Visitor:
        ids = cookie_values(cookies, self._reader_name)
        passes = cookie_values(cookies, self._pass_name)
        links = cookie_values(cookies, self._held_name)
        if not ids and not passes and not links:
            return NOBODY
        anonymous = verify_reader_id(ids[0], self._reader_key) if len(ids) == 1 else None
        pass_ = read_pass(passes[0], self._pass_key) if len(passes) == 1 else None
        held = read_held(links[0], self._held_key) if len(links) == 1 else NONE_HELD
        return Visitor(_reader(pass_), anonymous or "", pass_, True, held)
