"""Give money back: the wish is written first, and told to the gateway until it has heard it."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Dispute, Payment, Refund, RefundOrder
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Provider

TOLD_AGAIN = timedelta(hours=1)
"""A refund that was accepted and is not made yet may still fail at the reader's bank."""


def order_refund(
    payment: Payment, amount: int, reason: str, by: User | None, *, key: str = ""
) -> RefundOrder:
    """Write down that so many minor units of a payment go back; the same `key` again is the same
    order, whatever was sent twice.

    Raises Refusal when that is nothing, or more than is left of the payment.
    """
    with transaction.atomic():
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        known = RefundOrder.objects.filter(payment=locked, key=key).first()
        if known is not None:
            return known
        left = left_of(locked)
        if not 0 < amount <= left:
            raise Refusal(
                f"{amount} of the payment cannot be refunded; {left} is left.",
                "Nothing was changed. Amounts are minor units.",
            )
        return RefundOrder.objects.create(
            key=key or secrets.token_urlsafe(16), payment=locked, amount=amount,
            reason=reason[:200], by=by,
        )  # fmt: skip


def left_of(payment: Payment) -> int:
    """Minor units of a payment neither refunded, nor ordered to be, nor disputed."""
    orders = [order for order in payment.refund_orders.all() if not order.problem]
    told = sum(order.amount for order in orders if order.told_at)
    untold = sum(order.amount for order in orders if not order.told_at)
    back = max(sum(refund.amount for refund in payment.refunds.all()), told)
    return int(payment.amount - back - untold - disputed_of(payment))


def disputed_of(payment: Payment) -> int:
    """Minor units of a payment that a bank holds, or has taken for good."""
    signs = {Dispute.OPEN: 1, Dispute.WON: -1}
    return sum(signs.get(step.step, 0) * step.amount for step in payment.disputes.all())


def awaited() -> QuerySet[Any]:
    """Payments of which more was ordered back than is booked, whether or not the gateway knows."""
    orders = RefundOrder.objects.filter(problem="")
    ordered = orders.filter(payment=OuterRef("pk")).order_by().values("payment")
    booked = Refund.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    found: QuerySet[Any] = (
        Payment.objects.filter(pk__in=orders.values("payment"))
        .annotate(
            ordered=Subquery(ordered.annotate(sum=Sum("amount")).values("sum")),
            booked=Coalesce(Subquery(booked.annotate(sum=Sum("amount")).values("sum")), 0),
        )
        .filter(ordered__gt=F("booked"))
    )
    return found


def tell_refunds(provider: Provider) -> list[RefundOrder]:
    """Tell the gateway of refunds it has not heard of; returns those it accepted.

    What it accepted and has not made is told again each hour, under the same key: a refund that
    failed later is refused then, and its amount is left to be given back another way.
    """
    unmade = Q(told_at__lt=clock.now() - TOLD_AGAIN, payment__in=awaited().values("pk"))
    waiting = RefundOrder.objects.filter(
        Q(told_at=None) | unmade, problem="", payment__provider=provider.name
    ).select_related("payment")
    return [order for order in waiting if _tell(provider, order)]


def _tell(provider: Provider, order: RefundOrder) -> bool:
    try:
        provider.refund(order.payment.ref, order.amount, key=order.key)
    except GatewaySilent:
        return False
    except GatewayRefused as refusal:
        RefundOrder.objects.filter(pk=order.pk).update(problem=str(refusal)[:400], told_at=None)
        return False
    RefundOrder.objects.filter(pk=order.pk).update(told_at=clock.now())
    return True
