"""An editor who picks plain English reads the dates that readers do."""

from broadsheet.look.formats.en_GB.formats import (
    DATE_FORMAT,
    DATETIME_FORMAT,
    MONTH_DAY_FORMAT,
    TIME_FORMAT,
)

__all__ = ["DATETIME_FORMAT", "DATE_FORMAT", "MONTH_DAY_FORMAT", "TIME_FORMAT"]
