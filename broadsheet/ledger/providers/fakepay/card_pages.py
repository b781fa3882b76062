"""The pages on which a payer puts another card in the place of the one that is kept."""

from collections.abc import Mapping
from html import escape

from broadsheet.ledger.providers.fakepay import cards
from broadsheet.ledger.providers.fakepay.changing_cards import CardPage, card_page, change_card
from broadsheet.ledger.providers.fakepay.events import mode
from broadsheet.ledger.providers.fakepay.http import Answer, Counter, Request, see_other
from broadsheet.ledger.providers.fakepay.parts import (
    alarm,
    bank_asks,
    card_form,
    fields,
    notice,
    way_back,
)
from broadsheet.ledger.providers.fakepay.wording import say, spoken

AS_BEFORE = "Your card is as before. Try another one."


def show(counter: Counter, _request: Request, ref: str) -> Answer:
    """The form, or the way back where there is nothing to type in any more."""
    page = card_page(counter.gateway, ref)
    if page.state == "used":
        return see_other(page.return_url)
    return _over(page) if page.state == "over" else _form(page, {})


def change(counter: Counter, request: Request, ref: str) -> Answer:
    """Keep the card; a second click gets the same way back and changes nothing."""
    page = card_page(counter.gateway, ref)
    if page.state != "waiting":
        return show(counter, request, ref)
    typed = request.form()
    number, expiry, cvc = (typed.get(name, "") for name in ("number", "expiry", "cvc"))
    wrong = cards.problems(number, expiry, cvc, counter.gateway.now())
    if wrong:
        return _form(page, wrong, 422)
    card, said = cards.read_number(number, expiry), typed.get("bank", "")
    if card.conduct == "asks" and said not in ("yes", "no"):
        language = spoken(page.language)
        sentence = "May {seller} take later payments from this card?"
        asked = say(sentence, language, seller=page.agreement.seller)
        return bank_asks(asked, f"/card/{page.ref}", typed, language)
    problem = change_card(counter.gateway, ref, card, confirmed=said == "yes")
    if problem:
        return _form(page, {"": problem}, 402)
    if mode(counter.gateway.book) == "first":
        counter.deliveries.deliver(page.agreement.ref)
    return see_other(page.return_url)


def _form(page: CardPage, wrong: Mapping[str, str], status: int = 200) -> Answer:
    """The card form. `wrong` has a sentence by field, under "" the one about the card itself."""
    agreement, language = page.agreement, spoken(page.language)
    title = say("Another card for {seller}", language, seller=agreement.seller)
    kept = say("Until now: card {card}.", language, card=f"•••• {agreement.card}")
    today = say("Nothing is charged today. Later payments are taken from this card.", language)
    inside = (
        f'<p class="bought">{escape(agreement.description)}</p>'
        f'<p class="often">{escape(kept)} {escape(today)}</p>'
        f"{alarm(wrong, language, AS_BEFORE)}"
        f'<form method="post" action="/card/{page.ref}" novalidate>{fields(wrong, language)}'
        f'<button class="pay">{escape(say("Use this card", language))}</button></form>'
        f'<div class="leave">{way_back(agreement.seller, page.return_url, language)}</div>'
    )
    return card_form(title, inside, wrong, language, status)


def _over(page: CardPage) -> Answer:
    """It waited too long, or nothing is charged any more."""
    language = spoken(page.language)
    sentence = "Your card is as before. To change it, start again from your account."
    back = way_back(page.agreement.seller, page.return_url, language)
    return notice("This page is closed", sentence, language, 410, back)
