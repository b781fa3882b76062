"""What the checks of subscriptions say alike, and how they walk through many rows."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from broadsheet.subscriptions.models import Grant

CHUNK = 500
ANEW = (
    "Have the gateway send its last webhook about the subscription again, or stop and resume its"
    " renewal in the desk: grants are then written anew."
)
BACKUP = "The paper never writes this: compare with the last good backup."


def named(grant: Grant) -> str:
    """A grant, as a problem begins to speak of it."""
    return f"Grant {grant.pk} ({grant.entitlement})"


def chunked(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The rows by number, so many at a time."""
    found = rows.order_by("id").iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk
