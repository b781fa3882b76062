"""The rule of a decision, taken apart. Pure."""

from typing import NamedTuple

from broadsheet.gate.journal import Record

OF_PERSONS = frozenset({"gift", "share", "newsletter"})
"""Rules whose detail leads to one person: the giver, the member of staff, the addressee."""

LONGEST_RULE = 120


class Rule(NamedTuple):
    """`turn` is the name of the time rule or "", `name` what decided, `detail` what follows the
    first colon: "time:morning+gift:Zr0" is the rule "gift" with detail "Zr0" under "morning"."""

    turn: str
    name: str
    detail: str = ""

    @property
    def full(self) -> str:
        """Name and detail; of a right, the entitlement."""
        return f"{self.name}:{self.detail}" if self.detail else self.name


def rule_of(text: str) -> Rule:
    """The parts of a rule as the gate writes it (`gate.rules.Decision`)."""
    turn = ""
    if text.startswith("time:") and "+" in text:
        # What a turn is called may hold a plus, what follows it never does.
        turn, _, text = text.removeprefix("time:").rpartition("+")
    name, _, detail = text.partition(":")
    return Rule(turn, name, detail)


def counted_rule(text: str) -> str:
    """The rule as it is counted for ever: without what leads to a person."""
    rule = rule_of(text)
    plain = rule.name if rule.name in OF_PERSONS else rule.full
    return (f"time:{rule.turn}+{plain}" if rule.turn else plain)[:LONGEST_RULE]


def kind_of(record: Record) -> str:
    """The kind of reader: "registered", "anonymous", or "unknown" without a cookie."""
    if record.key == "-":
        return "unknown"
    return "registered" if record.key.startswith("u") else "anonymous"
