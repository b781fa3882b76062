"""The gate: one request in, one answer out (RSGI)."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from broadsheet.gate import health
from broadsheet.gate.addresses import Address
from broadsheet.gate.answers import NOSNIFF, PRIVATE, PUBLIC, caching_rule, say, tell_signed_out
from broadsheet.gate.clients import Clients, Doubt, Network, note_doubts
from broadsheet.gate.codings import codings_of
from broadsheet.gate.door import Door
from broadsheet.gate.facts import Facts
from broadsheet.gate.fields import accept_encoding, cookie_field
from broadsheet.gate.files import Files, send_file
from broadsheet.gate.hosts import is_admitted
from broadsheet.gate.media import Standing
from broadsheet.gate.memory import MOST_BYTES, Memory, StoreSilent
from broadsheet.gate.newsroom import SOCKET, Newsroom, NewsroomSilent
from broadsheet.gate.notices import Notices
from broadsheet.gate.packing import keep_packing
from broadsheet.gate.passes import Pass, gate_token, is_accepted, is_fresh, is_revoked
from broadsheet.gate.pressed import store_path
from broadsheet.gate.proxy import TooMuch, is_proxied, pass_on
from broadsheet.gate.refresh import NO_PASS, Refresher, Renewal
from broadsheet.gate.rsgi import Bodiless, Exchange, Fields, Headers, Scope
from broadsheet.gate.visitors import NOBODY, Visitor, Visitors, with_lent, with_pass

log = logging.getLogger("broadsheet.gate")

READS = ("GET", "HEAD")
MEDIA = "/media/"
OWN = ("/static/", MEDIA, "/-/", "/healthz")
ALWAYS_PROXIED = frozenset({"accounts", "desk"})
NOTICE_SECONDS = 0.1
HOSTS_REMEMBERED = 64
ASKED_AT_MOST = 2
NOARCHIVE = ("x-robots-tag", "noarchive")
"""A whole report that only its engine may see must not stand in the engine's copy of the page."""


