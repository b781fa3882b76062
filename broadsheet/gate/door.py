"""The door of an article: who asks, how, for what; what the meter and the rules say to it."""

from collections.abc import Callable
from pathlib import Path

from broadsheet.gate.addresses import Address
from broadsheet.gate.budget import UNBOUNDED
from broadsheet.gate.clients import Clients
from broadsheet.gate.counting import counting
from broadsheet.gate.crawlers import Crawlers
from broadsheet.gate.facts import Facts
from broadsheet.gate.fields import is_ahead
from broadsheet.gate.lending import Lending
from broadsheet.gate.memory import Memory
from broadsheet.gate.passes import (
    new_reader_id,
    reader_cookie,
    reader_key,
    sign_reader_id,
)
from broadsheet.gate.rsgi import Scope
from broadsheet.gate.rules import PLAINLY, Access, Asking, Decision, Report, choose, turned
from broadsheet.gate.visitors import Visitor
from broadsheet.kit.clock import DAY

NOBODY_KNOWN = "-"
"""The journal's key for readers who sent no cookie of ours."""


Verdict = tuple[Decision, Access, str]
"""A decision, the access class in force, and the Set-Cookie field of a new reader id or ""."""


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
        self.crawlers = Crawlers(resolver, clock=clock)
        self._reader_key = reader_key(secret)
        self._policy, self._origin = facts.policy, ""
        self.meter, openings, self._budget = counting(
            journal, secret, zone=facts.zone, policy=facts.policy, clock=clock, url=meter_url
        )
        self.lending = Lending(secret, memory, openings, clock=clock)

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
        self._budget.tick()
        day = int(self._clock()) // DAY
        if day != self._day:
            self._day = day
            self._clients.forget()

    async def decide(self, scope: Scope, address: Address, visitor: Visitor) -> Verdict:
        """Decide a request for a pressed page, all of it at one moment."""
        report, now = address.report, self._clock()
        access = turned(report, self._policy, now)[0] if self._policy.turns else report.access
        if access == "open":
            return choose(report, visitor.reader, self._policy, (), now=now), access, ""
        if visitor.held.links:
            verdict = await self._by_link(scope, address, visitor, access, now)
            if verdict is not None:
                return verdict
            # The answer of a tally may have taken seconds: this is another decision.
            now = self._clock()
            access = turned(report, self._policy, now)[0]
        opening = self._opening(scope, access) if self.crawlers.families else ""
        return await self._asked(scope, address, visitor, now, access, opening)

    async def _by_link(
        self, scope: Scope, address: Address, visitor: Visitor, access: Access, now: float
    ) -> Verdict | None:
        """The verdict for a browser with a link to this article, None when that does not open."""
        link = await self.lending.lent(scope, address, access, visitor)
        if link is None:
            return None
        verdict = await self._asked(scope, address, visitor, now, access, link.rule)
        taken = await self.lending.take(link, verdict[0], scope, address, visitor)
        # What the link lends is for the class that it was looked up for.
        stands = access == turned(address.report, self._policy, self._clock())[0]
        return verdict if taken and stands else None

    async def _asked(
        self,
        scope: Scope,
        address: Address,
        visitor: Visitor,
        now: float,
        access: Access,
        opening: str,
    ) -> Verdict:
        report, reader, cookie = address.report, visitor.reader, ""
        # Who may read everything needs no meter, and so does not wait for a server of one.
        if access == "metered" and not (reader.has("unlimited") or opening.startswith("crawler:")):
            decision, cookie = await self._metered(scope, address, visitor, now, opening)
        else:
            asking = Asking(opening=opening) if opening else PLAINLY
            decision = choose(report, reader, self._policy, (), now=now, asking=asking)
        if decision.reason or decision.rule == "unrecorded":
            self._note(scope, visitor, report, decision)
        return decision, access, cookie

    async def meet(self, scope: Scope) -> None:
        """Find out whether a request that calls itself a crawler is one. It may take a second."""
        if family := self.crawlers.claimed(scope.headers):
            await self.crawlers.look_up(family, self._clients.of(scope))

    def _opening(self, scope: Scope, access: Access) -> str:
        """A right but for links that this request alone has, by its rule's name; "" without one."""
        if family := self.crawlers.claimed(scope.headers):
            return self.crawlers.opening(family, self._clients.of(scope), access)
        return ""

    async def _metered(
        self, scope: Scope, address: Address, visitor: Visitor, now: float, opening: str
    ) -> tuple[Decision, str]:
        """Decide by the meter; with it the Set-Cookie field of a new reader id or ""."""
        report, prefetch = address.report, is_ahead(scope.headers)
        # What cannot be sent must not be counted.
        counts = scope.method == "GET" and "full" in address.pages
        is_new = not visitor.anonymous and not visitor.reader.registered
        reader_id = new_reader_id() if is_new else visitor.anonymous
        bounded = is_new and counts and not opening and self._policy.budget
        share = UNBOUNDED
        if bounded:
            share = await self._budget.take(self._clients.of(scope), bounded)
            # The answer of a tally may have taken seconds.
            now = self._clock() if self._budget.waits else now
        decision = await self.meter.ask(
            report,
            visitor.reader,
            number=visitor.number,
            anonymous=reader_id,
            now=now,
            asking=Asking(counts and prefetch, counts, opening, share.spent),
        )
        if share.network and not decision.counted:
            await self._budget.give_back(share)
        if not (is_new and decision.counted):
            return decision, ""
        signed = sign_reader_id(reader_id, self._reader_key)
        return decision, reader_cookie(signed, self._origin)

    def _note(self, scope: Scope, visitor: Visitor, report: Report, decision: Decision) -> None:
        """Let the log know of a wall, and of a read that could not be recorded, closed or open. A
        page asked for by its head alone shows no wall."""
        if scope.method == "GET":
            self.meter.note(_key(visitor), report, decision)


def _key(visitor: Visitor) -> str:
    if visitor.reader.registered:
        return f"u{visitor.number}"
    return f"a{visitor.anonymous}" if visitor.anonymous else NOBODY_KNOWN
