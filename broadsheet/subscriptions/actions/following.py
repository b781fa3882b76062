"""What hangs on a reader's grants follows them: given articles, partner benefits, passes."""

from collections.abc import Iterable

from broadsheet.kit import clock
from broadsheet.press_log.models import Subject, announce, announce_all
from broadsheet.subscriptions.actions.benefits import follow_benefits
from broadsheet.subscriptions.actions.giving import follow_rights
from broadsheet.subscriptions.models import ArticleLink, PartnerClaim

AT_ONCE = 20
"""Readers whose passes are voided in the request that changed their rights; of more the worker
does it within a second."""


def follow_grants(readers: Iterable[int]) -> None:
    """Grants of these readers were written, corrected or revoked many at a time, of which no
    signal tells. Call in the transaction of the change, under the lock of each reader who may
    give or claim anything."""
    changed = sorted(set(readers))
    lasting = ArticleLink.objects.gifts().filter(maker__in=changed, expires_at__gt=clock.now())
    for maker in lasting.values_list("maker", flat=True).distinct():
        follow_rights(maker)
    claims = PartnerClaim.objects.filter(reader__in=changed, ended_at=None)
    for claimant in claims.values_list("reader", flat=True).distinct():
        follow_benefits(claimant)
    _void_passes(changed)


def _void_passes(readers: list[int]) -> None:
    if len(readers) > AT_ONCE:
        announce_all(Subject.READER, readers)
        return
    for reader in readers:
        announce(Subject.READER, reader)
