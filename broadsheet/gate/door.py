"""The door of an article: who asks, how, for what; what the meter and the rules say to it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from broadsheet.gate.addresses import Address
from broadsheet.gate.budget import UNBOUNDED, Budget, Share
from broadsheet.gate.clients import Clients
from broadsheet.gate.crawlers import Crawlers
from broadsheet.gate.facts import Facts
from broadsheet.gate.fields import is_ahead
from broadsheet.gate.lending import Lending
from broadsheet.gate.memory import Memory
from broadsheet.gate.meter import Meter
from broadsheet.gate.passes import (
    derived_key,
    new_reader_id,
    reader_cookie,
    reader_key,
    sign_reader_id,
)
from broadsheet.gate.rsgi import Scope
from broadsheet.gate.rules import Access, Asking, Decision, Report, choose, turned
from broadsheet.gate.visitors import Visitor
from broadsheet.kit.clock import DAY

NOBODY_KNOWN = "-"
"""The journal's key for readers who sent no cookie of ours."""


class Verdict(NamedTuple):
    """A decision, the access class in force, and the Set-Cookie field of a new reader id or ""."""

    decision: Decision
    access: Access
    cookie: str = ""


class Door:
    """Decides requests for one paper's articles. `clock` gives Unix seconds; `meter_url` is that
    of the tally of several gates, "" for a meter in memory."""

    def __init__(
        self,
        journal: Path,
        secret: bytes,
        memory: Memory,
        *,
        clients: Clients,
        clock: Callable[[], float],
        meter_url: str = "",
        resolver: str = "",
    ) -> None:
        facts = memory.facts
        self._clock = clock
        self._clients = clients
        self._day = 0
        self._budget = Budget(clock=clock)
        self.crawlers = Crawlers(resolver, clock=clock)
        self._reader_key = reader_key(secret)
        self._policy, self._origin = facts.policy, ""
        meter = shared(meter_url, secret) if meter_url else Meter
        self.meter = meter(journal, zone=facts.zone, policy=facts.policy, clock=clock)
        self.lending = Lending(secret, memory, self.meter, clock=clock)

    def take_facts(self, facts: Facts, origin: str) -> None:
        """Decide by these rules from now on; `origin` is that of the cookies."""
        self._policy, self._origin = facts.policy, origin
        self.lending.origin = origin
        self.crawlers.take_choice(facts.crawlers)
        self.meter.set_policy(facts.policy, facts.zone)

    def tick(self) -> None:
        """Ten times a second: write what was noted, and let go of what may not be kept longer."""
        self.meter.tick()
        self.lending.openings.tick()
        day = int(self._clock()) // DAY
        if day != self._day:
            self._day = day
            self._budget.forget()
            self._clients.forget()

    async def decide(self, scope: Scope, address: Address, visitor: Visitor) -> Verdict:
        """Decide a request for a pressed page, all of it at one moment."""
        report, now = address.report, self._clock()
        access = self._access(report, now)
        if access == "open":
            return Verdict(choose(report, visitor.reader, self._policy, (), now=now), access)
        held = visitor.held.links
        link = self.lending.lent(scope, address, access, visitor) if held else None
        if link is not None:
            verdict = await self._asked(scope, address, visitor, now, link.rule)
            if self.lending.take(link, verdict.decision, scope, address, visitor):
                return verdict
            # The answer of a meter may have taken seconds: this is another decision.
            now = self._clock()
            access = self._access(report, now)
        opening = self._opening(scope, access)
        return await self._asked(scope, address, visitor, now, opening)

    def _access(self, report: Report, now: float) -> Access:
        return turned(report, self._policy, now)[0] if self._policy.turns else report.access

    async def _asked(
        self, scope: Scope, address: Address, visitor: Visitor, now: float, opening: str
    ) -> Verdict:
        report = address.report
        access = self._access(report, now)
        # Who may read everything needs no meter, and so does not wait for a server of one.
        unmetered = visitor.reader.has("unlimited") or opening.startswith("crawler:")
        if access == "metered" and not unmetered:
            return await self._metered(scope, address, visitor, now, opening)
        asking = Asking(opening=opening)
        decision = choose(report, visitor.reader, self._policy, (), now=now, asking=asking)
        self._note(scope, visitor, report, decision)
        return Verdict(decision, access)

    async def meet(self, scope: Scope) -> None:
        """Find out whether a request that calls itself a crawler is one. It may take a second."""
        if family := self.crawlers.claimed(scope.headers):
            await self.crawlers.look_up(family, self._clients.of(scope))

    def _opening(self, scope: Scope, access: Access) -> str:
        """A right but for links that this request alone has, by its rule's name; "" without one."""
        if self.crawlers and (family := self.crawlers.claimed(scope.headers)):
            return self.crawlers.opening(family, self._clients.of(scope), access)
        return ""

    async def _metered(
        self, scope: Scope, address: Address, visitor: Visitor, now: float, opening: str
    ) -> Verdict:
        report, prefetch = address.report, is_ahead(scope.headers)
        # What cannot be sent must not be counted.
        counts = scope.method == "GET" and "full" in address.pages
        is_new = not visitor.anonymous and not visitor.reader.registered
        reader_id = new_reader_id() if is_new else visitor.anonymous
        bounded = is_new and counts and not opening and self._policy.budget
        share = self._share(scope) if bounded else UNBOUNDED
        decision = await self.meter.ask(
            report,
            visitor.reader,
            number=visitor.number,
            anonymous=reader_id,
            now=now,
            asking=Asking(counts and prefetch, counts, opening, share.spent),
        )
        if share.network and not decision.counted:
            self._budget.give_back(share)
        self._note(scope, visitor, report, decision)
        if not (is_new and decision.counted):
            return Verdict(decision, "metered")
        signed = sign_reader_id(reader_id, self._reader_key)
        return Verdict(decision, "metered", reader_cookie(signed, self._origin))

    def _share(self, scope: Scope) -> Share:
        return self._budget.take(self._clients.of(scope), self._policy.budget)

    def _note(self, scope: Scope, visitor: Visitor, report: Report, decision: Decision) -> None:
        """Let the log know of a wall, and of a read that could not be recorded, closed or open. A
        page asked for by its head alone shows no wall."""
        told = decision.reason or decision.rule == "unrecorded"
        if told and scope.method == "GET":
            self.meter.note(_key(visitor), report, decision)


def shared(url: str, secret: bytes) -> Callable[..., Meter]:
    """Makes a meter for several gates. Its keys begin with a name of this paper's own."""
    # One gate alone need not load the client.
    from broadsheet.gate.shared_meter import SharedMeter
    from broadsheet.gate.tally import Tally

    paper = derived_key(secret, "tally")[:6].hex()
    return partial(SharedMeter, tally=Tally(url, f"broadsheet:{paper}:"))


def _key(visitor: Visitor) -> str:
    if visitor.reader.registered:
        return f"u{visitor.number}"
    return f"a{visitor.anonymous}" if visitor.anonymous else NOBODY_KNOWN
