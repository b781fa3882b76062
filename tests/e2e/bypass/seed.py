"""Articles of every kind whose gated text is known by words that stand nowhere else.

Run inside the paper before it is served: `broadsheet shell -c "…seed import plant; plant()"`.
"""

import json
from datetime import timedelta

from django.db import transaction

from broadsheet.accounts.actions import make_reader
from broadsheet.demo.actions import PASSWORD
from broadsheet.desk.actions import notices, refresh
from broadsheet.desk.actions.changes import give_address
from broadsheet.desk.models import Article, Section
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.models import Grant

GATED = ("open", "registered", "metered", "premium", "epaper", "archive", "counting_house")
"""The last one stands in a second title and has its class from there."""
CLOSED = ("embargoed", "expired", "draft", "held", "withdrawn")
LAPSED = "lapsed@merrow.example"
GENEROUS = "generous@merrow.example"


def canaries(name: str) -> tuple[str, str]:
    """The two words of an article: in its fourth paragraph, and in its last."""
    return f"quokka{name}fourth", f"quokka{name}last"


def _body(name: str) -> str:
    fourth, last = canaries(name)
    text = (
        "The {word} party of paragraph {n} crossed the estuary before noon, counted the boats at"
        " both landings and wrote the number of them into the book that hangs by the ferry steps."
    )
    words = {4: fourth, 12: last}
    return "".join(f"<p>{text.format(word=words.get(n, 'survey'), n=n)}</p>" for n in range(1, 13))


def _article(name: str, access: str, **facts: object) -> Article:
    at = facts.pop("at", clock.now() - timedelta(hours=2))
    section = facts.pop("section", None) or Section.objects.filter(title=None).order_by("order")[0]
    article = Article.objects.create(
        headline=f"Estuary count for the {name} list",
        standfirst="Boats are counted twice a year at both landings.",
        body=_body(name),
        byline="Ines Calloway",
        section=section,
        access=access,
        live=True,
        first_published_at=at,
        last_published_at=at,
        **facts,
    )
    give_address(article)
    refresh(article)
    return article


def plant() -> None:
    """Make the articles and a reader whose subscription ended; prints their paths as JSON."""
    now = clock.now()
    with gathered(), transaction.atomic():
        made = {access: _article(access, access) for access in GATED[:-1]}
        titled = Section.objects.get(title__access=GATED[-1], slug="property")
        made[GATED[-1]] = _article(GATED[-1], "", section=titled)
        made["embargoed"] = _article("embargoed", "open", embargo_until=now + timedelta(days=3))
        made["expired"] = _article(
            "expired", "open", expire_at=now - timedelta(hours=1), at=now - timedelta(days=2)
        )
        made["draft"] = _article("draft", "open")
        made["draft"].unpublish()
        editor = _editor()
        made["held"] = notices.hold(_article("held", "open"), "Being checked.", by=editor)
        made["withdrawn"] = _article("withdrawn", "open")
        notices.withdraw(made["withdrawn"], "The count was wrong.", by=editor)
        lapsed = make_reader(LAPSED, PASSWORD, name="Lev Anders")
        for door in ("unlimited", "premium", "ad_free"):
            Grant.objects.create(
                reader=lapsed, entitlement=door,
                valid_from=now - timedelta(days=60), valid_until=now - timedelta(days=1),
            )  # fmt: skip
        generous = make_reader(GENEROUS, PASSWORD, name="Gil Anders")
        for door in ("unlimited", "premium"):
            Grant.objects.create(reader=generous, entitlement=door)
    press.press_everything()
    print("PLANTED " + json.dumps({name: [a.pk, a.path] for name, a in made.items()}))


def _editor() -> object:
    from broadsheet.accounts.models import User

    return User.objects.get(email="editor@merrow.example")
