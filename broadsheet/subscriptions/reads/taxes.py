"""What of a price is tax, for one reader or for all of them, before it is paid."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Billing, Seller
from broadsheet.ledger.taxes.rules import Levy, Taxation, divided, taxation
from broadsheet.ledger.taxes.table import rate_at
from broadsheet.subscriptions.models import PlanVersion
from broadsheet.subscriptions.reads.invoices import ground_text, levy_text
from broadsheet.subscriptions.reads.offers import tax_text


def is_asked_where(reader: User) -> bool:
    """Whether the reader's place must be known before anything is paid, and is not."""
    return Seller.current().asks_where and not Billing.objects.filter(reader=reader).exists()


def due_for(version: PlanVersion, reader: User) -> Taxation:
    """What a charge of the plan would owe today for a reader."""
    seller, own = Seller.current(), Levy(version.tax_name, version.tax_rate)
    return taxation(seller.party(), Billing.of(reader), own, _today(), oss=seller.oss)


def reader_tax(version: PlanVersion, reader: User, language: str, *, within: bool = False) -> str:
    """Whether tax is in the reader's price: "CGST 9% + SGST 9% included"; `within` a price that
    was reduced it is."""
    due = due_for(version, reader)
    own = (Levy(version.tax_name, version.tax_rate),) if version.tax_rate else ()
    if due.ground:
        return ground_text(due.ground)
    if due.levies == own:
        return tax_text(version, language, within=within)
    if not due.levies:
        return _("No tax is charged")
    named = " + ".join(levy_text(levy.name, levy.rate) for levy in due.levies)
    return _("%(taxes)s included") % {"taxes": named}


def rate_warning(version: PlanVersion) -> str:
    """What the desk is told when a plan's rate is not the table's of today, or does not count for
    all readers; "" when it is, and does."""
    seller = Seller.current()
    return " ".join(part for part in (_differing(version, seller), _elsewhere(seller)) if part)


def _elsewhere(seller: Seller) -> str:
    if not seller.taxes_by_country:
        return ""
    return _(
        "Readers in other countries of the EU pay the VAT of theirs by the table: where no lower"
        " one is verified, the standard rate."
    )


def _differing(version: PlanVersion, seller: Seller) -> str:
    there = rate_at(seller.country, _today())
    if there is None or there.rate == version.tax_rate:
        return ""
    facts = {"tax": levy_text(there.tax, there.rate), "lead": there.lead, "source": there.source}
    words = _("The table of taxes says %(tax)s here today, the plan says otherwise. %(lead)s")
    doubt = "" if there.verified else _("This rate is not verified: ask your tax adviser.")
    source = _("Source: %(source)s.")
    return " ".join(part for part in (words % facts, doubt, source % facts) if part)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(Paper.load().time_zone)).date()


def included_text(due: int, version: PlanVersion, reader: User) -> str:
    """The taxes inside `due` minor units, as the invoice will have them; "" when there are none."""
    levies = due_for(version, reader).levies if due else ()
    taxes = zip(levies, divided(due, levies).taxes, strict=True)
    return "; ".join(_tax_line(levy, Money(tax, version.currency)) for levy, tax in taxes)


def _tax_line(levy: Levy, amount: Money) -> str:
    written = show(amount, Paper.load().language)
    facts = {"tax": levy.name or _("tax"), "rate": f"{levy.rate / 100:g}", "amount": written}
    return _("%(tax)s %(rate)s%%: %(amount)s, included") % facts
