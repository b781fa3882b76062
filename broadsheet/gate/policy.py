"""The publisher's rules of free reading, as the press lays them down for the gate. Pure data."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

Period = Literal["month", "week", "days"]
"""Calendar months or ISO weeks in the paper's zone, or so many days back from now."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Free articles within a period, for one kind of reader, in some sections or in all.

    `kind` is "anonymous", "registered" or an entitlement. `limit` None is free without end.
    `sections` are numbers of sections; empty for all.
    """

    kind: str
    limit: int | None
    sections: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """A time rule: from `after` to `until` seconds after an article's first publication
    (half-open, `until` 0 for no end) its access class is `access`.

    It holds in `sections` and for articles whose own class is in `classes`; empty means all.
    """

    name: str
    access: str
    after: float = 0
    until: float = 0
    sections: frozenset[int] = frozenset()
    classes: frozenset[str] = frozenset()

    def holds(self, access: str, section: int, age: float) -> bool:
        """Whether it applies to an article of a class and a section, `age` seconds old."""
        return (
            self.after <= age
            and not 0 < self.until <= age
            and (not self.sections or section in self.sections)
            and (not self.classes or access in self.classes)
        )


NOTHING = Allowance("", 0)
"""For a reader that no allowance is for."""

GENERAL = ("anonymous", "registered")
"""The kinds of reader that everybody is one of."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the publisher decided. The first allowance and the first turn that fit are taken.

    `register_after`: after so many articles readers without an account are asked to register;
    None for never. `open_when_down`: metered articles are open while reads cannot be counted.
    `budget`: free reads a day for a network whose readers send no cookie, 0 for no bound.
    """

    allowances: tuple[Allowance, ...] = (Allowance("anonymous", 3), Allowance("registered", 5))
    period: Period = "month"
    days: int = 30
    register_after: int | None = None
    open_when_down: bool = False
    budget: int = 300
    turns: tuple[Turn, ...] = ()
    general: Mapping[str, Allowance] = field(init=False, compare=False, default_factory=dict)
    """By kind, where no section and no entitlement has an allowance of its own; else empty."""

    def __post_init__(self) -> None:
        if all(a.kind in GENERAL and not a.sections for a in self.allowances):
            found = {a.kind: a for a in reversed(self.allowances)}
            object.__setattr__(
                self, "general", {kind: found.get(kind, NOTHING) for kind in GENERAL}
            )

    def allowance(self, kinds: Collection[str], section: int) -> Allowance:
        """What a reader of these kinds has in a section."""
        for one in self.allowances:
            if one.kind in kinds and (not one.sections or section in one.sections):
                return one
        return NOTHING

    def turn(self, access: str, section: int, age: float) -> Turn | None:
        """The time rule in force for an article of a class, `age` seconds after publication."""
        return next((t for t in self.turns if t.holds(access, section, age)), None)


def policy_text(policy: Policy) -> str:
    """The policy as the fact "policy" of the pressed store."""
    return json.dumps(
        {
            "allowances": [[a.kind, a.limit, sorted(a.sections)] for a in policy.allowances],
            "period": policy.period,
            "days": policy.days,
            "register_after": policy.register_after,
            "open_when_down": policy.open_when_down,
            "budget": policy.budget,
            "turns": [
                [t.name, t.access, t.after, t.until, sorted(t.sections), sorted(t.classes)]
                for t in policy.turns
            ],
        }
    )


def read_policy(facts: Mapping[str, str]) -> Policy:
    """The policy among the facts of the store; that of a new paper when it was never pressed.

    A store pressed by an older version has the two limits only.
    """
    if "policy" not in facts:
        free = (int(facts.get(f"free_{k}", n)) for k, n in (("anonymous", 3), ("registered", 5)))
        return Policy(tuple(map(Allowance, ("anonymous", "registered"), free)))
    known: dict[str, Any] = json.loads(facts["policy"])
    return Policy(
        allowances=tuple(Allowance(k, n, frozenset(s)) for k, n, s in known["allowances"]),
        period=cast(Period, known["period"]),
        days=known["days"],
        register_after=known["register_after"],
        open_when_down=known["open_when_down"],
        budget=known["budget"],
        turns=tuple(
            Turn(name, access, after, until, frozenset(sections), frozenset(classes))
            for name, access, after, until, sections, classes in known["turns"]
        ),
    )
