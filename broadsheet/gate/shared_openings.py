"""Which browsers used a link, where several gates serve one paper: they count in the tally.

Order as for reads: the tally, then the journal, then the answer. A browser that the tally knows and
the journal may not, because a gate died in between, is written down by whoever opens for it next.
"""

from collections.abc import Callable

from broadsheet.gate.links import Link
from broadsheet.gate.openings import Openings
from broadsheet.gate.rules import Report
from broadsheet.gate.shared_meter import SharedMeter
from broadsheet.gate.taking_up import MARK_KEY, TakingUp, link_name
from broadsheet.gate.tally import Tally, TallySilent
from broadsheet.gate.tally_scripts import LOOK_OPENED, NOT_OPENED, OPEN, OPENED
from broadsheet.kit.clock import DAY

RECORDED, UNKNOWN = b"+", b"-"
OTHER_MARK, IN_JOURNAL = -1, -2


class SharedOpenings(Openings):
    """Exact for any number of gates. While the tally is silent a link opens for the browsers that
    this gate knows, and for nobody new."""

    def __init__(self, meter: SharedMeter, tally: Tally, *, clock: Callable[[], float]) -> None:
        self._tally = tally
        self._taking_up: TakingUp = meter.taking_up
        super().__init__(meter, clock=clock)

    async def may(self, link: Link, browser: str, *, counts: bool) -> bool:
        """As `Openings.may`, and waits for the tally when this gate does not know the browser."""
        await self._be_ready()
        if not link.most or browser in self._browsers(link.rule):
            return True
        try:
            known, used = await self._looked(link, browser)
        except TallySilent:
            return False
        if known == RECORDED:
            self._add(link.rule, browser, link.until)
        return known == RECORDED or (counts and (known != UNKNOWN or used < link.most))

    async def take(self, link: Link, browser: str, report: Report, *, counts: bool) -> bool:
        """As `Openings.take`, and waits for the tally when this gate does not know the browser."""
        if not link.most or browser in self._browsers(link.rule):
            return await super().take(link, browser, report, counts=counts)
        try:
            number = await self._numbered(link, browser) if counts else 0
        except TallySilent:
            return False
        if not number:
            return False
        if number != IN_JOURNAL:
            rule, most = link.rule, link.most
            recorded = self._meter.record_opening(browser, report, rule, number, most)
            await self._tell(link, browser, recorded=recorded)
            if not recorded:
                return False
        self._add(link.rule, browser, link.until)
        return True

    async def _looked(self, link: Link, browser: str) -> tuple[bytes, int]:
        keys = [link_name(link.rule)]
        _, known, used = await self._taking_up.asked(LOOK_OPENED, keys, browser)
        return known, used

    async def _numbered(self, link: Link, browser: str) -> int:
        """How many browsers used the link with this one, 0 when it may not, or IN_JOURNAL. Raises
        TallySilent."""
        keys = [MARK_KEY, link_name(link.rule)]
        # Until it is over by the clocks of all.
        life = max(1, int(link.until + DAY - self._clock()))
        while True:
            words = (self._taking_up.mark, browser, link.most, life)
            number: int = await self._tally.call(OPEN, keys, *words)
            if number != OTHER_MARK:
                return number
            await self._looked(link, browser)

    async def _tell(self, link: Link, browser: str, *, recorded: bool) -> None:
        script = OPENED if recorded else NOT_OPENED
        try:
            await self._tally.call(script, [link_name(link.rule)], browser)
        except TallySilent:
            return
