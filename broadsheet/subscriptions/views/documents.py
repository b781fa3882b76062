"""Invoices as files: the same for the reader whose it is and for whoever keeps the books."""

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from broadsheet.desk.models import Paper
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions.reads.invoices import invoice_view


def invoice_file(invoice: Invoice) -> HttpResponse:
    """The PDF to be kept, in the paper's language, named after the paper and its number."""
    # The library that draws takes longer to load than most answers take.
    from broadsheet.subscriptions.printing import heading_of, invoice_pdf

    paper = Paper.load()
    with translation.override(paper.language), timezone.override(paper.time_zone):
        view = invoice_view(invoice)
        data, heading = invoice_pdf(view, paper.language), heading_of(view)
    name = f"{slugify(f'{paper.name} {heading}') or 'invoice'}.pdf"
    response = HttpResponse(data, content_type="application/pdf")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response
