"""What the payer sees. No script; everything that came from outside is escaped."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path

from broadsheet.kit.money import Money
from broadsheet.kit.money import show as show_money
from broadsheet.ledger.providers.fakepay.agreements import Agreement
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
)


def form(agreement: Agreement, wrong: Mapping[str, str], status: int = 200) -> Answer:
    """The card form. `wrong` has a sentence by field, under "" the one about the card itself."""
    language = spoken(agreement.language)
    title = say("Pay {seller}", language, seller=agreement.seller)
    body = (
        f'<div class="sheet"><h1>{escape(title)}</h1>'
        f"{_bought(agreement, language)}{_alarm(wrong, language)}"
        f'<form method="post" action="/pay/{agreement.ref}" novalidate>'
        f"{_fields(wrong, language)}"
        f'<button class="pay">{escape(say("Pay {amount}", language, amount=_price(agreement)))}'
        f"</button></form>{_leave(agreement, language)}</div>{_test_cards(language)}"
    )
    if wrong:
        title = f"{say('Error', language)}: {title}"
    return _page(title, body, language, status)


def over(agreement: Agreement, status: int) -> Answer:
    """There is nothing to pay: it was paid, closed, or has ended."""
    language = spoken(agreement.language)
    title, sentence = {
        "closed": (
            "This checkout is closed",
            "It was left, replaced by another or waited longer than a day. Nothing was charged.",
        ),
        "ended": ("This subscription has ended", "Nothing more will be charged."),
    }.get(agreement.state, ("This has been paid", "There is nothing more to pay here."))
    target = agreement.return_url if agreement.anchor else agreement.cancel_url
    body = (
        f'<div class="sheet"><h1>{escape(say(title, language))}</h1>'
        f'<p class="bought">{escape(say(sentence, language))}</p>'
        f"{_way_back(agreement, target, language)}</div>"
    )
    return _page(say(title, language), body, language, status)


def absent(status: int) -> Answer:
    """There is no such page; whose it might have been nobody knows, so there is no way back."""
    title = "There is no such page"
    sentence = "Go back to where you came from and start again. Nothing was charged."
    body = f'<div class="sheet"><h1>{title}</h1><p class="bought">{sentence}</p></div>'
    return _page(title, body, "en", status)


def _bought(agreement: Agreement, language: str) -> str:
    price = _price(agreement)
    if agreement.state == "past_due":
        sentence = (
            "The last payment failed. Pay the outstanding {amount} with this or another card; "
            "the card is also used for later payments."
        )
        terms = say(sentence, language, amount=price)
    else:
        often = how_often(agreement.interval, language)
        terms = say("{amount} {often}, until you cancel.", language, amount=price, often=often)
    return (
        f'<p class="bought">{escape(agreement.description)}</p>'
        f'<p class="amount">{escape(price)}</p><p class="often">{escape(terms)}</p>'
    )


def _price(agreement: Agreement) -> str:
    return show_money(Money(agreement.amount, agreement.currency), spoken(agreement.language))


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
