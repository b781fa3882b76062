"""Invoices, payments and refunds: numbers without gaps, equal to their postings."""

from collections.abc import Callable, Iterator

from django.db.models import Count, Max, Min, Sum

from broadsheet.ledger.checks.problem import TAMPERED, Problem
from broadsheet.ledger.models import Dispute, Fee, Invoice, Journal, Payment, Refund
from broadsheet.ledger.rules import (
    DEFERRED,
    DISPUTED,
    FEES,
    GIFTS,
    SALES,
    gateway_account,
    is_not_ours,
    is_tax,
    number_text,
)
from broadsheet.press_log.models import Counter


def problems() -> Iterator[Problem]:
    """Everything that the paper wrote for readers, against the postings."""
    for text in (*_series(), *_over()):
        yield Problem(text, TAMPERED)
    for check in (_labels, _payments, _refunds, _fees, _disputes):
        for text in check():
            yield Problem(text, TAMPERED)


def _labels() -> Iterator[str]:
    for invoice in Invoice.objects.order_by("id").iterator(chunk_size=500):
        if not invoice.label.endswith(number_text(invoice.series, invoice.number)):
            yield f"Invoice {invoice.series}-{invoice.number} carries the number {invoice.label}."
        if invoice.taxes and sum(amount for _name, _rate, amount in invoice.taxes) != invoice.tax:
            yield f"The taxes of invoice {invoice.label} do not add up to {invoice.tax}."


def _series() -> Iterator[str]:
    found = Invoice.objects.order_by().values("series")
    for row in found.annotate(n=Count("id"), first=Min("number"), last=Max("number")):
        name = f"invoice:{row['series']}"
        taken = Counter.objects.filter(name=name).values_list("value", flat=True).first()
        if row["first"] != 1 or row["n"] != row["last"] or taken != row["last"]:
            yield f"Invoice numbers of {row['series']} have a gap."


def _payments() -> Iterator[str]:
    rows = Payment.objects.select_related("invoice", "journal").prefetch_related(
        "journal__postings"
    )
    for payment in rows.order_by("id").iterator(chunk_size=500):
        name, invoice = f"Payment {payment.ref}", payment.invoice
        taken = _at_gateway(payment.journal, payment.provider)
        if payment.journal.kind != "payment" or taken != payment.amount:
            yield f"{name} is {payment.amount}, its postings say {taken}."
        if not payment.at == payment.journal.at == invoice.issued_at:
            yield f"{name}, its postings and its invoice are of different moments."
        if not _is_owed(payment.journal, invoice):
            yield f"{name} has another tax in its postings than on its invoice."
        if _posted(payment.journal, _is_ours) != -invoice.net:
            yield f"{name} has another net amount in its postings than on its invoice."
        if (invoice.total, invoice.currency) != (payment.amount, payment.currency):
            yield f"{name} is {payment.amount}, its invoice says {invoice.total}."


def _refunds() -> Iterator[str]:
    rows = Refund.objects.select_related("invoice", "journal", "payment")
    found = rows.prefetch_related("journal__postings").order_by("id")
    for refund in found.iterator(chunk_size=500):
        given = -_at_gateway(refund.journal, refund.provider)
        if refund.journal.kind != "refund" or given != refund.amount:
            yield f"Refund {refund.ref} is {refund.amount}, its postings say {given}."
        if -refund.invoice.total != refund.amount:
            yield f"Refund {refund.ref} is {refund.amount}, its credit note says otherwise."
        if not _is_owed(refund.journal, refund.invoice):
            yield f"Refund {refund.ref} has another tax in its postings than on its credit note."


def _fees() -> Iterator[str]:
    rows = Fee.objects.select_related("journal").prefetch_related("journal__postings")
    for fee in rows.order_by("id").iterator(chunk_size=500):
        if _posted(fee.journal, FEES.__eq__) != fee.amount:
            yield f"The fee of {fee.ref} is {fee.amount}, its postings say otherwise."


def _disputes() -> Iterator[str]:
    rows = Dispute.objects.select_related("invoice", "journal")
    found = rows.prefetch_related("journal__postings").order_by("id")
    for step in found.iterator(chunk_size=500):
        held = step.amount if step.step == Dispute.OPEN else -step.amount
        if _posted(step.journal, DISPUTED.__eq__) != held:
            yield f"Dispute {step.ref} ({step.step}) is of {step.amount}, its postings say not."
        noted = -step.invoice.total if step.invoice else 0
        if noted != (step.amount if step.step == Dispute.LOST else 0):
            yield f"Dispute {step.ref} ({step.step}) is of {step.amount}, its credit note says not."


def _over() -> Iterator[str]:
    notes = Invoice.objects.exclude(credits=None).order_by().values("credits__label")
    for row in notes.annotate(back=-Sum("total"), whole=Max("credits__total")):
        if row["back"] > row["whole"]:
            yield f"More was given back than paid: {row['credits__label']}."


def _at_gateway(journal: Journal, provider: str) -> int:
    return _posted(journal, gateway_account(provider).__eq__)


def _is_ours(account: str) -> bool:
    return account in (SALES, DEFERRED, GIFTS)


def _is_owed(journal: Journal, invoice: Invoice) -> bool:
    """Whether each tax and the rounding are posted as the invoice has them.

    The journals of an older version post all taxes to one account.
    """
    if not invoice.taxes:
        return _posted(journal, is_tax) == -invoice.tax
    posted = {p.account: -p.amount for p in journal.postings.all() if is_not_ours(p.account)}
    return posted == {account: amount for account, amount in invoice.owed if amount}


def _posted(journal: Journal, counts: Callable[[str], bool]) -> int:
    return sum(p.amount for p in journal.postings.all() if counts(p.account))
