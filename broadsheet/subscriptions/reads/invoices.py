"""Invoices as readers see them, on the page and in the mail."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.desk.models import Paper
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Invoice
from broadsheet.look.strict import View
from broadsheet.subscriptions.reads.origin import origin


@dataclass(frozen=True, slots=True)
class InvoiceView(View):
    """An invoice, or a credit note when `credits` names the invoice it takes back.

    Dates are in the paper's zone; amounts are written out. `tax` is "" when there is none. `pdf` is
    the whole address of the file, for mail.
    """

    label: str
    credits: str
    issued: datetime
    seller: str
    buyer: str
    what: str
    first: datetime | None
    until: datetime | None
    net: str
    tax_name: str
    tax: str
    total: str
    pdf: str


def invoice_view(invoice: Invoice, what: str = "") -> InvoiceView:
    """The view of one invoice; `what` replaces its own description."""
    paper = Paper.load()
    zone, currency = ZoneInfo(paper.time_zone), invoice.currency

    def written(amount: int) -> str:
        return show(Money(amount, currency), paper.language)

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone) if at else None

    return InvoiceView(
        label=invoice.label,
        credits=invoice.credits.label if invoice.credits else "",
        issued=invoice.issued_at.astimezone(zone),
        seller=invoice.seller,
        buyer=invoice.buyer,
        what=what or invoice.description,
        first=local(invoice.period_from),
        until=local(invoice.period_until),
        net=written(invoice.net),
        tax_name=_tax_name(invoice) if invoice.tax else "",
        tax=written(invoice.tax) if invoice.tax else "",
        total=written(invoice.total),
        pdf=f"{origin()}/account/invoices/{invoice.label}/pdf/",
    )


def _tax_name(invoice: Invoice) -> str:
    facts = {"tax": invoice.tax_name or _("tax"), "rate": f"{invoice.tax_rate / 100:g}"}
    return _("%(tax)s %(rate)s%%") % facts
