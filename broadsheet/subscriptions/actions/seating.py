"""Give accounts with a confirmed address at an institution's domain their grants, seat by seat."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.actions.locking import lock_readers
from broadsheet.subscriptions.models import Grant, Institution
from broadsheet.subscriptions.rules import INSTITUTION, domain_of


def seat_readers(number: int) -> None:
    """Make an institution's grants equal to what it says now: who has a seat keeps it, as long
    as the address is there and seats are; then those who have waited longest."""
    with transaction.atomic():
        institution = _locked(number)
        if institution is None:
            return
        seated = _seated(institution)
        entitled = set(_entitled(institution).values_list("pk", flat=True))
        kept = [reader for reader in seated if reader in entitled][: institution.seats]
        coming = _waiting(institution, len(kept))
        lock_readers([*seated, *coming])
        _unseat(institution, set(seated) - set(kept))
        _correct(institution, kept)
        _give(institution, coming)


def free_seats() -> int:
    """Give the seats of closed accounts to those who wait; at how many institutions.

    Not in the moment an account is closed: its row is held then, and institutions go first.
    """
    closed = _grants().filter(reader__is_active=False, institution__isnull=False)
    found = Institution.objects.filter(pk__in=closed.values("institution")).order_by("pk")
    return sum(bool(each(_seat_anew, institution)) for institution in found)


def _seat_anew(institution: Institution) -> bool:
    seat_readers(institution.pk)
    return True


def seat_reader(reader: int, addresses: Iterable[str]) -> None:
    """A reader's addresses changed, these among them: give or end what hangs on them."""
    for institution in _concerned(reader, addresses):
        _seat(reader, institution.pk)


def lock_institutions(reader: int) -> None:
    """Hold those whose seats may change with this account, in the present transaction: before the
    account, as whoever gives seats does."""
    addresses = EmailAddress.objects.filter(user=reader).values_list("email", flat=True)
    for institution in _concerned(reader, addresses):
        _locked(institution.pk)


def _concerned(reader: int, addresses: Iterable[str]) -> list[Institution]:
    domains = {domain_of(address) for address in addresses}
    with_domains = Institution.objects.exclude(domains="").order_by("pk")
    held = set(_grants().filter(reader_id=reader).values_list("institution_id", flat=True))
    return [
        institution
        for institution in with_domains
        if institution.pk in held or domains.intersection(institution.mail_domains)
    ]


def _seat(reader: int, number: int) -> None:
    with transaction.atomic():
        institution = _locked(number)
        if institution is None:
            return
        seated = _seated(institution)
        entitled = _entitled(institution).filter(pk=reader).exists()
        if entitled and reader not in seated:
            if institution.seats is None or len(seated) < institution.seats:
                lock_readers([reader])
                _give(institution, [reader])
        elif not entitled:
            # Of an account that is being deleted the grants may be gone already.
            leaving = {reader}.intersection(seated)
            coming = _waiting(institution, len(set(seated) - leaving))
            lock_readers([*leaving, *coming])
            _unseat(institution, leaving)
            _give(institution, coming)


def end_seats(institution: Institution) -> None:
    """All of them: the institution goes."""
    with transaction.atomic():
        _locked(institution.pk)
        seated = _seated(institution)
        lock_readers(seated)
        _unseat(institution, set(seated))


def _locked(number: int) -> Institution | None:
    """The row, held until the transaction ends: two readers cannot take the last seat."""
    return Institution.objects.select_for_update().filter(pk=number).first()


def _grants() -> QuerySet[Grant]:
    return Grant.objects.filter(source=INSTITUTION, revoked_at=None)


def _seated(institution: Institution) -> list[int]:
    """Readers with a seat, who came first first."""
    rows = _grants().filter(institution=institution).order_by("pk")
    return list(dict.fromkeys(rows.values_list("reader_id", flat=True)))


def _entitled(institution: Institution) -> QuerySet[User]:
    """Whoever has a confirmed address at one of the domains, the oldest account first."""
    at = Q()
    for domain in institution.mail_domains:
        at |= Q(email__iendswith=f"@{domain}")
    confirmed = (
        EmailAddress.objects.filter(at, verified=True) if at else EmailAddress.objects.none()
    )
    return User.objects.filter(pk__in=confirmed.values("user"), is_active=True).order_by("pk")


def _waiting(institution: Institution, taken: int) -> list[int]:
    """Who gets the seats that are free when so many are taken, the oldest account first."""
    seated = _grants().filter(institution=institution).values("reader")
    waiting = _entitled(institution).exclude(pk__in=seated).values_list("pk", flat=True)
    free = None if institution.seats is None else max(0, institution.seats - taken)
    return list(waiting[:free])


def _give(institution: Institution, readers: Iterable[int]) -> None:
    seats = list(readers)
    Grant.objects.bulk_create(
        _grant(institution, reader, right) for reader in seats for right in institution.entitlements
    )
    follow_grants(seats)


def _grant(institution: Institution, reader: int, right: str) -> Grant:
    return Grant(
        reader_id=reader, institution=institution, entitlement=right, source=INSTITUTION,
        valid_from=institution.starts, valid_until=institution.ends, reason=institution.name,
    )  # fmt: skip


def _unseat(institution: Institution, readers: set[int]) -> None:
    for reader in readers:
        ours = _grants().filter(institution=institution, reader_id=reader)
        ours.update(revoked_at=clock.now())
    follow_grants(readers)


def _correct(institution: Institution, kept: list[int]) -> None:
    """The grants of those who stay: other rights, another span."""
    span = {"valid_from": institution.starts, "valid_until": institution.ends}
    ours = _grants().filter(institution=institution)
    changed = set(ours.exclude(**span).values_list("reader_id", flat=True))
    ours.update(**span)
    lost = ours.exclude(entitlement__in=institution.entitlements)
    changed |= set(lost.values_list("reader_id", flat=True))
    lost.update(revoked_at=clock.now())
    held = set(ours.values_list("reader_id", "entitlement"))
    wanted = [(reader, right) for reader in kept for right in institution.entitlements]
    missing = [pair for pair in wanted if pair not in held]
    Grant.objects.bulk_create(_grant(institution, *pair) for pair in missing)
    follow_grants(changed | {reader for reader, _ in missing})
