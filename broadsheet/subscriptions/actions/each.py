"""One row that cannot be worked on must not stop the rows behind it."""

import logging
from collections.abc import Callable
from typing import TypeVar

Row = TypeVar("Row")
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


def each(work: Callable[[Row], Result], row: Row) -> Result | None:
    """Do the work on a row; what goes wrong is logged, and None is returned."""
    try:
        return work(row)
    except Exception:
        logger.exception("%s failed; it is tried again.", row)
        return None
