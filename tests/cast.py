"""The cast: Ada edits, Ben reads on the meter, Cleo has a grant. And what the wire sends them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wagtail.models import Collection

from broadsheet.accounts.actions import make_reader, make_staff
from broadsheet.accounts.models import User
from broadsheet.config.init import make_groups
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Paper, Rule, Section
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.models import MeterPolicy
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Feed
from broadsheet.wire.transports.base import Arrival

PASSWORD = "lanterns-and-ledgers"
AGENCY = "Quill"


def make_paper() -> Paper:
    """A small paper: two sections, the defaults, nobody on staff yet."""
    if not Collection.objects.exists():  # A test that flushed the database took the root along.
        Collection.add_root(name="Root")
    make_groups()
    paper = Paper.objects.create(name="The Lantern", language="en-gb", time_zone="Asia/Kolkata")
    MeterPolicy.objects.create()
    Section.objects.create(slug="world", name="World", order=1)
    Section.objects.create(slug="markets", name="Markets", order=2)
    return paper


def ada() -> User:
    """The editor."""
    return make_staff("ada@lantern.example", PASSWORD, publisher=False, name="Ada")


def ben() -> User:
    """A registered reader."""
    return make_reader("ben@lantern.example", PASSWORD, name="Ben")


def make_feed(folder: Path, *, publish: bool = True, max_age: int | None = None) -> Feed:
    """A folder feed of the agency, with the rule that `wire add` would make."""
    feed = wire.add_feed("quill", str(folder), agency=AGENCY)
    section = Section.objects.get(slug="world")
    action = "publish" if publish else "hold"
    Rule.objects.create(
        name="quill", feed=feed, section=section, action=action, max_age_hours=max_age
    )
    return feed


def ninjs(key: str = "urn:quill:1", **facts: Any) -> bytes:
    """A ninjs 3 item; facts: version, headline, body, status, note, at, standfirst, urgency, topics
    (codes).
    """
    at = facts.get("at", datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
    item = {
        "uri": key,
        "standard": {"name": "ninjs", "version": "3.0"},
        "type": "text",
        "version": str(facts.get("version", 1)),
        "versionCreated": at.isoformat(),
        "pubStatus": facts.get("status", "usable"),
        "urgency": facts.get("urgency", 4),
        "edNote": facts.get("note", ""),
        "headlines": [{"role": "main", "value": facts.get("headline", "Harbour opens early")}],
        "descriptions": [{"role": "summary", "value": facts.get("standfirst", "")}],
        "subjects": [{"code": code} for code in facts.get("topics", ())],
        "bodies": [{"contentType": "text/html", "value": facts.get("body", body())}],
    }
    return json.dumps(item).encode()


def body(mark: str = "plain", paragraphs: int = 8) -> str:
    """A wire body of so many paragraphs of about twenty words, each with the mark."""
    text = (
        "The {mark} crew of paragraph {n} went out before dawn, came back with the tide"
        " and told the harbour office what they had seen."
    )
    return "".join(f"<p>{text.format(mark=mark, n=n)}</p>" for n in range(paragraphs))


def send(feed: Feed, data: bytes, name: str = "item.json") -> None:
    """What happens when a document arrives: wire, then desk. The press is the test's own call."""
    at = datetime.now(UTC)
    with gathered():
        wire.take_arrival(feed, Arrival(name, data, "application/json", None, at))
        desk.catch_up()
        desk.collect_pictures(within=10)


def the_article() -> Article:
    """The only article there is."""
    return Article.objects.get()
