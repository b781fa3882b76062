"""An invoice or a credit note as a PDF: text that can be selected, with its letters inside. Of
India's scripts what is copied lacks the letters that were joined: a PDF knows their shapes.

The same invoice is always the same bytes. What it says is what the page of the invoice says
(`InvoiceView`), in the language that is active.
"""

from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from broadsheet.look import lettering
from broadsheet.subscriptions.reads.invoices import InvoiceView

MARGIN, LABELS, AMOUNTS = 25 * mm, 35 * mm, 40 * mm
WIDTH = A4[0] - 2 * MARGIN
LEADING = {8: 11, 10: 14, 18: 24}
"""Points from line to line, by size."""


def invoice_pdf(invoice: InvoiceView, language: str) -> bytes:
    """The PDF. `language` is the active one, for programs that read the page aloud."""
    lettering.register()
    out, heading = BytesIO(), heading_of(invoice)
    parts = [*_head(invoice, heading), _facts(invoice), Spacer(1, 8 * mm), _amounts(invoice)]
    if invoice.note:
        parts += [Spacer(1, 8 * mm), _text(invoice.note)]
    SimpleDocTemplate(
        out, pagesize=A4, invariant=1, lang=language,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=heading, author=invoice.seller.partition("\n")[0], creator="Broadsheet",
    ).build(parts)  # fmt: skip
    return out.getvalue()


def heading_of(invoice: InvoiceView) -> str:
    """What it is, and its number."""
    return f"{_('Credit note') if invoice.credits else _('Invoice')} {invoice.label}"


def _text(text: str, *, size: int = 10, bold: bool = False, right: bool = False) -> Paragraph:
    style = ParagraphStyle(
        "",
        fontName=lettering.BOLD if bold else lettering.PLAIN,
        fontSize=size,
        leading=LEADING[size],
        alignment=2 if right else 0,
        splitLongWords=1,
        shaping=1,
    )
    return Paragraph(lettering.marked(text), style)


def _head(invoice: InvoiceView, heading: str) -> list[Any]:
    name, _break, address = invoice.seller.partition("\n")
    parts = [_text(name, bold=True), _text(address, size=8), Spacer(1, 14 * mm)]
    parts += [_text(heading, size=18, bold=True), Spacer(1, 6 * mm)]
    if invoice.credits:
        taken = _("Takes back invoice %(label)s.") % {"label": invoice.credits}
        parts += [_text(taken), Spacer(1, 4 * mm)]
    return parts


def _facts(invoice: InvoiceView) -> Table:
    rows = [
        (_("Date"), date_format(invoice.issued, "DATE_FORMAT")),
        (_("To"), invoice.buyer),
        (_("For"), invoice.what),
    ]
    if invoice.first and invoice.until:
        days = (date_format(day, "DATE_FORMAT") for day in (invoice.first, invoice.until))
        rows.append((_("Period"), " – ".join(days)))
    rows += [(fact.label, fact.text) for fact in invoice.facts]
    cells = [[_text(label, bold=True), _text(value)] for label, value in rows]
    return Table(cells, colWidths=[LABELS, WIDTH - LABELS], style=_style(), hAlign="LEFT")


def _amounts(invoice: InvoiceView) -> Table:
    rows = [(line.label, line.text) for line in invoice.taxes]
    rows = [(_("Net"), invoice.net), *rows] if rows else []
    cells = [[_text(label), _text(amount, right=True)] for label, amount in rows]
    cells.append([_text(_("Total"), bold=True), _text(invoice.total, bold=True, right=True)])
    line = ("LINEABOVE", (0, -1), (-1, -1), 0.8, "black")
    edge = ("RIGHTPADDING", (-1, 0), (-1, -1), 0)
    widths = [WIDTH - AMOUNTS, AMOUNTS]
    return Table(cells, colWidths=widths, style=[*_style(), line, edge], hAlign="LEFT")


def _style() -> list[Any]:
    return [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)]
