"""Search engines' crawlers, verified by DNS or by their published networks, never by their word.

The publisher chooses whose crawlers get whole reports. A request that calls itself one of them is
believed when its address lies in a network the publisher entered, or when the address has a name
of the engine's and that name has the address (reverse, then forward lookup: what each of them
asks for, see FAMILIES). No answer within a second, and every error, is a no.
"""

import asyncio
import ipaddress
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from broadsheet.gate.rsgi import Headers
from broadsheet.kit.resolver import server_of

log = logging.getLogger("broadsheet.gate")

SECONDS = 1.0
"""For both lookups together."""

BELIEVED, REFUSED, UNSURE = 24 * 3600, 3600, 60
"""Seconds for which an answer is kept: verified; not; the lookup failed."""

MOST = 20_000
"""Answers that are kept; those not asked for longest go first."""

AT_ONCE = 50
"""Lookups under way. Beyond it nobody is believed: names of crawlers cost nothing to claim."""

NAMES = 5
"""Names of one address that are looked at."""


class Family(NamedTuple):
    """An engine's crawlers: what their User-Agent says, the domains their names end in (none:
    by networks alone), and where the engine says so."""

    name: str
    token: str
    suffixes: tuple[str, ...]
    source: str


AS_OF = "2026-11-22"
"""When the table was put together."""

FAMILIES = (
    Family(
        "googlebot", "googlebot", ("googlebot.com",),
        "https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot",
    ),
    Family(
        "bingbot", "bingbot", ("search.msn.com",),
        "https://www.bing.com/webmasters/help/how-to-verify-bingbot-3905dc26",
    ),
    Family("applebot", "applebot", ("applebot.apple.com",), "https://support.apple.com/en-us/119829"),
    Family(
        "duckduckbot", "duckduckbot", (),
        "https://duckduckgo.com/duckduckgo-help-pages/results/duckduckbot/",
    ),
    Family(
        "yandexbot", "yandexbot", ("yandex.ru", "yandex.net", "yandex.com"),
        "https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html",
    ),
)  # fmt: skip

BY_NAME = {family.name: family for family in FAMILIES}
CLAIM = re.compile(rf"(?<![a-z])(?:{'|'.join(family.token for family in FAMILIES)})(?![a-z])")
BY_TOKEN = {family.token: family.name for family in FAMILIES}


class Choice(NamedTuple):
    """Whose crawlers get whole reports; `premium` ones too or not; networks by family."""

    full: frozenset[str] = frozenset()
    premium: bool = False
    networks: tuple[tuple[str, str], ...] = ()


TEASERS = Choice()
"""Nobody's crawlers get whole reports: the default."""


def choice_text(choice: Choice) -> str:
    """The choice as the fact "crawlers" of the pressed store."""
    return json.dumps([sorted(choice.full), choice.premium, choice.networks])


def read_choice(facts: Mapping[str, str]) -> Choice:
    """The choice among the facts of the store; teasers for all when it was never pressed."""
    if "crawlers" not in facts:
        return TEASERS
    full, premium, networks = json.loads(facts["crawlers"])
    pairs = tuple((family, network) for family, network in networks)
    return Choice(frozenset(full), bool(premium), pairs)


def has_suffix(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a host name lies below one of the domains, on a boundary of labels."""
    plain = name.rstrip(".").lower()
    return any(plain.endswith(f".{suffix}") for suffix in suffixes)


class Crawlers:
    """Knows verified crawlers. `families` are those that get whole reports, by the publisher's
    choice: none in a new paper.

    `resolver` is a DNS server "address" or "address:port", "" for the system's. `clock` gives
    Unix seconds.
    """

    def __init__(self, resolver: str = "", *, clock: Callable[[], float]) -> None:
        self._server = resolver
        self._clock = clock
        self._premium = False
        self.families: frozenset[str] = frozenset()
        self._known: OrderedDict[tuple[str, str], tuple[bool, float]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._resolver: Any = None
        self._failing = False
        self._networks: list[tuple[str, Any]] = []

    def take_choice(self, choice: Choice) -> None:
        """Go by this from now on."""
        self.families, self._premium = choice.full, choice.premium
        self._networks = [(f, ipaddress.ip_network(n)) for f, n in choice.networks]

    def claimed(self, headers: Headers) -> str:
        """The family that a request says it is of, if that one gets whole reports; else ""."""
        found = CLAIM.search((headers.get("user-agent") or "").lower())
        name = BY_TOKEN[found[0]] if found else ""
        return name if name in self.families else ""

    def opening(self, family: str, address: str, access: str) -> str:
        """The rule that opens an article of this class for a claimed family, "" when none does."""
        wanted = access in ("metered", "registered") or (access == "premium" and self._premium)
        return f"crawler:{family}" if wanted and self._verdict(family, address) else ""

    async def look_up(self, family: str, address: str) -> None:
        """Find out, once for all who ask at the same time. Raises nothing."""
        if self._verdict(family, address) is not None:
            return
        task = self._asking.get((family, address))
        if task is None:
            if len(self._asking) >= AT_ONCE:
                return
            task = asyncio.create_task(self._ask(family, address))
            self._asking[family, address] = task
        # A reader who leaves ends this wait, not the lookup that others wait for.
        await asyncio.shield(task)

    def _verdict(self, family: str, address: str) -> bool | None:
        """True or False when it is known, None when it must be looked up."""
        host = ipaddress.ip_address(address)
        if any(f == family and host in network for f, network in self._networks):
            return True
        if not BY_NAME[family].suffixes or not host.is_global:
            return False
        known = self._known.get((family, address))
        if known is None or known[1] <= self._clock():
            return None
        self._known.move_to_end((family, address))
        return known[0]

    async def _ask(self, family: str, address: str) -> None:
        try:
            if self._resolver is None:
                # Only a paper that lets crawlers in pays for the DNS library.
                self._resolver = await asyncio.to_thread(_resolver, self._server)
            async with asyncio.timeout(SECONDS):
                verified = await self._is_of(family, address)
            kept = BELIEVED if verified else REFUSED
            self._failing = False
        except Exception as error:
            self._complain(error)
            verified, kept = False, UNSURE
        finally:
            self._asking.pop((family, address), None)
        self._known[family, address] = (verified, self._clock() + kept)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def _complain(self, error: Exception) -> None:
        if not self._failing:
            log.warning("Crawlers cannot be verified and get teasers: %s", type(error).__name__)
        self._failing = True

    async def _is_of(self, family: str, address: str) -> bool:
        host = ipaddress.ip_address(address)
        kind = "A" if host.version == 4 else "AAAA"
        for name in await self._answers(host.reverse_pointer, "PTR"):
            if has_suffix(name, BY_NAME[family].suffixes):
                found = await self._answers(name, kind)
                if host in map(ipaddress.ip_address, found):
                    return True
        return False

    async def _answers(self, name: str, kind: str) -> list[str]:
        """The records of a name, none when there is no such name. Raises what DNS raises."""
        from dns.resolver import NXDOMAIN, NoAnswer

        absolute = name.rstrip(".") + "."
        try:
            answer = await self._resolver.resolve(absolute, kind, lifetime=SECONDS, search=False)
        except (NXDOMAIN, NoAnswer):
            return []
        return [record.to_text() for record in answer][: NAMES if kind == "PTR" else None]


def _resolver(server: str) -> Any:
    from dns.asyncresolver import Resolver

    resolver = Resolver(configure=not server)
    if server:
        address, port = server_of(server)
        resolver.nameservers, resolver.port = [address], port
    resolver.timeout = SECONDS / 3
    return resolver
