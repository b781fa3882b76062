"""What every page for payers is made of. No script; everything from outside is escaped."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path

from broadsheet.ledger.providers.fakepay.http import Answer
from broadsheet.ledger.providers.fakepay.wording import say

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


def alarm(wrong: Mapping[str, str], language: str, then: str) -> str:
    """What went wrong; `then` is said after a sentence about the card itself."""
    if not wrong:
        return ""
    if "" in wrong:
        first = say(wrong[""], language)
        then = say(then, language)
    else:
        first = say("Please correct the form.", language)
        then = " ".join(say(sentence, language) for sentence in wrong.values())
    return f'<div class="alarm" role="alert"><strong>{escape(first)}</strong> {escape(then)}</div>'


def fields(wrong: Mapping[str, str], language: str) -> str:
    """The fields of a card; `wrong` has a sentence by field."""
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


def way_back(seller: str, target: str, language: str) -> str:
    """The link to where the payer came from."""
    words = say("Back to {seller}", language, seller=seller)
    return f'<a class="back" href="{escape(target)}">{escape(words)}</a>'


def bank_asks(sentence: str, action: str, fields: Mapping[str, str], language: str) -> Answer:
    """Where the holder of a card answers the bank, as with 3-D Secure; `fields` come back with it.

    `sentence` is what the bank asks, in the page's language.
    """
    title = say("Your bank asks", language)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(fields[name])}">'
        for name in ("kept", "number", "expiry", "cvc")
        if name in fields
    )
    body = (
        f'<div class="sheet"><h1>{escape(title)}</h1><p class="bought">{escape(sentence)}</p>'
        f'<form method="post" action="{action}">{hidden}'
        f'<button class="pay" name="bank" value="yes">{escape(say("Confirm", language))}</button>'
        f'<button class="back" name="bank" value="no">{escape(say("Refuse", language))}</button>'
        "</form></div>"
    )
    return whole(title, body, language, 200)


def test_cards(language: str) -> str:
    """The cards that can be typed in, and how each behaves."""
    entries = "".join(
        f"<dt>{number}</dt><dd>{escape(say(meaning, language))}</dd>"
        for number, meaning in TEST_CARDS
    )
    advice = escape(say("Any date to come and any three digits will do.", language))
    return (
        f"<details><summary>{escape(say('Test cards', language))}</summary>"
        f"<dl>{entries}</dl><p>{advice}</p></details>"
    )


def card_form(
    title: str, inside: str, wrong: Mapping[str, str], language: str, status: int
) -> Answer:
    """A page on which a card is typed in; where something was `wrong`, its title says so."""
    body = f'<div class="sheet"><h1>{escape(title)}</h1>{inside}</div>{test_cards(language)}'
    shown = f"{say('Error', language)}: {title}" if wrong else title
    return whole(shown, body, language, status)


def notice(title: str, sentence: str, language: str, status: int, back: str = "") -> Answer:
    """A page with nothing to type in: what is so, and the way `back` where there is one."""
    words = escape(say(sentence, language))
    title = say(title, language)
    body = f'<div class="sheet"><h1>{escape(title)}</h1><p class="bought">{words}</p>{back}</div>'
    return whole(title, body, language, status)


def whole(title: str, body: str, language: str, status: int) -> Answer:
    """A page around its body."""
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
