"""Mandates, and the notice before each debit that the law of a currency asks for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import translation

from broadsheet.accounts.models import Mail, User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.providers.base import Charge, Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.models import (
    Mandate,
    PlanChange,
    PredebitNotice,
    Subscription,
)
from broadsheet.subscriptions.reads.account import next_price
from broadsheet.subscriptions.reads.debits import debits, notices
from broadsheet.subscriptions.rules import NOTICE_AHEAD, mandate_rule

MOST = 500
METHODS = {"UPI": Mandate.UPI, "e-mandate": Mandate.EMANDATE}


def take_mandate(subscription: Subscription, standing: Standing) -> None:
    """Note the mandate behind a subscription that renews, where a rule asks for one."""
    rule = mandate_rule(subscription.version.currency, clock.now().date())
    paid = [charge for charge in standing.charges if charge.paid]
    if rule is None or not (paid or subscription.trial):
        return
    wanted = subscription.is_live and subscription.renews
    if not (wanted and standing.renews and standing.state != "ended"):
        Mandate.objects.filter(subscription=subscription).update(state=Mandate.ENDED)
        return
    facts = {"method": _method(paid[-1]) if paid else Mandate.CARD, "state": Mandate.ACTIVE}
    ceiling = max(rule.unasked, subscription.price.amount)
    terms = {"max_amount": ceiling, "currency": rule.currency}
    Mandate.objects.update_or_create(
        subscription=subscription, defaults=facts, create_defaults=facts | terms
    )


def _method(charge: Charge) -> str:
    return METHODS.get(charge.card, Mandate.CARD)


def opt_out(subscription: Subscription, at: datetime | None) -> None:
    """Note that the reader stopped the renewal after the notice; None takes it back."""
    subscription.notices.filter(due_at__gt=clock.now()).update(opted_out_at=at)


def send_notices(most: int = MOST) -> int:
    """Write the notices of debits that come near, and note which have left; how many are new."""
    _note_sent()
    return sum(bool(each(_announce, subscription)) for subscription in _coming()[:most])


def _note_sent() -> None:
    mail = Mail.objects.filter(pk=OuterRef("mail")).values("sent_at")
    left = PredebitNotice.objects.filter(sent_at=None, mail__sent_at__isnull=False)
    left.update(sent_at=Subquery(mail))


def _coming() -> QuerySet[Subscription]:
    """Subscriptions that renew soon, in a currency with a rule, whose debit is not announced."""
    planned = PlanChange.objects.filter(subscription=OuterRef("pk"), state=PlanChange.PLANNED)
    near = debits(clock.now(), NOTICE_AHEAD).filter(~Exists(notices()) | Exists(planned))
    return near.select_related("reader", "version__plan")


def _announce(subscription: Subscription) -> bool:
    with transaction.atomic(), translation.override(Paper.load().language):
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        locked = Subscription.objects.select_related("reader", "version__plan")
        fresh = locked.get(pk=subscription.pk)
        last = fresh.periods.filter(refunded_at=None).order_by("-number").first()
        if not (last or fresh.is_on_trial) or not (fresh.is_live and fresh.renews):
            return False
        price = next_price(fresh)
        due = fresh.next_at()
        rule = mandate_rule(price.currency, due.date())
        if rule is None:
            return False
        notice, is_new = fresh.notices.get_or_create(
            number=last.number + 1 if last else 0, amount=price.amount,
            defaults={"currency": price.currency, "due_at": due},
        )  # fmt: skip
        if is_new:
            notice.mail = mails.announced(fresh, price, due, asked=price.amount > rule.unasked)
            notice.save(update_fields=["mail"])
    return bool(is_new)
