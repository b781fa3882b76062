"""The dated table of taxes (`taxes.toml`): what is in force where and when, with its source. Pure.

A rate is in ten-thousandths. A country is an ISO 3166-1 code of two letters, a region of India the
two digits by which its tax law numbers the states.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("taxes.toml")
GST, EU_VAT = "gst", "eu_vat"
KINDS = ("news", "standard")
"""Which rate goes first: that for news online, then the one for everything."""


class Rate(NamedTuple):
    """One rate in one country from day to day, half-open; `until` is None while none is known.

    `verified` says whether tables, or the law, were compared; `lead` what it is for.
    """

    country: str
    kind: str
    tax: str
    rate: int
    starts: date
    until: date | None
    verified: bool
    source: str
    lead: str

    def is_in_force(self, day: date) -> bool:
        """Whether it applies on a day."""
        return self.starts <= day and (self.until is None or day < self.until)


class Withdrawing(NamedTuple):
    """Readers of a system's countries may withdraw from a contract for so many days after it."""

    system: str
    starts: date
    days: int
    source: str


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text())


@cache
def rates() -> tuple[Rate, ...]:
    """Every rate, in the order of the file."""
    return tuple(_rate(row) for row in _read()["rates"])


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(
        row["country"], row["kind"], row["tax"], row["rate"], row["from"], row.get("until"),
        row["verified"], row["source"], row["lead"],
    )  # fmt: skip


def rate_at(country: str, day: date) -> Rate | None:
    """The rate for news online in a country on a day; None where the table knows none."""
    return _foremost(_in_force(country, day))


def verified_at(country: str, day: date) -> Rate | None:
    """The same of verified rates alone: where nobody is asked before it is charged."""
    return _foremost(rate for rate in _in_force(country, day) if rate.verified)


def _in_force(country: str, day: date) -> list[Rate]:
    return [rate for rate in rates() if rate.country == country and rate.is_in_force(day)]


def _foremost(found: Iterable[Rate]) -> Rate | None:
    return min(found, key=lambda rate: KINDS.index(rate.kind), default=None)


def system_of(country: str) -> str:
    """By which law a country taxes: `GST`, `EU_VAT`, or "" where the table knows none."""
    systems = _read()["systems"].items()
    return next((name for name, one in systems if country in one["countries"]), "")


def code_of(country: str) -> str:
    """The code of what is sold in the country's classification of services, "" if none."""
    system = system_of(country)
    return str(_read()["systems"][system]["code"]) if system else ""


def regions_of(country: str) -> Mapping[str, str]:
    """The names of a country's regions by code, where they matter to its tax."""
    found: Mapping[str, str] = _read()["regions"].get(country, {})
    return found


def is_union_territory(country: str, region: str) -> bool:
    """Whether the region has no legislature, and so no state tax."""
    return region in _read()["unions"].get(country, ())


def withdrawing_at(country: str, day: date) -> Withdrawing | None:
    """The right to withdraw by a function of the site, in force in a country on a day."""
    system = system_of(country)
    found = [
        Withdrawing(row["system"], row["from"], row["days"], row["source"])
        for row in _read()["withdrawals"]
        if row["system"] == system and row["from"] <= day
    ]
    return max(found, key=lambda one: one.starts, default=None)
