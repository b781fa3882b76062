"""What readers allow: asked only for what the publisher switched on, recorded, withdrawn any time.

The meter's cookie counts free articles and is none of it (it needs no consent, and no choice made
here changes what is free).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from broadsheet.accounts.models import Consent, ConsentPolicy, Purpose, User
from broadsheet.gate.passes import cookie_name
from broadsheet.kit import clock
from broadsheet.look.strict import View

KEEP = timedelta(days=395)
"""Thirteen months (CNIL, guidelines 2020-091): then nobody has chosen, and may be asked again."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One answer: whether it was given, when, and to which words."""

    given: bool
    at: datetime
    text: str


Choices = Mapping[str, Chosen]
"""By purpose, the last answer to each."""


@dataclass(frozen=True, slots=True)
class ChoiceView(View):
    """A purpose as the reader is asked: `given` is None while there is no answer."""

    purpose: str
    title: str
    words: str
    given: bool | None


def text_of(policy: ConsentPolicy) -> str:
    """Names the words that readers are shown; other words are another question."""
    return hashlib.sha256(policy.words.encode()).hexdigest()[:12]


def asked(policy: ConsentPolicy, choices: Choices) -> tuple[ChoiceView, ...]:
    """What is asked, with the answers that still stand."""
    return tuple(
        ChoiceView(
            str(purpose.value),
            str(purpose.label),
            policy.words,
            choices[purpose].given if stands(choices.get(purpose), policy) else None,
        )
        for purpose in policy.purposes()
    )


def stands(chosen: Chosen | None, policy: ConsentPolicy) -> bool:
    """Whether it was an answer to these words, and not too long ago."""
    known = chosen is not None and chosen.text == text_of(policy)
    return known and chosen is not None and chosen.at > clock.now() - KEEP


def allows(request: HttpRequest, purpose: Purpose) -> bool:
    """Whether whoever asks allows it. Silence is no consent."""
    policy = ConsentPolicy.current()
    chosen = choices_of(request).get(purpose)
    return purpose in policy.purposes() and stands(chosen, policy) and bool(chosen and chosen.given)


def choices_of(request: HttpRequest) -> dict[str, Chosen]:
    """The reader's, or those that the browser keeps for somebody without an account."""
    if request.user.is_authenticated:
        return recorded(request.user)
    return read(request.COOKIES.get(choices_name(), ""))


def recorded(reader: User) -> dict[str, Chosen]:
    """The last answer of a reader to each purpose."""
    rows = Consent.objects.filter(reader=reader).order_by("at", "pk")
    return {row.purpose: Chosen(row.given, row.at, row.text) for row in rows}


def record(reader: User, answers: Choices) -> None:
    """Write down what is new; an answer is never changed, the next one counts."""
    known = recorded(reader)
    fresh = {
        purpose: one
        for purpose, one in answers.items()
        if purpose not in known or one.at > known[purpose].at
    }
    Consent.objects.bulk_create(
        Consent(reader=reader, purpose=purpose, given=one.given, at=one.at, text=one.text)
        for purpose, one in fresh.items()
    )


def answers_of(policy: ConsentPolicy, given: Mapping[str, bool]) -> dict[str, Chosen]:
    """Answers of this moment to what is asked now; what is not asked is not answered."""
    now, text = clock.now().replace(microsecond=0), text_of(policy)
    wanted = {str(purpose.value) for purpose in policy.purposes()}
    return {p: Chosen(yes, now, text) for p, yes in given.items() if p in wanted}


def choices_name() -> str:
    """The cookie's name on this origin."""
    return cookie_name("choices", settings.ORIGIN)


def read(text: str) -> dict[str, Chosen]:
    """The cookie's answers: "ads.0.1795300000.0f3a…", with "!" in between. Nobody gains by writing
    it otherwise, so it is not signed; what is none of ours, or of tomorrow, counts as nothing."""
    found = {}
    for part in text[:500].split("!"):
        fields = part.split(".")
        sound = len(fields) == 4 and fields[1] in ("0", "1") and fields[2].isascii()
        if sound and fields[2].isdigit() and len(fields[2]) < 11 and fields[0] in Purpose.values:
            at = datetime.fromtimestamp(int(fields[2]), UTC)
            if at <= clock.now():
                found[fields[0]] = Chosen(fields[1] == "1", at, fields[3][:12])
    return found


def keep(response: HttpResponse, answers: Choices) -> None:
    """Let the browser keep the answers; scripts of the paper may read them."""
    parts = [f"{p}.{one.given:d}.{one.at.timestamp():.0f}.{one.text}" for p, one in answers.items()]
    response.set_cookie(
        choices_name(), "!".join(parts), max_age=KEEP, secure=settings.HTTPS, samesite="Lax"
    )


def forget_old_consents() -> int:
    """Delete what was answered thirteen months ago; returns how many."""
    return Consent.objects.filter(at__lt=clock.now() - KEEP).delete()[0]
