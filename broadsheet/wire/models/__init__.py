"""The wire's models; public names are imported from here."""

from broadsheet.wire.models.feeds import Auth, Feed, Fetch, Outcome
from broadsheet.wire.models.items import BY_MAIL, Alias, Arrival, Item, Status, Version
from broadsheet.wire.models.sending import (
    Follow,
    HubLease,
    PushAddress,
    PushDelivery,
    Wanted,
    new_token,
)
from broadsheet.wire.models.sources import Source, is_zone

__all__ = [
    "BY_MAIL",
    "Alias",
    "Arrival",
    "Auth",
    "Feed",
    "Fetch",
    "Follow",
    "HubLease",
    "Item",
    "Outcome",
    "PushAddress",
    "PushDelivery",
    "Source",
    "Status",
    "Version",
    "Wanted",
    "is_zone",
    "new_token",
]
