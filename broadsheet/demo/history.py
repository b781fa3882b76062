"""Live through the demo's past months: the gateway's own engine, the paper's own actions.

Nothing is written into the books by hand. At every moment the gateway's clock stands at it, and
so does ours; what a reader later cancels or staff gives back is known to both sides.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.db.models import F
from django.utils import translation

from broadsheet.accounts.models import Mail, SavedArticle, User
from broadsheet.demo import readers
from broadsheet.demo.deeds import Scene, do
from broadsheet.demo.lives import DAYS, YEARLY, Happening, Past, happenings
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.fakepay import FILE
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.look.settings import settings_read_once
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Grant, PartnerBenefit, Plan, Subscription

SEED = 1894
OPENED = timedelta(days=DAYS + 5)
"""How long before now the first plans went on sale."""
PAGES = "http://localhost:8001"
"""Where the gateway's pages are when the paper is served on its usual port."""
RECENT = timedelta(days=20)
AGAIN = timedelta(hours=12)
CHECKOUT_OVER = timedelta(hours=25)


def make_past(now: datetime, editor: User, subscriber: User) -> None:
    """Months of readers, subscriptions, money and reads up to `now`; the plans must be there.

    `subscriber` bought a year five months ago. Afterwards the gateway's clock runs with real
    time, none of its webhooks waits, and every mail counts as sent when it was written.
    """
    zone, dice = Paper.load().time_zone, Random(SEED)  # noqa: S311  Nothing secret comes of it.
    past = Past(now, zone, _intervals(), dice)
    drawn = happenings(past)
    crowd = readers.make_readers(_joined(past, drawn), dice)
    own = Happening(past.moment(152, 152), len(crowd), "subscribe", YEARLY)
    User.objects.filter(pk=subscriber.pk).update(date_joined=own.at - timedelta(days=19))
    _live(editor, [*crowd, subscriber], sorted([*drawn, own]), now)
    _invite(crowd[-2:], now)
    _claim([subscriber, *crowd], dice, now)
    _keep(subscriber, crowd, dice, now)
    readers.count_reads(now, zone, dice)
    Mail.objects.filter(sent_at=None).update(
        sent_at=F("queued_at"), claimed_at=F("queued_at"), tries=1
    )


def _intervals() -> dict[str, Interval]:
    return {plan.slug: plan.current.interval for plan in Plan.objects.all() if plan.current}


def _joined(past: Past, drawn: list[Happening]) -> list[datetime]:
    """Half of those who subscribe sign up on the way to the checkout, half are readers before."""
    first: dict[int, datetime] = {}
    for happening in drawn:
        first.setdefault(happening.reader, happening.at)
    return [_before(past, first.get(number)) for number in range(readers.READERS)]


def _before(past: Past, first: datetime | None) -> datetime:
    if first is None:
        return past.moment(0, DAYS)
    minutes = past.dice.choice((past.dice.uniform(2, 9), past.dice.uniform(600, 60_000)))
    return first - timedelta(minutes=minutes)


def _live(editor: User, crowd: list[User], drawn: list[Happening], now: datetime) -> None:
    gateway = Gateway(_fresh_book(), url=PAGES, announces=False)
    scene = Scene(Direct(gateway), crowd, editor)
    try:
        with (
            gateway.batch(),
            settings_read_once(),
            translation.override(Paper.load().language),
        ):
            gateway.stop_clock(now - OPENED)
            for at, happening in _calendar(drawn, now):
                gateway.set_clock(at)
                with clock.standing_at(at):
                    _keep_up(scene.till)
                    if happening is None:
                        _end_the_day(scene.till)
                    else:
                        do(scene, happening)
            gateway.start_clock()
    finally:
        gateway.close()
    # Where the gateway's pages are is known when it is served: the worker asks at once.
    Subscription.objects.filter(state=Subscription.PAST_DUE).update(asked_at=None)


def _fresh_book() -> Path:
    """A demo that was not finished leaves a gateway that knows more than the paper: forget it."""
    path = Path(settings.HOME) / FILE
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    return path


def _calendar(drawn: list[Happening], now: datetime) -> Iterator[tuple[datetime, Happening | None]]:
    """Every happening, and between them every day: that is when the worker has its turn."""
    days = [(now - timedelta(days=n), None) for n in range(OPENED.days)]
    moments = [*days, *((happening.at, happening) for happening in drawn)]
    yield from sorted(moments, key=lambda moment: moment[0])


def _keep_up(till: Direct) -> None:
    """Ask about the renewals that fell due, in their order, and end what is over."""
    now = clock.now()
    over = list(Subscription.objects.past_paid(now))
    due = [s for s in over if s.asked_at is None or s.asked_at <= now - AGAIN]
    for subscription in sorted(due, key=Subscription.paid_until):
        actions.settle(till, subscription.ref)
    if over:
        actions.end_due()


def _end_the_day(till: Direct) -> None:
    """What else the worker does: tell the gateway what is untold, take up what was left."""
    for subscription in Subscription.objects.exclude(renews=F("renews_told")):
        actions.tell_gateway(till, subscription)
    over = clock.now() - CHECKOUT_OVER
    for checkout in Checkout.objects.filter(state=Checkout.OPEN, made_at__lt=over):
        actions.settle(till, str(checkout.ref))
    actions.begin_pauses()
    actions.send_gifts()


def _invite(guests: list[User], now: datetime) -> None:
    """Two read on the paper's invitation."""
    for guest in guests:
        Grant.objects.create(
            reader=guest, entitlement="unlimited", valid_from=now - timedelta(days=40),
            reason="Reader of the year",
        )  # fmt: skip


def _claim(crowd: list[User], dice: Random, now: datetime) -> None:
    """One in three who may claimed the partner's benefit in the last weeks."""
    (benefit,) = PartnerBenefit.objects.all()
    entitled = Grant.objects.in_force(now).filter(entitlement=benefit.entitlement)
    may = set(entitled.filter(valid_from__lt=now - RECENT).values_list("reader", flat=True))
    for reader in [one for one in crowd if one.pk in may][::3]:
        with clock.standing_at(now - dice.random() * RECENT):
            actions.claim(reader, benefit)


def _keep(subscriber: User, crowd: list[User], dice: Random, now: datetime) -> None:
    kept = readers.save_articles(subscriber, 3, dice, now)
    for reader in crowd[::4]:
        kept += readers.save_articles(reader, dice.randint(1, 5), dice, now)
    SavedArticle.objects.bulk_create(kept)
