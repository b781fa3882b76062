"""What the payer sees. No script; everything that came from outside is escaped."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path

from broadsheet.kit.money import Money
from broadsheet.kit.money import show as show_money
from broadsheet.ledger.providers.fakepay.agreements import Agreement
from broadsheet.ledger.providers.fakepay.changes import Wanted
from broadsheet.ledger.providers.fakepay.http import Answer
from broadsheet.ledger.providers.fakepay.wording import how_often, say, spoken

STYLE = (Path(__file__).parent / "static" / "hosted.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# No form-action: browsers would hold it against the redirect back to the seller as well.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"

NO_MONEY = "Fakepay – no real money is moved"

TEST_CARDS = (
    ("4242 4242 4242 4242", "always pays"),
    ("4000 0000 0000 0002", "is always declined"),
    ("4000 0000 0000 9995", "has too little money"),
    ("4000 0000 0000 0341", "pays the first time, never again"),
    ("4000 0027 6000 3184", "its bank asks every time"),
)


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
    body = (
        f'<div class="sheet"><h1>{escape(title)}</h1>'
        f"{_bought(agreement, wanted, language)}{_alarm(wrong, language)}"
        f"{_kept(agreement, price, language) if wanted else ''}"
        f'<form method="post" action="/pay/{agreement.ref}" novalidate>'
        f"{_fields(wrong, language)}"
        f'<button class="pay">{escape(say("Pay {amount}", language, amount=price))}'
        f"</button></form>{_leave(agreement, language)}</div>{_test_cards(language)}"
    )
    if wrong:
        title = f"{say('Error', language)}: {title}"
    return _page(title, body, language, status)


def bank(agreement: Agreement, fields: Mapping[str, str], wanted: Wanted | None) -> Answer:
    """Where the holder of a card confirms a payment to the bank, as with 3-D Secure."""
    language = spoken(agreement.language)
    title = say("Your bank asks", language)
    price = _price(agreement, wanted.due if wanted else _today(agreement))
    sentence = say("Pay {amount} to {seller}?", language, amount=price, seller=agreement.seller)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(fields[name])}">'
        for name in ("kept", "number", "expiry", "cvc")
        if name in fields
    )
    body = (
        f'<div class="sheet"><h1>{escape(title)}</h1><p class="bought">{escape(sentence)}</p>'
        f'<form method="post" action="/pay/{agreement.ref}">{hidden}'
        f'<button class="pay" name="bank" value="yes">{escape(say("Confirm", language))}</button>'
        f'<button class="back" name="bank" value="no">{escape(say("Refuse", language))}</button>'
        "</form></div>"
    )
    return _page(title, body, language, 200)


def over(agreement: Agreement, status: int) -> Answer:
    """There is nothing to pay: it was paid, closed, or has ended."""
    language = spoken(agreement.language)
    title, sentence = _over(agreement)
    target = agreement.return_url if agreement.anchor else agreement.cancel_url
    body = (
        f'<div class="sheet"><h1>{escape(say(title, language))}</h1>'
        f'<p class="bought">{escape(say(sentence, language))}</p>'
        f"{_way_back(agreement, target, language)}</div>"
    )
    return _page(say(title, language), body, language, status)


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
    title = "There is no such page"
    sentence = "Go back to where you came from and start again. Nothing was charged."
    body = f'<div class="sheet"><h1>{title}</h1><p class="bought">{sentence}</p></div>'
    return _page(title, body, "en", status)


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


def _alarm(wrong: Mapping[str, str], language: str) -> str:
    if not wrong:
        return ""
    if "" in wrong:
        first = say(wrong[""], language)
        then = say("You have not been charged. Try another card.", language)
    else:
        first = say("Please correct the form.", language)
        then = " ".join(say(sentence, language) for sentence in wrong.values())
    return f'<div class="alarm" role="alert"><strong>{escape(first)}</strong> {escape(then)}</div>'


def _fields(wrong: Mapping[str, str], language: str) -> str:
    number = _field("number", "Card number", "", "cc-number", wrong, language)
    hint = "Month and year, such as 04/29"
    expiry = _field("expiry", "Valid until", hint, "cc-exp", wrong, language)
    hint = "Three or four digits on the back"
    cvc = _field("cvc", "Security code", hint, "cc-csc", wrong, language)
    return f'{number}<div class="pair">{expiry}{cvc}</div>'


def _field(
    name: str, label: str, hint: str, complete: str, wrong: Mapping[str, str], language: str
) -> str:
    notes, named = "", []
    if hint:
        notes += f'<p class="hint" id="{name}-hint">{escape(say(hint, language))}</p>'
        named.append(f"{name}-hint")
    if name in wrong:
        notes += f'<p class="wrong" id="{name}-wrong">{escape(say(wrong[name], language))}</p>'
        named.append(f"{name}-wrong")
    described = f' aria-describedby="{" ".join(named)}"' if named else ""
    invalid = ' aria-invalid="true"' if name in wrong else ""
    return (
        f'<div class="field"><label for="{name}">{escape(say(label, language))}</label>{notes}'
        f'<input id="{name}" name="{name}" inputmode="numeric" autocomplete="{complete}"'
        f' maxlength="30" required{described}{invalid}></div>'
    )


def _leave(agreement: Agreement, language: str) -> str:
    if agreement.state != "open":
        back = _way_back(agreement, agreement.return_url, language)
        return f'<div class="leave">{back}</div>'
    words = escape(say("Back to {seller}", language, seller=agreement.seller))
    return (
        f'<form class="leave" method="post" action="/pay/{agreement.ref}/cancel">'
        f'<button class="back">{words}</button></form>'
    )


def _way_back(agreement: Agreement, target: str, language: str) -> str:
    words = say("Back to {seller}", language, seller=agreement.seller)
    return f'<a class="back" href="{escape(target)}">{escape(words)}</a>'


def _test_cards(language: str) -> str:
    entries = "".join(
        f"<dt>{number}</dt><dd>{escape(say(meaning, language))}</dd>"
        for number, meaning in TEST_CARDS
    )
    advice = escape(say("Any date to come and any three digits will do.", language))
    return (
        f"<details><summary>{escape(say('Test cards', language))}</summary>"
        f"<dl>{entries}</dl><p>{advice}</p></details>"
    )


def _page(title: str, body: str, language: str, status: int) -> Answer:
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} · Fakepay</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<style>{STYLE}</style></head><body>"
        f"<header>{escape(say(NO_MONEY, language))}</header><main>{body}</main></body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Answer(status, text.encode(), headers)
