"""Make the demo paper: an invented newspaper as its own newsroom would have made it."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from broadsheet.accounts.actions import make_reader, make_staff
from broadsheet.accounts.models import User
from broadsheet.ads.models import HouseAd
from broadsheet.demo import agencies, history
from broadsheet.demo.notation import to_html
from broadsheet.desk.actions import catch_up, collect_pictures, refresh
from broadsheet.desk.actions.changes import give_address
from broadsheet.desk.models import Article, Author, Notice, Paper, Picture, Rule, Section, Title
from broadsheet.kit import clock
from broadsheet.ledger.models import Seller
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.actions import fill_pool, set_terms
from broadsheet.subscriptions.models import (
    Entitlement,
    PartnerBenefit,
    Plan,
    PlanVersion,
    SalesPolicy,
)
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Feed, Item, Version

HERE = Path(__file__).resolve().parent
PASSWORD = "merrow-courier"  # noqa: S105  Public on purpose: the demo is served on loopback only.
CODES = 60
EDITOR, SUBSCRIBER, READER = (f"{who}@merrow.example" for who in ("editor", "subscriber", "reader"))


def exists() -> bool:
    """Whether this paper is the demo already."""
    return bool(Paper.load().demo)


def make_demo() -> None:
    """Fill the paper: sections, articles with pictures, people, agencies; dates relative to now."""
    now = clock.now()
    texts = tomllib.loads((HERE / "paper.toml").read_text())
    with gathered(), transaction.atomic():
        _make_paper(texts)
        with clock.standing_at(now - history.OPENED):
            make_plans()
        editor, subscriber = _make_people()
        for author in texts["authors"]:
            Author.objects.create(**author)
        sections = {section.place: section for section in Section.objects.all()}
        for path in sorted((HERE / "articles").glob("*.toml")):
            facts = tomllib.loads(path.read_text())
            _make_article(facts, texts["topics"][facts["section"]], sections, now)
        _open_wires(now)
        history.make_past(now, editor, subscriber)
    press.press_everything()


def _make_paper(texts: dict[str, Any]) -> None:
    paper = Paper.load()
    for name in ("name", "nameplate", "tagline", "language", "time_zone"):
        setattr(paper, name, texts[name])
    paper.description = texts.get("description") or texts["tagline"]
    device = HERE / "pictures" / "nameplate-device.svg"
    paper.device = device.read_text() if device.exists() else ""
    paper.premium_promise = texts["premium_promise"]
    paper.demo = True
    paper.full_clean()
    paper.save()
    Section.objects.filter(slug="news").delete()
    for order, section in enumerate(texts["sections"]):
        Section.objects.create(order=10 * order, **section)
    for order, title in enumerate(texts["titles"]):
        _make_title(title, order)
    for order, ad in enumerate(texts["ads"]):
        HouseAd.objects.create(order=10 * order, **ad)


def _make_title(facts: dict[str, Any], order: int) -> None:
    """A second title of the house, and the right that opens it."""
    sections, benefit = facts.pop("sections"), facts.pop("benefit")
    Entitlement.objects.create(
        name=facts["access"], title=facts["name"], benefit=benefit, order=30 + order
    )
    title = Title.objects.create(order=order, **facts)
    for place, section in enumerate(sections):
        Section.objects.create(title=title, order=100 + 10 * place, **section)


def make_plans() -> None:
    """What the demo sells, and who sells it."""
    texts = tomllib.loads((HERE / "plans.toml").read_text())
    SalesPolicy.objects.update_or_create(pk=SalesPolicy.current().pk, defaults=texts["policy"])
    Seller.objects.update_or_create(pk=Seller.current().pk, defaults=texts["seller"])
    for order, facts in enumerate(texts["plans"]):
        terms = PlanVersion(**(texts["terms"] | facts.pop("terms")))
        set_terms(Plan.objects.create(order=10 * order, **facts), terms)
    benefit = PartnerBenefit.objects.create(**texts["benefit"])
    fill_pool(benefit, [f"MONDAY-{number * 7919 % 100_000:05d}" for number in range(1, CODES + 1)])


def _make_people() -> tuple[User, User]:
    """The three who can sign in; returns the editor and the one who is going to subscribe."""
    editor = make_staff(EDITOR, PASSWORD, publisher=True, name="Ada Lindqvist")
    make_reader(READER, PASSWORD, name="Ben Osei")
    return editor, make_reader(SUBSCRIBER, PASSWORD, name="Cleo Marchetti")


def _make_article(
    facts: dict[str, Any], topics: list[str], sections: dict[str, Section], now: datetime
) -> None:
    at = now - timedelta(hours=float(facts["hours_ago"]))
    article = Article.objects.create(
        headline=facts["headline"],
        kicker=facts.get("kicker", ""),
        standfirst=facts["standfirst"],
        body=to_html(facts["body"]),
        authors=Author.objects.get(name=facts["byline"]).slug,
        topics="\n".join(topics),
        dateline=facts.get("dateline", ""),
        section=sections[facts["section"]],
        access=facts["access"],
        news_value=facts["news_value"],
        picture=_make_picture(facts),
        live=True,
        first_published_at=at,
        last_published_at=at,
    )
    for correction in facts.get("corrections", []):
        moment = now - timedelta(hours=float(correction["hours_ago"]))
        Notice.objects.create(
            article=article, kind="correction", text=correction["text"], at=moment
        )
    give_address(article)
    refresh(article)


def _make_picture(facts: dict[str, Any]) -> Picture | None:
    name = facts.get("picture")
    path = HERE / "pictures" / f"{name}.jpg"
    if not name or not path.exists():
        return None
    return Picture.make(
        path.read_bytes(),
        path.name,
        title=facts["headline"][:200],
        description=facts["alt"][:255],
        caption=facts["caption"],
        credit=facts["credit"],
    )


def _open_wires(now: datetime) -> None:
    """The agencies' folders as feeds; what they sent before today's start is taken in at once."""
    agencies.start(now)
    for order, name in enumerate(agencies.AGENCIES):
        facts = agencies.sendings(name)[0].facts
        feed = wire.add_feed(
            name, str(agencies.folder_of(name)), agency=facts["agency"], zone=facts["zone"]
        )
        Rule.objects.create(
            order=10 * order, name=f"{feed.source}: publish", feed=feed, action="publish"
        )
    agencies.send_due()
    for feed in Feed.objects.all():
        wire.fetch(feed)
    catch_up()
    collect_pictures(within=30)
    for article in Article.objects.exclude(item=None).select_related("basis"):
        _date_back(article)


def _date_back(article: Article) -> None:
    """The report stood in the paper when the agency sent it, not when the demo was made."""
    at = article.basis.dated if article.basis else None
    if at is not None:
        Version.objects.filter(item=article.item).update(received_at=at)
        Item.objects.filter(article=article).update(first_seen=at)
        article.write(first_published_at=at, last_published_at=at, path=None)
        give_address(article)
        refresh(article)


def welcome(address: str) -> str:
    """The first lines of `make run`."""
    return "\n".join((
        f"The demo paper is at {address}/ and its desk at {address}/desk/.",
        f"Sign in at {address}/accounts/login/ (password for all three: {PASSWORD}):",
        f"  editor      {EDITOR}",
        f"  subscriber  {SUBSCRIBER}",
        f"  reader      {READER}",
        f"Mail to readers is kept at {address}/demo/inbox/. Ctrl-C stops the paper.",
    ))  # fmt: skip
