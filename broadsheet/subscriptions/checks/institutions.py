"""Do the seats of institutions agree with their grants? What does not, with a remedy."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby, islice
from typing import NamedTuple

from allauth.account.models import EmailAddress

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import CHUNK, named
from broadsheet.subscriptions.models import Grant, Institution
from broadsheet.subscriptions.rules import INSTITUTION, domain_of

SAVE = "Save the institution once more in the desk: its seats are then given anew."


class Seated(NamedTuple):
    """A reader with a seat of an institution, and what it opens."""

    institution: int
    reader: int
    grants: list[Grant]


def problems() -> Iterator[Problem]:
    """Every seat opens all that its institution does, as long as that does, to somebody with a
    confirmed address there; and there are no more than were agreed."""
    known = Institution.objects.in_bulk()
    domains = {number: frozenset(one.mail_domains) for number, one in known.items()}
    taken: Counter[int] = Counter()
    seats = _seated()
    while chunk := list(islice(seats, CHUNK)):
        taken.update(seat.institution for seat in chunk)
        confirmed = _confirmed(chunk)
        for seat in chunk:
            if not domains[seat.institution] & confirmed[seat.reader]:
                text = f"Reader {seat.reader} has a seat of {known[seat.institution]}"
                yield Problem(f"{text} and no confirmed address there.", SAVE)
            yield from _compared(seat, known[seat.institution])
    for number, count in sorted(taken.items()):
        agreed = known[number].seats
        if agreed is not None and count > agreed:
            yield Problem(f"{known[number]} has {count} readers in {agreed} seats.", SAVE)


def _seated() -> Iterator[Seated]:
    given = Grant.objects.filter(
        source=INSTITUTION, institution__isnull=False, revoked_at=None
    ).order_by("institution", "reader", "pk")
    rows = given.iterator(chunk_size=CHUNK)
    for (institution, reader), grants in groupby(rows, lambda g: (g.institution_id, g.reader_id)):
        yield Seated(institution, reader, list(grants))


def _confirmed(chunk: list[Seated]) -> dict[int, set[str]]:
    """The domains of the readers' confirmed addresses, in one query."""
    found: dict[int, set[str]] = defaultdict(set)
    addresses = EmailAddress.objects.filter(user__in={s.reader for s in chunk}, verified=True)
    for reader, address in addresses.values_list("user", "email"):
        found[reader].add(domain_of(address))
    return found


def _compared(seat: Seated, institution: Institution) -> Iterator[Problem]:
    span = (institution.starts, institution.ends)
    missing = set(institution.entitlements)
    for grant in seat.grants:
        right = grant.entitlement in institution.entitlements
        if not right or (grant.valid_from, grant.valid_until) != span:
            yield Problem(f"{named(grant)} is not what {institution} opens.", SAVE)
        missing.discard(grant.entitlement)
    for right in sorted(missing):
        text = f"Reader {seat.reader} has a seat of {institution} and no grant of {right}."
        yield Problem(text, SAVE)
