"""Deleted entries (RFC 6721): the one way a feed of the open web withdraws an item."""

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.parsed import Draft, Reading
from broadsheet.wire.formats.tree import Element, base_of, fields, first

DELETED = "at:deleted-entry"


def deleted(element: Element, reading: Reading) -> Draft:
    """A deleted entry names what it withdraws in ``ref`` (RFC 6721, section 3)."""
    found = fields(element)
    links = (link.get("href", "") for link in found.named("atom:link", "link"))
    return Draft(
        key=element.get("ref", ""),
        link=next((link for link in links if link), ""),
        status="canceled",
        signal="withdrawal",
        updated=read_date(element.get("when", ""), reading.zone),
        ednote=first(found, "at:comment"),
        base=base_of(element, reading.base),
    )
