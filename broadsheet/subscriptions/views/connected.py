"""The gateway as readers meet it: what is not set, `broadsheet doctor` tells the publisher."""

import logging

from django.utils.translation import gettext as _

from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Provider
from broadsheet.subscriptions import actions

logger = logging.getLogger(__name__)


def in_words(refusal: Refusal) -> str:
    """A refusal for readers. What a gateway says, and what is wrong with what it says, is for the
    log: nobody knows then whether anything was charged."""
    if not isinstance(refusal, GatewayRefused | actions.Unbooked):
        return str(refusal)
    logger.warning("A reader was refused by the gateway: %s", refusal)
    return _("The payment service did not accept this. Please try again later.")


def connected(name: str) -> Provider:
    """The gateway of that name. One that is not in force is silent to readers: GatewaySilent."""
    try:
        return gateways.named(name)
    except Refusal as refusal:
        logger.error("A reader needs a gateway: %s", refusal)
        raise GatewaySilent(str(refusal)) from refusal


def gateway_of(name: str) -> Provider:
    """The same, where silence would mean that something was asked for. Raises Refusal, in words for
    readers."""
    try:
        return connected(name)
    except GatewaySilent as silence:
        words = _("Subscriptions cannot be changed at the moment.")
        raise Refusal(words, _("Nothing was changed. Please try again later.")) from silence
