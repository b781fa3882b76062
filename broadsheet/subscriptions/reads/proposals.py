"""What a reader would agree to today: a plan's version, with what only newcomers get of it."""

from collections.abc import Callable
from dataclasses import dataclass

from broadsheet.accounts.models import User
from broadsheet.kit.money import Money
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import Ability, Opening
from broadsheet.subscriptions.models import Coupon, PlanVersion, Subscription
from broadsheet.subscriptions.trials import days_for


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version, `price` when a coupon takes something off every period, and what the first ones
    cost when that is another price. With `free` periods nothing is to be paid: they are given. For
    `trial` days nothing is charged; then the first period begins."""

    version: PlanVersion
    opening: Opening | None = None
    price: int | None = None
    coupon: Coupon | None = None
    free: int = 0
    trial: int = 0

    @property
    def total(self) -> Money:
        """What is charged for each period that is no first one, tax included."""
        total = self.version.total
        return total if self.price is None else Money(self.price, total.currency)

    @property
    def today(self) -> Money:
        """What is charged at the checkout, tax included."""
        return Money(0, self.version.currency) if self.free or self.trial else self.first

    @property
    def first(self) -> Money:
        """What period 0 costs, tax included."""
        first = self.opening.amount if self.opening else self.total.amount
        return Money(first, self.version.currency)

    @property
    def seal(self) -> str:
        """The terms in one word: another word, other terms."""
        words = [str(self.version.pk)]
        if self.coupon:
            words.append(f"c{self.coupon.pk}={self.total.amount}+{self.free}")
        if self.opening:
            words.append(f"{self.opening.amount}x{self.opening.periods}")
        if self.trial:
            words.append(f"t{self.trial}")
        return ":".join(words)


Proposer = Callable[[PlanVersion], Proposal]


def first_time(version: PlanVersion) -> Proposal:
    """As for somebody who never had the plan, nor any trial."""
    return _offered(version, had_trial=False, had_plan=False)


def ordinary(version: PlanVersion) -> Proposal:
    """Without anything that only newcomers get."""
    return Proposal(version)


def proposer(reader: User | None) -> Proposer:
    """What this reader is offered, whatever the plan, in one query."""
    plans, had_trial = had(reader) if reader else (set(), False)
    return lambda version: _offered(version, had_trial=had_trial, had_plan=version.plan_id in plans)


def first_price(version: PlanVersion) -> Opening | None:
    """What newcomers pay at first; None when they pay what all do."""
    intro = version.intro
    return Opening(intro.amount, version.intro_periods) if intro else None


def _offered(version: PlanVersion, *, had_trial: bool, had_plan: bool) -> Proposal:
    return Proposal(
        version,
        None if had_plan else first_price(version),
        trial=days_for(_days(version), had_trial=had_trial, had_plan=had_plan),
    )


def _days(version: PlanVersion) -> int:
    """How long the plan can be tried: where the gateway in force cannot do it, not at all."""
    provider = gateways.in_force() if version.trial_days else None
    if provider is None:
        return version.trial_days
    return 0 if trials(version) - provider.can else version.trial_days


def had(reader: User) -> tuple[set[int], bool]:
    """The plans that the reader had at any time, and whether any trial; what was paid twice and
    went back is none."""
    owed = Subscription.objects.filter(reader=reader).exclude(end_reason=Subscription.DUPLICATE)
    # A left join: without any change the last of the three is None, which is no plan's number.
    rows = owed.values_list(
        "trial_ends", "checkout__version__plan", "version__plan", "changes__from_version__plan"
    )
    found = list(rows)
    return {plan for row in found for plan in row[1:]}, any(row[0] for row in found)


def trials(version: PlanVersion) -> set[Ability]:
    """What the gateway must be able to do before the plan can be tried."""
    if not version.trial_days:
        return set()
    return {"trial"} if version.intro_price is None else {"trial", "trial_opening"}


def needs(version: PlanVersion) -> set[Ability]:
    """What the gateway must be able to do before the plan can be sold."""
    wanted: set[Ability] = set()
    if not version.renews:
        wanted.add("once")
    if version.intro_price is not None:
        wanted.add("opening")
    return wanted | trials(version)
