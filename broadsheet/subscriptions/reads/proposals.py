"""What a reader would agree to today: a plan's version, with what only newcomers get of it."""

from collections.abc import Callable
from dataclasses import dataclass

from broadsheet.accounts.models import User
from broadsheet.kit.money import Money
from broadsheet.ledger.providers.base import Ability, Opening
from broadsheet.subscriptions.models import Coupon, PlanVersion, Subscription


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version, `price` when a coupon takes something off every period, and what the first ones
    cost when that is another price. With `free` periods nothing is to be paid: they are given."""

    version: PlanVersion
    opening: Opening | None = None
    price: int | None = None
    coupon: Coupon | None = None
    free: int = 0

    @property
    def total(self) -> Money:
        """What is charged for each period that is no first one, tax included."""
        total = self.version.total
        return total if self.price is None else Money(self.price, total.currency)

    @property
    def today(self) -> Money:
        """What is charged at the checkout, tax included."""
        first = self.opening.amount if self.opening else self.total.amount
        return Money(0 if self.free else first, self.version.currency)

    @property
    def seal(self) -> str:
        """The terms in one word: another word, other terms."""
        words = [str(self.version.pk)]
        if self.coupon:
            words.append(f"c{self.coupon.pk}={self.total.amount}+{self.free}")
        if self.opening:
            words.append(f"{self.opening.amount}x{self.opening.periods}")
        return ":".join(words)


Proposer = Callable[[PlanVersion], Proposal]


def first_time(version: PlanVersion) -> Proposal:
    """As for somebody who never had the plan."""
    intro = version.intro
    return Proposal(version, Opening(intro.amount, version.intro_periods) if intro else None)


def ordinary(version: PlanVersion) -> Proposal:
    """Without anything that only newcomers get."""
    return Proposal(version)


def proposer(reader: User | None) -> Proposer:
    """What this reader is offered, whatever the plan, in one query."""
    had = plans_had(reader) if reader else set()
    return lambda version: (ordinary if version.plan_id in had else first_time)(version)


def plans_had(reader: User) -> set[int]:
    """The plans that the reader had at any time; what was paid twice and went back is none."""
    owed = Subscription.objects.filter(reader=reader).exclude(end_reason=Subscription.DUPLICATE)
    # A left join: without any change the last of the three is None, which is no plan's number.
    rows = owed.values_list(
        "checkout__version__plan", "version__plan", "changes__from_version__plan"
    )
    return {plan for row in rows for plan in row}


def needs(version: PlanVersion) -> set[Ability]:
    """What the gateway must be able to do before the plan can be sold."""
    wanted: set[Ability] = set()
    if not version.renews:
        wanted.add("once")
    if version.intro_price is not None:
        wanted.add("opening")
    return wanted
