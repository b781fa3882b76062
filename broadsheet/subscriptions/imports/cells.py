"""The cells of one line, by their columns: each read as what it should be, or refused."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

LONGEST = 120
"""Characters of an id or a plan's name."""
LONGEST_AHEAD = timedelta(days=3660)
FORMULA = ("=", "+", "-", "@")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
YES = frozenset({"true", "yes", "1", "y"})
NO = frozenset({"", "false", "no", "0", "n"})


class BadCell(Exception):
    """A cell that cannot be taken: what is wrong, what to do."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(wrong)
        self.wrong, self.remedy = wrong, remedy


@dataclass(frozen=True, slots=True)
class Cells:
    """A line by its columns, their names in small letters. `zone` is where days end that name no
    hour; `now` bounds how far ahead a day may be."""

    values: Mapping[str, str]
    zone: ZoneInfo
    now: datetime

    def text(self, column: str, most: int = LONGEST) -> str:
        """Words on one line, "" when there are none. Raises BadCell for what is a formula to a
        spreadsheet, for signs that are no text, and for more than `most` characters."""
        value = " ".join(self.values.get(column, "").split())
        if value.startswith(FORMULA):
            wrong = _("“%(column)s” begins like a formula of a spreadsheet.") % {"column": column}
            raise BadCell(wrong, _("Take the sign =, +, - or @ at its beginning away."))
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
            wrong = _("“%(column)s” holds signs that are no text.") % {"column": column}
            raise BadCell(wrong, _("Type this cell anew."))
        if len(value) > most:
            facts = {"column": column, "most": most}
            wrong = _("“%(column)s” is longer than %(most)d characters.") % facts
            raise BadCell(wrong, _("Shorten it, or look whether a quotation mark is missing."))
        return value

    def email(self, column: str) -> str:
        """An address in small letters. Raises BadCell for none."""
        value = self.text(column, 254).lower()
        try:
            validate_email(value)
        except ValidationError:
            words = _("“%(column)s” is no e-mail address.") if value else _("No e-mail address.")
            wrong = words % {"column": column}
            raise BadCell(wrong, _("Write one address, such as name@example.com.")) from None
        return value

    def yes(self, column: str) -> bool:
        """Whether it says yes. Raises BadCell for what is neither yes nor no."""
        value = self.text(column).lower()
        if value not in YES | NO:
            wrong = _("“%(column)s” is neither true nor false.") % {"column": column}
            raise BadCell(wrong, _("Write true or false."))
        return value in YES

    def moment(self, column: str, zone: ZoneInfo | None = None) -> datetime | None:
        """A moment, UTC; of a day alone its end, so that the whole day is open. None when empty.

        Days end, and hours are meant, in `zone` or else the file's. Raises BadCell for what is no
        ISO date, and for days that cannot be meant.
        """
        value, where = self.text(column), zone or self.zone
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value)
            if DAY.fullmatch(value):
                at = datetime.combine(at.date() + timedelta(days=1), time())
            at = (at if at.tzinfo else at.replace(tzinfo=where)).astimezone(UTC)
        except (ValueError, OverflowError):
            wrong = _("“%(column)s” is no day that can be read for sure.") % {"column": column}
            raise BadCell(wrong, _("Write year, month, day: 2027-12-31.")) from None
        if at.year < 1990 or at > self.now + LONGEST_AHEAD:
            wrong = _("“%(column)s” is a day that cannot be meant.") % {"column": column}
            raise BadCell(wrong, _("Write a day within the next ten years."))
        return at
