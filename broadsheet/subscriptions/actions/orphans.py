"""What comes for an account that was erased: the books go on, and name nobody.

With the account its checkouts and subscriptions went; its payments stay. A refund made in the
gateway's own pages, a dispute or a fee is booked for them by the charge it is about.
"""

from django.db import transaction
from django.utils import translation

from broadsheet.desk.models import Paper
from broadsheet.ledger.actions import book_dispute, book_fee, book_refund
from broadsheet.ledger.models import Dispute, Fee, Payment, Refund
from broadsheet.ledger.providers.base import Provider, Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.gifts.settling import settle_gift
from broadsheet.subscriptions.actions.settling import NoCheckout, settle


def take_over(provider: Provider, ref: str) -> None:
    """Settle, also a gift, or for an account that was erased meanwhile.

    Raises GatewaySilent, and Refusal for what is not ours or was not agreed to.
    """
    try:
        settle(provider, ref)
    except NoCheckout as unknown:
        standing = unknown.standing
        if settle_gift(provider, standing) is None and not settle_erased(provider, standing):
            raise


def settle_erased(provider: Provider, standing: Standing) -> bool:
    """Book what is new about payments of nobody; False when none of the charges is booked."""
    charges = [charge.ref for charge in standing.charges if charge.paid]
    found = Payment.objects.filter(provider=provider.name, ref__in=charges, period=None)
    paper = Paper.load()
    with transaction.atomic(), translation.override(paper.language):
        payments = {payment.ref: payment for payment in found}
        _book(payments, standing, paper.time_zone)
    return bool(payments)


def _book(payments: dict[str, Payment], standing: Standing, zone: str) -> None:
    fees = _known(Fee, payments)
    for charge in standing.charges:
        if charge.fee and charge.ref in payments and charge.ref not in fees:
            book_fee(payments[charge.ref], charge.ref, charge.fee, charge.at)
    refunds = _known(Refund, payments)
    for refunded in standing.refunds:
        if refunded.charge in payments and refunded.ref not in refunds:
            book_refund(payments[refunded.charge], refunded, zone)
    for disputed in standing.disputes:
        if disputed.charge not in payments:
            continue
        for step in book_dispute(payments[disputed.charge], disputed, zone):
            if step.step == Dispute.OPEN:
                mails.dispute_opened(step)
        if disputed.fee and disputed.ref not in fees:
            book_fee(payments[disputed.charge], disputed.ref, disputed.fee, disputed.at)


def _known(rows: type[Fee] | type[Refund], payments: dict[str, Payment]) -> set[str]:
    about = rows.objects.filter(payment__in=payments.values())
    return set(about.values_list("ref", flat=True))
