"""A plain list: one line for each subscriber, with the columns that docs/importing.md names."""

from broadsheet.subscriptions.imports.cells import Cells
from broadsheet.subscriptions.imports.rows import COMPLIMENTARY, UNNAMED, Row

SOURCE = "plain"
NEEDED = frozenset({"email"})


def row(cells: Cells, line: int) -> Row | None:
    """The row of a line; only the address is needed. Raises BadCell."""
    complimentary, until = cells.yes("complimentary"), cells.moment("paid_until")
    otherwise = COMPLIMENTARY if complimentary else UNNAMED if until else ""
    return Row(
        line,
        cells.text("id"),
        cells.email("email"),
        cells.text("name", 150),
        cells.text("plan") or otherwise,
        until,
        complimentary=complimentary,
        cancelled=cells.yes("cancelled"),
        gateway=cells.text("gateway_id"),
    )
