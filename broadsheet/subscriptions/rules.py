"""What a subscription opens and until when, what a month of it costs, what another plan costs,
which networks and mail domains an institution may have, when a debit must be announced. Pure."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from broadsheet.kit.money import Money, digits
from broadsheet.kit.periods import Interval

SUBSCRIPTION = "subscription"
GRACE = "grace"
TRIAL = "trial"
COUPON = "coupon"
"""The source of grants that a coupon opened without payment."""
GROUP = "group"
GROUP_GRACE = "group_grace"
GROUP_TRIAL = "group_trial"
LENT: Mapping[str, str] = {SUBSCRIPTION: GROUP, GRACE: GROUP_GRACE, TRIAL: GROUP_TRIAL}
"""The source of a member's grant, by that of the owner's which it follows."""

MOST_SEATS = 100
"""A plan for more readers is an institution's."""
IMPORT = "import"
"""The source of grants for what was paid elsewhere, before the reader came here."""
INSTITUTION = "institution"


class Period(NamedTuple):
    """A paid period, half-open, UTC, and what it opens."""

    number: int
    starts: datetime
    ends: datetime
    entitlements: tuple[str, ...]


class Door(NamedTuple):
    """A grant that a subscription should have."""

    entitlement: str
    source: str
    period: int
    opens: datetime
    closes: datetime | None
    """None: without an end, as only what was brought along without one may be."""

    def is_open_after(self, moment: datetime) -> bool:
        """Whether it opens anything after a moment."""
        return self.closes is None or self.closes > moment


def doors(
    entitlements: Iterable[str],
    periods: Iterable[Period],
    *,
    renews: bool,
    ended: bool,
    grace: timedelta,
    resumes: datetime | None = None,
) -> set[Door]:
    """Every grant of a subscription with these paid periods; `entitlements` are the plan's now.

    As long as it renews, access goes on for `grace` after the last paid period: so nobody who
    pays is locked out while a charge is under way, or tried again. After a pause that is when it
    `resumes`; nothing is open before.
    """
    paid = list(periods)
    rights = list(entitlements)
    wanted = {
        Door(right, SUBSCRIPTION, p.number, p.starts, p.ends)
        for p in paid
        for right in p.entitlements
    }
    if paid and renews and not ended:
        last = max(paid, key=lambda period: period.number)
        opens = max(last.ends, resumes or last.ends)
        wanted |= {Door(right, GRACE, last.number, opens, opens + grace) for right in rights}
    return wanted


def lent(owned: Iterable[Door], taken: datetime) -> set[Door]:
    """What a seat opens that was taken at `taken`: the owner's doors, from then on."""
    return {
        Door(d.entitlement, LENT[d.source], d.period, max(d.opens, taken), d.closes)
        for d in owned
        if d.is_open_after(taken)
    }


FOREVER = datetime.max.replace(tzinfo=UTC)


def unbroken(stretches: Iterable[tuple[datetime, datetime | None]], now: datetime) -> datetime:
    """The end of half-open stretches that follow one another without a gap, from `now` on.

    `now` itself when none of them holds then; FOREVER when one has no end (None).
    """
    reached = now
    for opens, closes in sorted((opens, closes or FOREVER) for opens, closes in stretches):
        if opens <= reached < closes:
            reached = closes
    return reached


LONGEST: Mapping[str, int] = {"day": 3650, "week": 520, "month": 120, "year": 10}
"""Ten years in each unit: no plan has a longer period."""


def ends_at(paid_until: datetime, *, renews: bool, grace: timedelta) -> datetime:
    """When a subscription ends if nothing more is paid."""
    return paid_until + grace if renews else paid_until


def per_month(price: Money, interval: Interval, rounding: str) -> Money | None:
    """The price of a month, None when the interval is not made of months.

    `rounding` "exact" is exact to the minor unit, rounded up, so that nobody pays more than was
    said; "down", "nearest" (halves upwards) and "up" give whole units of the currency.
    """
    months = interval.months
    if not months:
        return None
    unit = 1 if rounding == "exact" else 10 ** digits(price.currency)
    count, rest = divmod(price.amount, months * unit)
    upwards = {"down": False, "nearest": 2 * rest >= months * unit}.get(rounding, rest > 0)
    return Money((count + upwards) * unit, price.currency)


def discounted(price: int, percent: int | None, amount_off: int | None) -> int:
    """What a coupon leaves of a price, minor units: rounded down, and never below nothing."""
    if amount_off is not None:
        return max(0, price - amount_off)
    return price * (100 - (percent or 0)) // 100


class Terms(NamedTuple):
    """What a plan gives, to how many, and costs: `price` of a period in minor units, tax inside."""

    price: int
    currency: str
    tax_name: str
    tax_rate: int
    entitlements: frozenset[str]
    seats: int = 1


class Quote(NamedTuple):
    """What a change of plan costs today: `due` is the new price less `credit`, 0 at the end of the
    period. `days` of the paid period are unused. Minor units, tax inside."""

    at_once: bool
    credit: int
    days: int
    due: int


