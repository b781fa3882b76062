"""What buyer, recipient and redeemer of a gift are told, each in the transaction that causes it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Invoice, Refund, RefundOrder
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.gifts.shown import (
    gift_address,
    gift_withdrawal_address,
    redeem_address,
)
from broadsheet.subscriptions.reads.invoices import InvoiceView, invoice_view
from broadsheet.subscriptions.reads.offers import benefits_of, known, period_text
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.withdrawing import gift_withdrawable_until


def bought(gift: GiftSubscription, code: str) -> None:
    """To the buyer: paid, with the invoice; with the code, unless it goes to somebody's address."""
    assert gift.payment is not None
    own = not gift.recipient_email
    _queue(
        "bought", gift, gift.email,
        paid=show(gift.payment.money, Paper.load().language),
        invoice=_invoice(gift, gift.payment.invoice),
        code=code if own else "",
        redeem=redeem_address(code) if own else "",
        recipient=gift.recipient_email,
        send_on=gift.send_on,
        manage=gift_address(gift),
        withdraw=gift_withdrawal_address(gift) if gift_withdrawable_until(gift) else "",
    )  # fmt: skip


def given(gift: GiftSubscription, code: str) -> None:
    """To the recipient: from whom, what it is, and the code."""
    benefits = ", ".join(benefit.title for benefit in benefits_of(gift.version, known()))
    _queue(
        "given", gift, gift.recipient_email,
        giver=gift.buyer_name or gift.email or _("Somebody"), message=gift.message,
        benefits=benefits, code=code, redeem=redeem_address(code),
    )  # fmt: skip


def redeemed(gift: GiftSubscription) -> None:
    """To the reader: from when until when; and to the buyer, if that is somebody else."""
    assert gift.redeemed_by is not None
    assert gift.starts is not None
    assert gift.ends is not None
    _queue(
        "redeemed", gift, gift.redeemed_by.email,
        starts=_local(gift.starts), ends=_local(gift.ends),
        later=gift.starts > (gift.redeemed_at or gift.starts),
    )  # fmt: skip
    if gift.email and gift.buyer_id != gift.redeemed_by_id:
        _queue("taken", gift, gift.email, recipient=gift.recipient_email)


def refunded(gift: GiftSubscription, refund: Refund) -> None:
    """To the buyer: money went back; with the credit note."""
    if gift.email:
        _queue("refunded", gift, gift.email, invoice=_invoice(gift, refund.invoice))


def withdrawn(gift: GiftSubscription, order: RefundOrder, name: str) -> None:
    """To the buyer: what was declared, when, by whom, and what goes back."""
    assert gift.payment is not None
    paper, sum_ = Paper.load(), Money(order.amount, gift.currency)
    _queue(
        "withdrawn", gift, gift.email,
        declarer=name, address=gift.email, at=_local(order.asked_at), zone=paper.time_zone,
        concluded=_local(gift.payment.at), amount=show(sum_, paper.language),
    )  # fmt: skip


def ended(gift: GiftSubscription) -> None:
    """To the reader: the gift was given back, so it opens nothing any more."""
    assert gift.redeemed_by is not None
    _queue("ended", gift, gift.redeemed_by.email)


def _invoice(gift: GiftSubscription, invoice: Invoice) -> InvoiceView:
    """The invoice; who has no account opens the file by the gift's own address."""
    view = invoice_view(invoice)
    if gift.buyer is None:
        return replace(view, pdf=f"{gift_address(gift)}{invoice.label}.pdf")
    return view


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(Paper.load().time_zone))


def _queue(name: str, gift: GiftSubscription, to: str, **facts: Any) -> None:
    if not to:
        return
    paper = letterhead(origin())
    context = {
        "plan": gift.version.plan.name,
        "length": period_text(gift.version.interval),
        "expires": _local(gift.expires_at) if gift.expires_at else None,
        "account": f"{paper.origin}/account/gift-subscriptions/",
        "subscribe": f"{paper.origin}/subscribe/",
    }
    queue(to, f"subscriptions/mail/gift_{name}", context | facts, paper=paper)
