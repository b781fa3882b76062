"""What an import does about one row: the same answer for the dry run and for the run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from broadsheet.subscriptions.imports.rows import Problem, Row

NEW, KNOWN, CHANGED, SAME, OWN, LEFT = "new", "known", "changed", "same", "own", "left"
"""An account is made; a reader is there already; an earlier import is brought up to date; nothing
changes; the reader's own subscription is left alone; the row is left out."""
OUTCOMES = (NEW, KNOWN, CHANGED, SAME, OWN, LEFT)

ACCOUNT, OPEN, OVER, UNDONE, ERASED = "account", "open", "over", "undone", "erased"
"""What was imported: no more than an account; access; access that is over; taken back; forgotten
with its reader."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an earlier import made of the same subscriber. `version` is that of our plan."""

    state: str
    version: int | None = None
    until: datetime | None = None
    complimentary: bool = False
    cancelled: bool = False
    plan: str = ""
    gateway: str = ""

    @property
    def is_for_good(self) -> bool:
        """Whether it opens something that never ends."""
        return self.state == OPEN and self.until is None


@dataclass(frozen=True, slots=True)
class Known:
    """What the paper knows of a row's subscriber: whether there is an account, whether that is
    `closed`, has a `live` subscription here, was `erased`, or has another address (`moved`)."""

    account: bool = False
    closed: bool = False
    live: bool = False
    erased: bool = False
    moved: bool = False
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row, and what it is to be afterwards; `wanted` is None when nothing is
    written."""

    outcome: str
    wanted: Held | None = None
    problem: Problem | None = None


def judge(
    row: Row,
    known: Known,
    versions: Mapping[str, int | None],
    now: datetime,
    *,
    for_good: bool = True,
) -> Verdict:
    """The verdict on a row. `versions` says for each plan of theirs which version of ours it
    becomes, None for an account without access; a plan that is not in it was not mapped.
    `for_good`: who runs the import may give access that never ends."""
    refused = _refused(row, known, versions, now)
    if refused is not None:
        return refused
    wanted = _wanted(row, versions, now)
    if wanted.is_for_good and wanted != known.held and not for_good:
        return _not_theirs(row)
    problem = _remark(row, known, versions)
    if known.held is not None:
        return Verdict(SAME if known.held == wanted else CHANGED, wanted, problem)
    return Verdict(KNOWN if known.account else NEW, wanted, problem)


def _refused(
    row: Row, known: Known, versions: Mapping[str, int | None], now: datetime
) -> Verdict | None:
    if known.erased:
        wrong = _("This reader's account was deleted: it is not made again.")
        return _left(row, wrong, _("They can sign up themselves."))
    if known.closed:
        remedy = _("Open it under Settings, Users first if that was a mistake.")
        return _left(row, _("This reader's account is closed."), remedy)
    if known.live:
        wrong = _("This reader has a subscription here: it was not touched.")
        remedy = _("End the one elsewhere, so that nobody pays twice.")
        return Verdict(OWN, problem=Problem(row.line, wrong, remedy))
    if row.plan and row.is_over(now) and known.held is None:
        wrong = _("What was paid elsewhere is over: nothing was imported.")
        return _left(row, wrong, _("Nothing has to be done."))
    if row.plan and not row.is_over(now) and row.plan not in versions:
        wrong = _("No plan of ours was chosen for “%(plan)s”.") % {"plan": row.plan}
        return _left(row, wrong, _("Choose one, or “no access”."))
    return None


def _left(row: Row, wrong: str, remedy: str) -> Verdict:
    return Verdict(LEFT, problem=Problem(row.line, wrong, remedy))


def _not_theirs(row: Row) -> Verdict:
    wrong = _("Access without an end takes the right to add complimentary access: left out.")
    return _left(row, wrong, _("Give it an end, or let somebody with that right run the import."))


def _wanted(row: Row, versions: Mapping[str, int | None], now: datetime) -> Held:
    version = None if row.is_undated else versions.get(row.plan)
    state = ACCOUNT if version is None else OPEN
    if row.plan and row.is_over(now):
        state = OVER
    return Held(state, version, row.until, row.complimentary, row.cancelled, row.plan, row.gateway)


def _remark(row: Row, known: Known, versions: Mapping[str, int | None]) -> Problem | None:
    """What staff should know of a row that is taken all the same."""
    if row.is_undated and versions.get(row.plan):
        wrong = _("The file does not say until when this subscriber paid: an account, no access.")
        remedy = _("Import Stripe's list of subscriptions too, or a plain list with paid_until.")
        return Problem(row.line, wrong, remedy)
    if known.moved:
        wrong = _("The account of this subscriber has another address by now, and keeps it.")
        return Problem(row.line, wrong, _("Change it under Settings, Users if it is wrong."))
    return None
