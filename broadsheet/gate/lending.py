"""What a link lends: takes its token out of the address, and opens the one article for it."""

from collections.abc import Callable
from urllib.parse import quote

from broadsheet.gate.addresses import Address
from broadsheet.gate.answers import NOSNIFF, SECRET, say
from broadsheet.gate.ended import is_ended
from broadsheet.gate.fields import is_ahead
from broadsheet.gate.links import (
    LONGEST_DAYS,
    PARAMETER,
    Link,
    held_cookie,
    held_key,
    link_in,
    link_key,
    sign_link,
    with_link,
)
from broadsheet.gate.memory import Memory
from broadsheet.gate.meter import Meter
from broadsheet.gate.openings import Openings
from broadsheet.gate.rsgi import Exchange, Fields, Scope
from broadsheet.gate.rules import Access, Decision, is_lent
from broadsheet.gate.visitors import Visitor
from broadsheet.kit.clock import DAY

LONGEST = (LONGEST_DAYS + 1) * DAY
"""Seconds; a day more than the newsroom gives, since clocks of two machines differ."""

CLEAN: Fields = [("cache-control", SECRET), ("referrer-policy", "no-referrer"), NOSNIFF]
"""On the way to the clean address, so that the token is neither kept nor told (Referrer Policy)."""


class Lending:
    """Knows the links of one paper. `clock` gives Unix seconds."""

    def __init__(
        self,
        secret: bytes,
        memory: Memory,
        meter: Meter,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._memory = memory
        self._link_key, self._held_key = link_key(secret), held_key(secret)
        self.origin = ""
        self.openings = Openings(meter, clock=clock)

    def leads(self, scope: Scope, proto: Exchange, address: Address, visitor: Visitor) -> bool:
        """Answer who came with a link to this article: 303 to the clean address (RFC 9110,
        15.4.4), with a cookie for the link while it may be used. False when nobody did."""
        query = scope.query_string
        link = link_in(query, self._link_key) if PARAMETER in query else None
        page = address.pages.get("plain")
        if link is not None and page is not None and page.location:
            return self.sends_on(query, proto, page.status, page.location)
        if link is None or link.article != address.report.article:
            return False
        if is_ahead(scope.headers):
            say(proto, 503, "This article is not sent ahead of being read.")
            return True
        fields = [("location", quote(address.path)), *CLEAN]
        now = self._clock()
        if scope.method == "GET" and self._is_open(link, now):
            held = with_link(visitor.held, link, now)
            fields.append(("set-cookie", held_cookie(held, self._held_key, self.origin, now)))
        proto.response_empty(303, fields)
        return True

    def sends_on(self, query: str, proto: Exchange, status: int, location: str) -> bool:
        """Answer who came with a link to an address that the article moved away from: of the query
        the link alone goes along. False when nobody did, or when it led out of the paper."""
        link = link_in(query, self._link_key) if PARAMETER in query else None
        if link is None or not location.startswith("/") or location.startswith("//"):
            return False
        token = f"{PARAMETER}={sign_link(link, self._link_key)}"
        whole = f"{location}{'&' if '?' in location else '?'}{token}"
        proto.response_empty(status, [("location", whole), *CLEAN])
        return True

    def lent(self, scope: Scope, address: Address, access: Access, visitor: Visitor) -> Link | None:
        """The link by which this browser may open the article now; it is not taken yet."""
        now, counts = self._clock(), gives(scope, address)
        for link in visitor.held.links:
            if (
                link.article == address.report.article
                and self._is_open(link, now)
                and is_lent(access, link.right)
                and self.openings.may(link, visitor.held.browser, counts=counts)
            ):
                return link
        return None

    def take(
        self, link: Link, decision: Decision, scope: Scope, address: Address, visitor: Visitor
    ) -> bool:
        """Record the opening if it is the link that opens; False when it must not open after all.

        Whoever may read by a right of their own leaves the link to others."""
        if decision.rule.rpartition("+")[2] != link.rule:
            return True
        browser, counts = visitor.held.browser, gives(scope, address)
        return self.openings.take(link, browser, address.report, counts=counts)

    def _is_open(self, link: Link, now: float) -> bool:
        in_time = now < link.until <= now + LONGEST
        return in_time and not is_ended(link.number, self._memory.ends, now)


def gives(scope: Scope, address: Address) -> bool:
    """Whether a request may give something new: others neither spend nor are given anything."""
    return scope.method == "GET" and not is_ahead(scope.headers) and "full" in address.pages
