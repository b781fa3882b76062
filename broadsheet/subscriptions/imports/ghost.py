"""Ghost's export of members: Settings, Members, Export.

Columns as Ghost writes them since version 5: id, email, name, note, subscribed_to_emails,
complimentary_plan, stripe_customer_id, created_at, deleted_at, labels, tiers ("products" before).
It does not say until when a member has paid: Stripe's list of subscriptions does.
"""

from broadsheet.subscriptions.imports.cells import Cells
from broadsheet.subscriptions.imports.rows import COMPLIMENTARY, Row

SOURCE = "ghost"
NEEDED = frozenset({"id", "email", "complimentary_plan", "stripe_customer_id"})


def row(cells: Cells, line: int) -> Row | None:
    """The row of a line; None for a member who was deleted there. Raises BadCell."""
    if cells.text("deleted_at"):
        return None
    complimentary = cells.yes("complimentary_plan")
    tiers = cells.text("tiers") or cells.text("products")
    return Row(
        line,
        cells.text("id"),
        cells.email("email"),
        cells.text("name", 150),
        tiers or (COMPLIMENTARY if complimentary else ""),
        complimentary=complimentary,
        gateway=cells.text("stripe_customer_id"),
    )
