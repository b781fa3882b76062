"""What every format gives: who reads which plan until when, and what is wrong with a line."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

COMPLIMENTARY = "complimentary"
"""Stands for the plan of a line that gives access for nothing and names none."""
UNNAMED = "unnamed"
"""Stands for the plan of a line that was paid for and names none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: somebody's subscription elsewhere, or an account there when `plan` is "".

    `line` counts from 1, the header. `foreign` is the source's own id, "" when the file has none.
    `until` is the end of what was paid there, UTC; None without an end, or when the file is silent
    about it. `cancelled`: it was not to be renewed. `gateway` is noted and never asked about.
    """

    line: int
    foreign: str
    email: str
    name: str = ""
    plan: str = ""
    until: datetime | None = None
    complimentary: bool = False
    cancelled: bool = False
    gateway: str = ""

    @property
    def is_undated(self) -> bool:
        """Whether it was paid for, and the file does not say until when."""
        return bool(self.plan) and self.until is None and not self.complimentary

    def is_over(self, now: datetime) -> bool:
        """Whether what was paid elsewhere has been used up."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, without anybody's address, and what to do about it."""

    line: int
    wrong: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A file that was read: its rows in order, and the lines that could not be taken."""

    format: str
    source: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]

    def plans(self, now: datetime) -> dict[str, int]:
        """Their plans that would open something, with how many lines name each."""
        lasting = (row.plan for row in self.rows if row.plan and not row.is_over(now))
        return dict(sorted(Counter(lasting).items()))
