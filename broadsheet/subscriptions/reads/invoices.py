"""Invoices as readers see them, on the page and in the mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.desk.models import Paper
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Invoice
from broadsheet.ledger.taxes.rules import OUTSIDE, REVERSE
from broadsheet.look.strict import View
from broadsheet.subscriptions.reads.origin import origin


@dataclass(frozen=True, slots=True)
class LineView(View):
    """A line of an invoice: what it is called, and an amount or a fact."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class InvoiceView(View):
    """An invoice, or a credit note when `credits` names the invoice it takes back.

    Dates are in the paper's zone; amounts are written out. `taxes` are the lines between net and
    total, none when nothing is levied; `facts` what a tax office looks for; `note` says why nothing
    is levied, if a law does. `pdf` is the whole address of the file, for mail.
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
    taxes: tuple[LineView, ...]
    total: str
    pdf: str
    facts: tuple[LineView, ...] = ()
    note: str = ""


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
        buyer=_buyer(invoice),
        what=what or invoice.description,
        first=local(invoice.period_from),
        until=local(invoice.period_until),
        net=written(invoice.net),
        taxes=tuple(LineView(name, written(amount)) for name, amount in _taxes(invoice)),
        total=written(invoice.total),
        pdf=f"{origin()}/account/invoices/{invoice.label}/pdf/",
        facts=tuple(_facts(invoice)),
        note=ground_text(invoice.ground),
    )


def _buyer(invoice: Invoice) -> str:
    number = f"{_('Tax number')} {invoice.buyer_number}" if invoice.buyer_number else ""
    return "\n".join(part for part in (invoice.buyer, invoice.buyer_address, number) if part)


def _taxes(invoice: Invoice) -> Iterator[tuple[str, int]]:
    """Each tax and the rounding, without what is nothing."""
    lines = invoice.taxes or [(invoice.tax_name, invoice.tax_rate, invoice.tax)]
    for name, rate, amount in lines:
        if amount:
            yield levy_text(name, rate), amount
    if invoice.rounding:
        yield _("Rounding"), invoice.rounding


def levy_text(name: str, rate: int) -> str:
    """A tax and its rate: "CGST 9%"."""
    return _("%(tax)s %(rate)s%%") % {"tax": name or _("tax"), "rate": f"{rate / 100:g}"}


def _facts(invoice: Invoice) -> Iterator[LineView]:
    if invoice.place:
        yield LineView(_("Place of supply"), invoice.place)
    if invoice.code:
        yield LineView(_("HSN/SAC"), invoice.code)


def ground_text(ground: str) -> str:
    """Why no tax is charged, as the law wants it said; "" when none says so."""
    return {
        REVERSE: _("Reverse charge: the recipient accounts for the VAT (Directive 2006/112/EC)."),
        OUTSIDE: _("Not taxed in the EU: the reader is outside of it (Directive 2006/112/EC)."),
    }.get(ground, "")
