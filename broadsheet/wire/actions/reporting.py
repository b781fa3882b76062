"""What one fetch of a feed brought, in numbers, for `wire fetch`."""

from dataclasses import asdict, dataclass
from datetime import datetime

from broadsheet.wire.models import Fetch, Outcome
from broadsheet.wire.rules import summary


@dataclass(slots=True)
class Report:
    """What one fetch of a feed brought, for `wire fetch`; `problems` are sentences."""

    feed: str
    fetched: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    rejected: int = 0
    repaired: int = 0
    problems: tuple[str, ...] = ()
    again_at: datetime | None = None


def line(report: Report) -> str:
    """One line for the command."""
    return f"{report.feed}: {summary(asdict(report))}"


def add_reports(first: Report, second: Report) -> Report:
    """Two fetches of a feed as one."""
    for name in ("fetched", "new", "updated", "withdrawn", "rejected", "repaired", "problems"):
        setattr(second, name, getattr(first, name) + getattr(second, name))
    return second


def count(report: Report, fetch_: Fetch) -> None:
    """Add one document to what a fetch of the feed brought."""
    report.fetched += 1
    report.new += fetch_.new
    report.updated += fetch_.updated
    report.withdrawn += fetch_.withdrawn
    report.rejected += fetch_.rejected + (fetch_.outcome == Outcome.QUARANTINED)
    report.repaired += len(fetch_.repairs)
    report.problems += tuple(f"{fetch_.name}: {problem}" for problem in fetch_.problems)
