"""Another card for later charges: the page where it is typed in, and what comes of it."""

from dataclasses import dataclass
from typing import Literal

from broadsheet.ledger.providers.fakepay.agreements import Agreement, new_ref, save
from broadsheet.ledger.providers.fakepay.cards import Card, refusal_of
from broadsheet.ledger.providers.fakepay.events import announce
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.orders import check_address
from broadsheet.ledger.providers.fakepay.refusals import Refused, unknown

OPEN_SECONDS = 24 * 3600.0
"""How long a card page waits for its reader."""


@dataclass(frozen=True, slots=True)
class CardPage:
    """A page as it is now. `waiting`: a card can be typed in. `used`: one was accepted here.
    `over`: it waited too long, or nothing is charged any more."""

    ref: str
    agreement: Agreement
    return_url: str
    language: str
    state: Literal["waiting", "used", "over"]


def open_card_page(gateway: Gateway, ref: str, *, return_url: str, language: str) -> str:
    """See `Provider.open_card_page`. Raises Refused: 404, 409 when nothing renews, 422."""
    check_address("return_url", return_url)
    with gateway.book.change():
        agreement = gateway.agreement(ref)
        if not _renews(agreement):
            raise Refused("Nothing renews, so no card is charged.", "Look the agreement up.")
        page, ends = new_ref("cdp"), gateway.now().timestamp() + OPEN_SECONDS
        gateway.book.run(
            "INSERT INTO card_page (ref, agreement, return_url, language, expires_at)"
            " VALUES (?, ?, ?, ?, ?)",
            *(page, ref, return_url, language, ends),
        )
    return f"{gateway.url}/card/{page}"


def _renews(agreement: Agreement) -> bool:
    return agreement.state in ("active", "past_due") and agreement.renews


def card_page(gateway: Gateway, ref: str) -> CardPage:
    """A page and its agreement as they are now. Raises Refused (404) when there is none."""
    with gateway.book.change():
        row = gateway.book.row("SELECT * FROM card_page WHERE ref = ?", ref)
        if row is None:
            raise unknown("card page", ref)
        agreement = gateway.agreement(row["agreement"])
        late = row["expires_at"] <= gateway.now().timestamp() or not _renews(agreement)
        state: Literal["waiting", "used", "over"] = "over" if late else "waiting"
        return CardPage(
            ref, agreement, row["return_url"], row["language"], "used" if row["used"] else state
        )


def change_card(gateway: Gateway, ref: str, card: Card, *, confirmed: bool = False) -> str:
    """What the form of the page does: take later charges from a card, once for each page.

    Nothing is charged. Returns the gateway's sentence when the card is refused, "" when it is kept
    now, or was before. `confirmed` to the card's bank, should it ask. Raises Refused: 404, 410 when
    the page is over.
    """
    with gateway.book.change():
        page = card_page(gateway, ref)
        if page.state == "used":
            return ""
        if page.state == "over":
            raise Refused("This page is closed.", "Start again.", 410)
        problem = refusal_of(card.conduct, 0, confirmed=confirmed)
        if not problem:
            _keep(gateway, page, card)
        return problem


def _keep(gateway: Gateway, page: CardPage, card: Card) -> None:
    """A card that was typed in anew is another one, even with the same digits."""
    agreement, now = page.agreement, gateway.now().timestamp()
    agreement.card_ref = ""
    agreement.keep(card)
    save(gateway.book, agreement)
    gateway.book.run("UPDATE card_page SET used = 1 WHERE ref = ?", page.ref)
    announce(gateway.book, "card.changed", agreement.ref, now)