class Gate:
    """Answers for one paper. `url` is the origin in force, "" to take the store's.

    `clock` gives Unix seconds. `resolver` is the DNS server that crawlers are verified with, ""
    for the system's. The newsroom's socket is named relative to the working folder.
    """

    def __init__(
        self,
        home: Path,
        secret: bytes,
        *,
        url: str = "",
        socket: str = SOCKET,
        starting: bool = False,
        trusted: Iterable[Network] = (),
        meter_url: str = "",
        most_bytes: int = MOST_BYTES,
        resolver: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._clock = clock
        self._token = gate_token(secret)
        self._home = home
        self._clients = Clients(trusted)
        self._noted: set[Doubt] = {"private", "public"}
        self._memory = Memory(store_path(home), most_bytes=most_bytes)
        self._notices = Notices(self._memory)
        self._door = Door(
            home / "journal", secret, self._memory,
            clients=self._clients, clock=clock, meter_url=meter_url, resolver=resolver,
        )  # fmt: skip
        self._files = Files(home)
        self._newsroom = Newsroom(socket, starting=starting)
        self._visitors = Visitors(secret, url)
        self._refresher = Refresher(self._newsroom, self._visitors, self._token)
        self._take_facts(self._memory.facts)

    def _take_facts(self, facts: Facts) -> None:
        self._facts = facts
        self._origin = self._url or facts.origin or "http://localhost"
        self._hosts: set[str] = set()
        self._proxied = facts.proxied | ALWAYS_PROXIED
        self._visitors.set_origin(self._origin)
        self._door.take_facts(facts, self._origin)

    def notice(self) -> None:
        """Take over what the press changed."""
        self._memory.notice()
        # They may have been taken before, while an address was read.
        if self._memory.facts != self._facts:
            self._take_facts(self._memory.facts)

    async def keep_noticing(self) -> None:
        """Ten times a second, for as long as the gate runs."""
        while True:
            await asyncio.sleep(NOTICE_SECONDS)
            try:
                self.notice()
                self._door.tick()
                self._note_doubts()
            except Exception:
                # Were this task to end, readers would be shown old pages from then on.
                log.exception("What the press changed could not be taken over.")

    async def keep_packing(self) -> None:
        """Pack smaller what was sent as it was at hand, for as long as the gate runs."""
        await keep_packing(self._memory)

    async def ready(self, seconds: float) -> None:
        """Wait until what was read before the start is known, at most so long."""
        await self._door.meter.ready(seconds)

    def _note_doubts(self) -> None:
        if self._noted != self._clients.doubts:
            self._noted = set(self._clients.doubts)
            note_doubts(self._home, self._noted)

    async def close(self) -> None:
        """Let go of files and connections."""
        await self._newsroom.close()
        await self._door.meter.close()
        self._memory.close()

    async def __rsgi__(self, scope: Scope, proto: Exchange) -> None:
        headers = scope.headers
        host = headers.get("host") or scope.authority
        if host not in self._hosts and not self._admit(host):
            return say(proto, 421, "This paper is not published at that address.")
        path = scope.path
        if scope.method == "HEAD":
            proto = Bodiless(proto)
        if path.startswith(OWN):
            return await self._answer_own(scope, proto, path)
        if self._door.crawlers.families:
            await self._door.meet(scope)
        try:
            address = self._memory.find(path)
        except StoreSilent:
            return await self._answer_unread(scope, proto, path)
        if address is None:
            return await self._answer_unknown(scope, proto, path)
        if scope.method not in READS:
            return say(proto, 405, "This page can only be read.", ("allow", "GET, HEAD"))
        cookies = cookie_field(headers)
        if not cookies:
            return await self._answer(scope, proto, headers, address, NOBODY)
        visitor = self._visitors.recognise(cookies)
        if visitor.pass_ is None or self._is_in_force(visitor.pass_):
            return await self._answer(scope, proto, headers, address, visitor)
        renewal = await self._renewal(cookies)
        if renewal.signed_out:
            return tell_signed_out(proto, path, renewal.set_cookie)
        visitor, renewed = self._renewed(visitor, visitor.pass_, renewal)
        await self._answer_anew(scope, proto, visitor, renewed)

    def _admit(self, host: str | None) -> bool:
        if host is None or not is_admitted(host, self._origin):
            return False
        if len(self._hosts) < HOSTS_REMEMBERED:
            self._hosts.add(host)
        return True

    def _is_in_force(self, pass_: Pass) -> bool:
        return is_fresh(pass_, self._clock()) and not is_revoked(pass_, self._memory.revoked)

    def _renewed(self, visitor: Visitor, old: Pass, renewal: Renewal) -> tuple[Visitor, str]:
        if not renewal.failed:
            return with_pass(visitor, renewal.pass_), renewal.set_cookie
        stands = is_accepted(old, self._clock()) and not is_revoked(old, self._memory.revoked)
        return (visitor if stands else with_pass(visitor, None)), ""

    async def _renewal(self, cookies: str) -> Renewal:
        """The newsroom's answer, taken as it is unless a revocation came while it was asked."""
        for _ in range(ASKED_AT_MOST):
            known = self._memory.revocation
            renewal = await self._refresher.renew(cookies, self._origin, known)
            # While the newsroom was asked, the page may have been withdrawn as well.
            self.notice()
            if known == self._memory.revocation or renewal.pass_ is None:
                return renewal
            if not is_revoked(renewal.pass_, self._memory.revoked):
                return renewal
        return NO_PASS

    async def _answer(
        self,
        scope: Scope,
        proto: Exchange,
        headers: Headers,
        address: Address,
        visitor: Visitor,
        set_cookie: str = "",
        *,
        again: bool = True,
    ) -> None:
        now = self._clock()
        if not address.opens <= now < address.closes:
            return self._notices.closed(proto, headers, gone=now >= address.closes)
        if self._memory.networks.lendings:
            visitor = self._lent(scope, visitor, now)
        if scope.query_string and self._door.lending.leads(scope, proto, address, visitor):
            return
        decision, access, minted = await self._door.decide(scope, address, visitor)
        if again and self._door.meter.waits and not self._stands(address):
            return await self._answer_anew(scope, proto, visitor, set_cookie, again=False)
        if decision.variant == "refused":
            return say(proto, 503, "This article is not sent ahead of being read.")
        caching = caching_rule(access, decision.variant, visitor.carries)
        codings = codings_of(accept_encoding(headers))
        answer = self._memory.answer(address, (decision.face, codings, caching))
        if answer is None:
            return self._notices.closed(proto, headers, gone=False)
        more: Fields = []
        if minted or set_cookie:
            more = [("set-cookie", value) for value in (minted, set_cookie) if value]
        if "crawler:" in decision.rule:
            more.append(NOARCHIVE)
        held = headers.get("if-none-match") if answer.tag else None
        if held is not None and answer.is_held_by(held):
            return proto.response_empty(304, answer.short + more)
        fields = answer.headers + more if more else answer.headers
        proto.response_bytes(answer.status, fields, answer.body)

    def _stands(self, address: Address) -> bool:
        """Whether a page is still what it was when the meter was asked, and may still be shown."""
        is_open = address.opens <= self._clock() < address.closes
        return is_open and self._memory.holds(address)

    async def _answer_anew(
        self, scope: Scope, proto: Exchange, visitor: Visitor, set_cookie: str,
        *, again: bool = True,
    ) -> None:  # fmt: skip
        """Answer after a wait: the page may be another one by now. Not `again` after that."""
        try:
            address = self._memory.find(scope.path)
        except StoreSilent:
            return await self._answer_unread(scope, proto, scope.path)
        if address is None:
            return await self._answer_unknown(scope, proto, scope.path)
        headers = scope.headers
        await self._answer(scope, proto, headers, address, visitor, set_cookie, again=again)

    def _lent(self, scope: Scope, visitor: Visitor, now: float) -> Visitor:
        """The visitor with what the network of this request is lent, which no cache may keep."""
        lent = self._memory.networks.lent(self._clients.of(scope), now)
        return with_lent(visitor, lent) if lent else visitor

    async def _answer_unknown(self, scope: Scope, proto: Exchange, path: str) -> None:
        if is_proxied(path, self._proxied):
            return await self._proxy(scope, proto)
        other = self._memory.other_spelling(path, self._clock())
        if other and scope.method in READS:
            query, location = scope.query_string, quote(other)
            if query and self._door.lending.sends_on(query, proto, 308, location):
                return
            fields = [("location", location), ("cache-control", PUBLIC), NOSNIFF]
            if cookie_field(scope.headers):
                fields[1] = ("cache-control", PRIVATE)
            return proto.response_empty(308, fields)
        self._notices.closed(proto, scope.headers, gone=False)

    async def _answer_unread(self, scope: Scope, proto: Exchange, path: str) -> None:
        if is_proxied(path, self._proxied):
            return await self._proxy(scope, proto)
        self._notices.silent(proto, scope.headers)

    async def _proxy(self, scope: Scope, proto: Exchange) -> None:
        host = scope.headers.get("host") or scope.authority or ""
        scheme = self._origin.partition("://")[0]
        try:
            await pass_on(
                self._newsroom, scope, proto, host=host, scheme=scheme, clients=self._clients
            )
        except NewsroomSilent:
            self._notices.silent(proto, scope.headers)
        except TooMuch:
            say(proto, 413, "Files of up to 25 MB can be sent to the newsroom.")
        except ProtocolClosed:
            # The reader left; there is nobody to answer.
            return

    async def _answer_own(self, scope: Scope, proto: Exchange, path: str) -> None:
        if path == "/healthz" and scope.method in READS:
            body = await health.report(self._memory, self._door.meter, self._newsroom, self._token)
            return proto.response_bytes(200, health.FIELDS, body)
        if path.startswith(("/static/", MEDIA)):
            return self._answer_file(scope, proto, path)
        self._notices.closed(proto, scope.headers, gone=False)

    def _answer_file(self, scope: Scope, proto: Exchange, path: str) -> None:
        headers = scope.headers
        if scope.method not in READS:
            return say(proto, 405, "This file can only be read.", ("allow", "GET, HEAD"))
        standing: Standing = "open"
        if path.startswith(MEDIA):
            try:
                standing = self._memory.media(path.removeprefix(MEDIA), self._clock())
            except StoreSilent:
                return self._notices.silent(proto, headers)
        if standing == "ended":
            return say(proto, 410, "This picture is no longer available.")
        file = self._files.find(path, codings_of(accept_encoding(headers)))
        if file is None or standing == "unknown":
            return self._notices.closed(proto, headers, gone=False)
        send_file(scope, proto, file)
