"""What a payer does at the bank, where neither the seller nor the gateway is asked."""

from broadsheet.ledger.providers.fakepay.cards import REVOKED, Card
from broadsheet.ledger.providers.fakepay.events import announce
from broadsheet.ledger.providers.fakepay.gateway import Gateway


def revoke(gateway: Gateway, ref: str) -> None:
    """The payer ends the mandate: the next charge fails, and is not tried again.

    Another card is another mandate. Raises Refused: 404, 409 when no card was kept.
    """
    with gateway.book.change():
        gateway.set_card(ref, Card(gateway.agreement(ref).card, REVOKED))
        announce(gateway.book, "mandate.revoked", ref, gateway.now().timestamp())
