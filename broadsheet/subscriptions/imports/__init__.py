"""Lists of subscribers from elsewhere: a reader for each format, all giving the same rows. Pure."""

from broadsheet.subscriptions.imports.judging import Held, Known, Verdict, judge
from broadsheet.subscriptions.imports.reading import FORMATS, MOST_BYTES, MOST_ROWS, read
from broadsheet.subscriptions.imports.rows import Listing, Problem, Row

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "MOST_ROWS",
    "Held",
    "Known",
    "Listing",
    "Problem",
    "Row",
    "Verdict",
    "judge",
    "read",
]