def unused(worth: int, starts: date, ends: date, today: date) -> tuple[int, int]:
    """The credit for the unused rest of a period worth `worth` minor units, and its days.

    By calendar days in the paper's zone: `today` counts as unused, so on the first day all of it
    comes back. Rounded down to the minor unit; used and unused together are what was paid.
    """
    days = (ends - starts).days
    left = max(0, min(days, (ends - today).days))
    return (worth * left // days if days > 0 else 0), left


def quote(old: Terms, new: Terms, credit: int, days: int) -> Quote:
    """What changing from one plan to another comes to.

    At once, for the new price less the credit, when the new plan opens all that the old one opens
    to as many readers, and more of it or for more money; otherwise where the paid period ends, for
    nothing today: so nobody loses what is paid for. Also at the end when the credit covers the new
    price, and when the tax is another one, because an invoice has one.
    """
    same_tax = (old.tax_name, old.tax_rate) == (new.tax_name, new.tax_rate)
    wider = old.entitlements <= new.entitlements and old.seats <= new.seats
    gains = old.entitlements < new.entitlements or old.seats < new.seats
    more = gains or new.price > old.price
    if wider and more and same_tax and credit < new.price:
        return Quote(True, credit, days, new.price - credit)
    return Quote(False, 0, days, 0)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "2001::/23", "2001:db8::/32",
            "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
"""Networks that name nobody on the internet (IANA special-purpose address registries, RFC 6890).
Behind a proxy that is not trusted, every reader may seem to come from one of them."""

GLOBAL_SIX = ipaddress.IPv6Network("2000::/3")
"""Where public IPv6 addresses are (RFC 4291, 2.4)."""

WIDEST = {4: 8, 6: 19}
"""Prefix lengths of the widest networks: of IPv4 once given to one holder, of IPv6 to a provider
(RIPE-738, 5.1.2)."""

HOSTNAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Unfit(ValueError):
    """A network that no institution may have; `reason` says why."""

    def __init__(self, reason: Literal["malformed", "wide", "private"]) -> None:
        super().__init__(reason)
        self.reason = reason


def network_of(text: str) -> Network:
    """A public network such as 193.0.6.0/24 or 2001:67c:2e8::/48, or a single address.

    Raises Unfit: malformed (also with bits behind its prefix), wider than WIDEST, not public.
    """
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise Unfit("malformed") from None
    if network.prefixlen < WIDEST[network.version]:
        raise Unfit("wide")
    known = any(network.version == n.version and network.overlaps(n) for n in NOT_PUBLIC)
    beyond = isinstance(network, ipaddress.IPv6Network) and not network.subnet_of(GLOBAL_SIX)
    if known or beyond:
        raise Unfit("private")
    return network


def domain_of(email: str) -> str:
    """The domain of a mail address, in small letters."""
    return email.rpartition("@")[2].lower()


class MandateRule(NamedTuple):
    """What the law asks of regular debits in a currency, from a day on, and where it says so.

    `lead` is how long before a debit its notice must have been sent; up to `unasked` minor units
    are taken without the payer's being asked again (additional factor of authentication).
    """

    currency: str
    since: date
    lead: timedelta
    unasked: int
    source: str


MANDATE_RULES = (
    MandateRule(
        "INR", date(2022, 6, 16), timedelta(hours=24), 15_000_00,
        "Reserve Bank of India, RBI/2022-23/73: e-mandates, limit raised to Rs 15,000",
    ),
    MandateRule(
        "INR", date(2026, 4, 21), timedelta(hours=24), 15_000_00,
        "Reserve Bank of India, Digital Payments E-mandate Framework 2026",
    ),
)  # fmt: skip
"""Before the first row the paper knows of no rule. A new rule is a row."""

NOTICE_AHEAD = timedelta(hours=72)
"""How long before the paid time ends a notice is written: mail may be late by a day, and a gateway
may charge at the beginning of the day."""

Flaw = Literal["ended", "opted_out", "ceiling", "missing", "late"]


def mandate_rule(currency: str, day: date) -> MandateRule | None:
    """The rule in force on a day; None where there is none."""
    known = (rule for rule in MANDATE_RULES if rule.currency == currency and rule.since <= day)
    return max(known, key=lambda rule: rule.since, default=None)


def debit_flaw(
    rule: MandateRule,
    amount: int,
    at: datetime,
    *,
    noticed: datetime | None,
    opted_out: datetime | None,
    ceiling: int,
    ends: datetime | None,
) -> Flaw | None:
    """What is wrong with taking so many minor units at `at`; None when it may be taken.

    `noticed` is when its notice was sent, `ceiling` the most the mandate allows at a time.
    """
    if ends is not None and at >= ends:
        return "ended"
    if opted_out is not None and opted_out <= at:
        return "opted_out"
    if amount > ceiling:
        return "ceiling"
    if noticed is None:
        return "missing"
    return None if noticed + rule.lead <= at else "late"


def withdrawal_ends(concluded: datetime, days: int, zone: str) -> datetime:
    """Until when a contract can be withdrawn from, UTC: the end of the last day in the zone.

    The day of the contract is not counted, and what would end at a weekend ends with Monday
    (Regulation (EEC, Euratom) 1182/71, article 3). Public holidays are not known here.
    """
    local = ZoneInfo(zone)
    last = concluded.astimezone(local).date() + timedelta(days=days)
    last += timedelta(days={5: 2, 6: 1}.get(last.weekday(), 0))
    midnight = datetime.combine(last + timedelta(days=1), time(), local)
    return midnight.astimezone(UTC)
