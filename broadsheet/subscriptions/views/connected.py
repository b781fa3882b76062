"""The gateway as readers meet it: what is not set, `broadsheet doctor` tells the publisher."""

import logging

from django.utils.translation import gettext as _

from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import Provider

logger = logging.getLogger(__name__)


def connected(name: str) -> Provider | None:
    """The gateway of that name; None while it is not the one in force."""
    try:
        return gateways.named(name)
    except Refusal as refusal:
        logger.error("A reader needs a gateway: %s", refusal)
        return None


def gateway_of(name: str) -> Provider:
    """The same. Raises Refusal, in words for readers, while it is not in force."""
    found = connected(name)
    if found is None:
        words = _("Subscriptions cannot be changed at the moment.")
        raise Refusal(words, _("Nothing was changed. Please try again later."))
    return found
