"""Money, days and months in the words of the paper."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit.money import Money, show


@dataclass(frozen=True, slots=True)
class Words:
    """How this paper writes: money in its readers' `language`, days in its `zone`."""

    language: str
    zone: ZoneInfo

    def amount(self, minor: int, currency: str) -> str:
        """Minor units as readers know them: ₹900."""
        return show(Money(minor, currency), self.language)

    def day(self, at: datetime) -> str:
        """The date of a moment, in the present language."""
        return date_format(at.astimezone(self.zone), "DATE_FORMAT")

    def first_of_month(self, at: datetime, back: int = 0) -> datetime:
        """The first moment of the month of `at`, or of so many months before."""
        local = at.astimezone(self.zone)
        year, month = divmod(local.year * 12 + local.month - 1 - back, 12)
        return datetime(year, month + 1, 1, tzinfo=self.zone)


def words() -> Words:
    """The words of the paper as it is set now; ask once for a screen."""
    paper = Paper.load()
    return Words(paper.language, ZoneInfo(paper.time_zone))


def month_name(at: datetime) -> str:
    """March 2026, in the present language."""
    return date_format(at, "YEAR_MONTH_FORMAT")


def month_range(first: datetime) -> tuple[datetime, datetime]:
    """A month from its first moment to that of the next, in UTC."""
    year, month = divmod(first.year * 12 + first.month, 12)
    return first.astimezone(UTC), first.replace(year=year, month=month + 1).astimezone(UTC)


def reader_name(reader: User | None, otherwise: str = "") -> str:
    """The reader's address; what the books hold for an account that was erased."""
    return reader.email if reader else otherwise or _("erased account")
