"""Every night the books are laid beside the gateway: what differs is settled, and told.

Webhooks may be lost for weeks, somebody gives money back in the gateway's own pages, a process
dies between the gateway's answer and our row. The gateway lists what stirred there; each of it that
is ours is compared, settled when it differs, and compared again. Then the books' own side: what
was booked, and the gateway did not speak of. One page at a time; a worker that is killed, or a
gateway that falls silent, costs at most a page.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Comparison, Difference
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Provider, Standing
from broadsheet.subscriptions.actions.orphans import take_over
from broadsheet.subscriptions.actions.renewing import tell_gateway
from broadsheet.subscriptions.models import Checkout, GiftSubscription, Subscription
from broadsheet.subscriptions.reads.business.differing import told
from broadsheet.subscriptions.reads.comparing import Differs, differences, is_ours
from broadsheet.subscriptions.reads.origin import origin

logger = logging.getLogger(__name__)

HOUR = 5
"""In the paper's zone: after the check of the books."""
FIRST = timedelta(days=30)
"""How far back the first comparison looks; gateways keep what happened for about so long."""
OVERLAP = timedelta(days=1)
"""So much of what the last comparison saw is looked at again."""
LEASE = timedelta(minutes=15)
"""A page takes less; a comparison that rests for longer was killed."""
SILENT = timedelta(minutes=5)
PAGE = 100
TOLD = 20


class Batch(NamedTuple):
    """References to look at, and the cursor behind them, "" when there are no more."""

    refs: list[str]
    cursor: str


def compare() -> bool:
    """Begin the night's comparison, or go on with it; whether it came to its end now."""
    paper, now = Paper.objects.first(), clock.now()
    if paper is None or not gateways.is_connected() or not _is_selling():
        return False
    local = now.astimezone(ZoneInfo(paper.time_zone))
    provider = gateways.gateway()
    night = _claimed(provider.name, local.date(), now) if local.hour >= HOUR else None
    return night is not None and _go_on(provider, night)


def _is_selling() -> bool:
    return Checkout.objects.exists() or bool(GiftSubscription.objects.exists())


def _claimed(provider: str, day: date, now: datetime) -> Comparison | None:
    ended = Comparison.objects.filter(provider=provider).exclude(ended_at=None).first()
    since = ended.began_at - OVERLAP if ended else now - FIRST
    night, is_mine = Comparison.objects.get_or_create(
        provider=provider,
        day=day,
        defaults={"began_at": now, "since": since, "next_at": now + LEASE},
    )
    rested = Comparison.objects.filter(pk=night.pk, ended_at=None, next_at__lte=now)
    if not is_mine and not rested.update(next_at=now + LEASE):
        return None
    night.refresh_from_db()
    return night


def _go_on(provider: Provider, night: Comparison) -> bool:
    stages: tuple[Callable[[Provider, Comparison], Batch], ...] = (_known, _stirred, _booked)
    mine = Comparison.objects.filter(pk=night.pk)
    while night.stage < len(stages):
        try:
            batch = stages[night.stage](provider, night)
            _look_at(provider, night, batch.refs)
        except (GatewaySilent, GatewayRefused) as problem:
            mine.update(next_at=clock.now() + SILENT, problem=str(problem)[:400])
            return False
        night.stage, night.cursor = night.stage + (not batch.cursor), batch.cursor
        mine.update(
            stage=night.stage, cursor=night.cursor, problem="", next_at=clock.now() + LEASE
        )  # fmt: skip
    _end(mine)
    return True


def _known(provider: Provider, night: Comparison) -> Batch:
    """What differed before, and was not mended."""
    left = Difference.objects.filter(provider=provider.name, mended_at=None).order_by("pk")
    found = list(left.filter(pk__gt=int(night.cursor or 0)).values_list("pk", "ref")[:PAGE])
    return Batch([ref for _pk, ref in found], _after(found))


def _stirred(provider: Provider, night: Comparison) -> Batch:
    """What the gateway says happened there."""
    listing = provider.list_since(night.since, night.cursor)
    return Batch([row.ref for row in listing.rows], listing.cursor)


