"""What the payer sees. No script; everything that came from outside is escaped."""

from collections.abc import Mapping
from html import escape

from broadsheet.kit.money import Money
from broadsheet.kit.money import show as show_money
from broadsheet.ledger.providers.fakepay.agreements import Agreement
from broadsheet.ledger.providers.fakepay.changes import Wanted
from broadsheet.ledger.providers.fakepay.http import Answer
from broadsheet.ledger.providers.fakepay.parts import (
    alarm,
    bank_asks,
    card_form,
    fields,
    notice,
    way_back,
)
from broadsheet.ledger.providers.fakepay.wording import how_often, say, spoken

NOT_CHARGED = "You have not been charged. Try another card."


def form(
    agreement: Agreement,
    wrong: Mapping[str, str],
    status: int = 200,
    wanted: Wanted | None = None,
) -> Answer:
    """The card form, for a period or for a change that is `wanted` at once.

    `wrong` has a sentence by field, under "" the one about the card itself.
    """
    language = spoken(agreement.language)
    title = say("Pay {seller}", language, seller=agreement.seller)
    price = _price(agreement, wanted.due if wanted else _today(agreement))
    inside = (
        f"{_bought(agreement, wanted, language)}{alarm(wrong, language, NOT_CHARGED)}"
        f"{_kept(agreement, price, language) if wanted else ''}"
        f'<form method="post" action="/pay/{agreement.ref}" novalidate>'
        f"{fields(wrong, language)}"
        f'<button class="pay">{escape(say("Pay {amount}", language, amount=price))}'
        f"</button></form>{_leave(agreement, language)}"
    )
    return card_form(title, inside, wrong, language, status)


def bank(agreement: Agreement, typed: Mapping[str, str], wanted: Wanted | None) -> Answer:
    """Where the holder of a card confirms a payment to the bank."""
    language = spoken(agreement.language)
    price = _price(agreement, wanted.due if wanted else _today(agreement))
    sentence = say("Pay {amount} to {seller}?", language, amount=price, seller=agreement.seller)
    return bank_asks(sentence, f"/pay/{agreement.ref}", typed, language)


def over(agreement: Agreement, status: int) -> Answer:
    """There is nothing to pay: it was paid, closed, or has ended."""
    language = spoken(agreement.language)
    title, sentence = _over(agreement)
    target = agreement.return_url if agreement.anchor else agreement.cancel_url
    back = way_back(agreement.seller, target, language)
    return notice(title, sentence, language, status, back)


def _over(agreement: Agreement) -> tuple[str, str]:
    if agreement.in_trial:
        return "This has begun", "Nothing is charged before the trial is over."
    return {
        "closed": (
            "This checkout is closed",
            "It was left, replaced by another or waited longer than a day. Nothing was charged.",
        ),
        "ended": ("This subscription has ended", "Nothing more will be charged."),
    }.get(agreement.state, ("This has been paid", "There is nothing more to pay here."))


def absent(status: int) -> Answer:
    """There is no such page; whose it might have been nobody knows, so there is no way back."""
    sentence = "Go back to where you came from and start again. Nothing was charged."
    return notice("There is no such page", sentence, "en", status)


def _bought(agreement: Agreement, wanted: Wanted | None, language: str) -> str:
    price = _price(agreement, _today(agreement))
    what, today = agreement.description, price
    if wanted is not None:
        what, today = wanted.description, _price(agreement, wanted.due)
        often = how_often(wanted.interval, language)
        later = _price(agreement, wanted.amount)
        sentence = "Today {today}; then {amount} {often}, until you cancel."
        terms = say(sentence, language, today=today, amount=later, often=often)
    elif agreement.state == "past_due":
        sentence = (
            "The last payment failed. Pay the outstanding {amount} with this or another card; "
            "the card is also used for later payments."
        )
        terms = say(sentence, language, amount=price)
    else:
        terms = _terms(agreement, language)
    return (
        f'<p class="bought">{escape(what)}</p>'
        f'<p class="amount">{escape(today)}</p><p class="often">{escape(terms)}</p>'
    )


def _today(agreement: Agreement) -> int:
    """What the form charges at once: nothing when a trial begins with it."""
    begins = agreement.state == "open" and agreement.trial_days
    return 0 if begins else agreement.due


def _terms(agreement: Agreement, language: str) -> str:
    """How an agreement goes on after the form was sent."""
    often = how_often(agreement.interval, language)
    price = _price(agreement, agreement.amount)
    if agreement.once:
        return say("Paid once. Nothing is charged later.", language)
    sentences = []
    if agreement.trial_days:
        days = str(agreement.trial_days)
        sentences.append(say("Nothing is charged for {days} days.", language, days=days))
    if agreement.first_periods:
        first, n = _price(agreement, agreement.first_amount), str(agreement.first_periods)
        sentence = "The first {n} payments: {first} each; then {amount} {often}, until you cancel."
        said = say(sentence, language, n=n, first=first, amount=price, often=often)
        return " ".join([*sentences, said])
    said = say("{amount} {often}, until you cancel.", language, amount=price, often=often)
    return " ".join([*sentences, said])


def _kept(agreement: Agreement, price: str, language: str) -> str:
    words = say("Pay {amount} with card {card}", language, amount=price,
                card=f"•••• {agreement.card}")  # fmt: skip
    return (
        f'<form method="post" action="/pay/{agreement.ref}">'
        f'<button class="pay" name="kept" value="1">{escape(words)}</button></form>'
        f'<p class="often">{escape(say("Or with another card:", language))}</p>'
    )


def _price(agreement: Agreement, amount: int) -> str:
    return show_money(Money(amount, agreement.currency), spoken(agreement.language))


def _leave(agreement: Agreement, language: str) -> str:
    if agreement.state != "open":
        back = way_back(agreement.seller, agreement.return_url, language)
        return f'<div class="leave">{back}</div>'
    words = escape(say("Back to {seller}", language, seller=agreement.seller))
    return (
        f'<form class="leave" method="post" action="/pay/{agreement.ref}/cancel">'
        f'<button class="back">{words}</button></form>'
    )
