"""The gateway without the network: the same calls, straight on the engine, for seeding."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from broadsheet.ledger.providers.base import Change, Hosted, Listing, Order, Standing, Told
from broadsheet.ledger.providers.fakepay import changing_cards
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.gateway import Gateway, Outcome
from broadsheet.ledger.providers.fakepay.orders import CAN
from broadsheet.ledger.providers.fakepay.signing import verify


class Direct:
    """A `Provider` on a Gateway in this process. It is never silent.

    Many calls belong into one `gateway.batch()`: each one outside of it is a commit of its own.
    """

    name = "fakepay"
    can = CAN
    trial_wait = timedelta()

    def __init__(self, gateway: Gateway, webhook_secret: str = "") -> None:
        self.gateway = gateway
        self._secret = webhook_secret

    def check_order(self, order: Order) -> None:
        """See `Provider.check_order`: it sells whatever an order can say."""

    def open_checkout(self, order: Order) -> Hosted:
        """See `Provider.open_checkout`."""
        return self.gateway.open_checkout(order)

    def look_up(self, ref: str) -> Standing:
        """See `Provider.look_up`."""
        return self.gateway.look_up(ref)

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Told:
        """See `Provider.verify`."""
        return verify(self._secret, headers, body, now)

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """See `Provider.set_renewal`."""
        self.gateway.set_renewal(ref, renews=renews)

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """See `Provider.refund`."""
        self.gateway.refund(charge, amount, key=key)

    def change(self, ref: str, change: Change) -> None:
        """See `Provider.change`."""
        self.gateway.change(ref, change)

    def drop_change(self, ref: str, key: str) -> None:
        """See `Provider.drop_change`."""
        self.gateway.drop_change(ref, key)

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """See `Provider.pause`."""
        self.gateway.pause(ref, number=number, until=until)

    def resume(self, ref: str, *, number: int) -> None:
        """See `Provider.resume`."""
        self.gateway.resume(ref, number=number)

    def open_card_page(self, ref: str, *, return_url: str, language: str) -> str:
        """See `Provider.open_card_page`."""
        return changing_cards.open_card_page(
            self.gateway, ref, return_url=return_url, language=language
        )

    def change_card(self, page: str, number: str, *, confirmed: bool = False) -> bool:
        """Fill in the form of a card page, by its address; whether the card is kept now.

        Raises GatewayRefused when it is no card number, and when the page is over.
        """
        ref, card = page.rpartition("/")[2], read_number(number)
        return not changing_cards.change_card(self.gateway, ref, card, confirmed=confirmed)

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """See `Provider.list_since`."""
        return self.gateway.list_since(since, cursor)

    def pay(self, ref: str, number: str, *, confirmed: bool = False) -> Outcome:
        """Fill in the hosted form with a card number; `confirmed` to its bank, should it ask.

        Raises GatewayRefused when it is no card number.
        """
        return self.gateway.pay(ref, read_number(number), confirmed=confirmed)
