"""The rule of a decision, taken apart. Pure."""

from typing import NamedTuple

from broadsheet.gate.journal import Record

OF_PERSONS = frozenset({"gift", "share", "newsletter"})
"""Rules whose detail leads to one person: the giver, the member of staff, the addressee."""

TAKEN = OF_PERSONS | {
    "open", "registered", "metered", "anonymous", "again", "free", "budget", "register_after",
    "unrecorded", "institution", "crawler", "time", "register", "register_more",
    "limit_anonymous", "limit_registered", "closed", "count", "count_last",
}  # fmt: skip
"""Words for something else among access classes, kinds of reader, rules and walls: a right of the
same name could not be told from it."""

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


def account_of(record: Record) -> int:
    """The number of the account that a line is about, 0 without one: the reader's own, or that of
    the addressee of a newsletter's link ("newsletter:<link>:<number>")."""
    if record.key.startswith("u"):
        return int(record.key[1:])
    rule = rule_of(record.rule)
    number = rule.detail.partition(":")[2] if rule.name == "newsletter" else ""
    return int(number) if number.isascii() and number.isdigit() else 0


def link_of(record: Record) -> int:
    """The number of the link that opened the article, 0 when it was none."""
    rule = rule_of(record.rule)
    number = rule.detail.partition(":")[0] if rule.name in OF_PERSONS else ""
    return int(number) if number.isascii() and number.isdigit() else 0


def kind_of(record: Record) -> str:
    """The kind of reader: "registered", "anonymous", or "unknown" for who is known only by the
    browser of a link, or not at all."""
    return {"u": "registered", "a": "anonymous"}.get(record.key[0], "unknown")