def _booked(provider: Provider, night: Comparison) -> Batch:
    """What the books say happened, and the gateway has not spoken of tonight."""
    ours = Subscription.objects.filter(
        provider=provider.name, periods__payment__at__gte=night.since
    )
    unheard = ours.exclude(heard_at__gte=night.began_at).order_by("pk").distinct()
    found = list(unheard.filter(pk__gt=int(night.cursor or 0)).values_list("pk", "ref")[:PAGE])
    return Batch([ref for _pk, ref in found], _after(found))


def _after(found: list[tuple[int, str]]) -> str:
    return str(found[-1][0]) if len(found) == PAGE else ""


def _look_at(provider: Provider, night: Comparison, refs: Iterable[str]) -> None:
    """One that cannot be worked on must not stop those behind it."""
    for ref in dict.fromkeys(refs):
        try:
            _look(provider, night, ref)
        except GatewaySilent:
            raise
        except Exception:
            logger.exception("%s at %s could not be compared.", ref, provider.name)


def _look(provider: Provider, night: Comparison, ref: str) -> None:
    standing = _asked(provider, ref)
    mine = Comparison.objects.filter(pk=night.pk)
    if standing is not None and not is_ours(provider.name, standing):
        mine.update(foreign=F("foreign") + 1)
        return
    found = _found(provider, standing, ref)
    problem = _settle(provider, ref) if found and standing is not None else ""
    left = set(_found(provider, _asked(provider, ref), ref)) if found else set()
    with transaction.atomic():
        mended = _note(provider.name, ref, found, left, problem)
        mine.update(looked=F("looked") + 1, repaired=F("repaired") + mended)
    if not found:
        # Ended ones that were told something and not heard of since (None) are asked elsewhere.
        heard = Subscription.objects.filter(provider=provider.name, ref=ref)
        heard.exclude(heard_at=None).update(heard_at=clock.now())


def _asked(provider: Provider, ref: str) -> Standing | None:
    try:
        return provider.look_up(ref)
    except GatewayRefused:
        return None


def _found(provider: Provider, standing: Standing | None, ref: str) -> list[Differs]:
    """What differs; all of it when the gateway does not know what we have a subscription for."""
    if standing is not None:
        return differences(provider.name, standing, clock.now())
    ours = Subscription.objects.filter(provider=provider.name, ref=ref)
    return [Differs("gone")] if ours.exists() else []


def _settle(provider: Provider, ref: str) -> str:
    """Take over what is new, and tell what the gateway should know; why not, when it refuses."""
    try:
        take_over(provider, ref)
    except Refusal as refusal:
        return str(refusal)[:400]
    subscription = Subscription.objects.filter(provider=provider.name, ref=ref).first()
    if subscription is not None:
        tell_gateway(provider, subscription)
    return ""


def _note(provider: str, ref: str, found: list[Differs], left: set[Differs], problem: str) -> int:
    """Write what differed and what is mended now; how much of it is."""
    now = clock.now()
    before = Difference.objects.filter(provider=provider, ref=ref).exclude(mended_at=None)
    for differs in found:
        before.filter(kind=differs.kind, about=differs.about).delete()
        Difference.objects.update_or_create(
            provider=provider, ref=ref, kind=differs.kind, about=differs.about,
            defaults={
                "ours": differs.ours, "theirs": differs.theirs, "currency": differs.currency,
                "mended_at": None, "problem": problem if differs in left else "",
            },
        )  # fmt: skip
    still = {(differs.kind, differs.about) for differs in left}
    mended = [
        row.pk
        for row in Difference.objects.filter(provider=provider, ref=ref, mended_at=None)
        if (row.kind, row.about) not in still
    ]
    return Difference.objects.filter(pk__in=mended).update(mended_at=now)


def _end(mine: QuerySet[Comparison]) -> None:
    with transaction.atomic():
        mine.update(ended_at=clock.now())
        night = mine.get()
        left = Difference.objects.filter(mended_at=None, provider=night.provider)
        if night.repaired or left.exists():
            _tell(night)


def _tell(night: Comparison) -> None:
    """Mail the publisher what was repaired, and what nobody but a person can mend."""
    paper = letterhead(origin())
    left, count = told(night, TOLD, paper.language)
    names = {
        "repaired": night.repaired, "left": left, "more": count - len(left),
        "url": f"{origin()}/desk/business/gateway/",
    }  # fmt: skip
    for publisher in User.objects.filter(is_superuser=True, is_active=True):
        queue(publisher.email, "subscriptions/mail/differences", names, paper=paper)
