"""Do the books agree with themselves? Sentences about what does not."""

from collections.abc import Iterator

from django.db.models import Count, Max, Min, Sum

from broadsheet.ledger import sealing
from broadsheet.ledger.models import Invoice, Journal, Payment, Refund
from broadsheet.ledger.rules import TAX, Line, gateway_account, is_balanced
from broadsheet.press_log.models import Counter


def problems() -> Iterator[str]:
    """Everything that is wrong with journals, invoices, payments and refunds."""
    yield from _journals()
    yield from _orphans()
    yield from _series()
    yield from _labels()
    yield from _payments()
    yield from _refunds()


def _journals() -> Iterator[str]:
    expected, before = 1, ""
    for journal in Journal.objects.prefetch_related("postings").iterator(chunk_size=500):
        if journal.number != expected:
            yield f"Journal {expected} is missing."
            expected = journal.number
        yield from _journal(journal, before)
        expected, before = expected + 1, journal.seal
    last = Counter.objects.filter(name="journal").values_list("value", flat=True).first() or 0
    if expected <= last:
        yield f"Journals {expected} to {last} are missing."


def _journal(journal: Journal, before: str) -> Iterator[str]:
    postings = list(journal.postings.all())
    lines = tuple(Line(posting.account, posting.amount) for posting in postings)
    currencies = {posting.currency for posting in postings}
    if len(currencies) != 1:
        yield f"Journal {journal.number} has postings in {len(currencies)} currencies."
    if not is_balanced(lines):
        yield f"Journal {journal.number} does not balance: {sum(line.amount for line in lines)}."
    seal = sealing.seal_of(journal, lines, next(iter(currencies), ""), before)
    if seal != journal.seal:
        yield (
            f"Journal {journal.number} was changed after it was written, or BROADSHEET_SECRET_KEY"
            " is another one than then."
        )


def _orphans() -> Iterator[str]:
    for journal in Journal.objects.filter(payment=None, refund=None):
        yield f"Journal {journal.number} belongs to no payment and no refund."


def _labels() -> Iterator[str]:
    for invoice in Invoice.objects.order_by("id").iterator(chunk_size=500):
        if not invoice.label.endswith(f"{invoice.series}-{invoice.number:06d}"):
            yield f"Invoice {invoice.series}-{invoice.number} carries the number {invoice.label}."


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
        name = f"Payment {payment.ref}"
        taken = _at_gateway(payment.journal, payment.provider)
        if payment.journal.kind != "payment" or taken != payment.amount:
            yield f"{name} is {payment.amount}, its postings say {taken}."
        if not payment.at == payment.journal.at == payment.invoice.issued_at:
            yield f"{name}, its postings and its invoice are of different moments."
        if _posted(payment.journal, TAX) != -payment.invoice.tax:
            yield f"{name} has another tax in its postings than on its invoice."
        if (payment.invoice.total, payment.invoice.currency) != (payment.amount, payment.currency):
            yield f"{name} is {payment.amount}, its invoice says {payment.invoice.total}."


def _refunds() -> Iterator[str]:
    rows = Refund.objects.select_related("invoice", "journal", "payment")
    for refund in rows.prefetch_related("journal__postings").order_by("id"):
        given = -_at_gateway(refund.journal, refund.provider)
        if refund.journal.kind != "refund" or given != refund.amount:
            yield f"Refund {refund.ref} is {refund.amount}, its postings say {given}."
        if -refund.invoice.total != refund.amount:
            yield f"Refund {refund.ref} is {refund.amount}, its credit note says otherwise."
    over = Payment.objects.order_by().annotate(back=Sum("refunds__amount"))
    for payment in over.filter(back__isnull=False):
        if payment.back > payment.amount:
            yield f"More was refunded than paid: {payment.ref}."


def _at_gateway(journal: Journal, provider: str) -> int:
    return _posted(journal, gateway_account(provider))


def _posted(journal: Journal, account: str) -> int:
    return sum(p.amount for p in journal.postings.all() if p.account == account)
