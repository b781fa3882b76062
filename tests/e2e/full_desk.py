"""A desk with work in every queue; run in the home of a paper, by `broadsheet shell`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone

from broadsheet.accounts.models import User
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Rule, Section, SectionRight, WithdrawalRequest
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.models import Grant
from broadsheet.subscriptions.tests.journal_cast import line, told
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Feed, Item
from broadsheet.wire.transports.base import Arrival
from tests.cast import body, ninjs, send
from tests.picture_cast import drop, pictured

OURS = "Terns nest on the crane and the shift waits"
LONG = "A-headline-in-one-word-without-a-single-place-to-break-as-some-agencies-file-them"
FOLDER = "quill"


def fill() -> None:
    """Everything the desk's screens can show: the demo editor did some of it, Quill the rest."""
    editor = User.objects.get(email="editor@merrow.example")
    folder = Path(settings.HOME).parent / FOLDER
    folder.mkdir()
    feed = wire.add_feed("quill", str(folder), agency="Quill")
    world = Section.objects.get(slug="world")
    rule = Rule.objects.create(name="Quill: publish", feed=feed, section=world, action="publish")
    send_published(feed, editor)
    send_unwelcome(feed)
    send_again(feed, editor)
    Rule.objects.filter(pk=rule.pk).update(action="hold")
    send(feed, item("held", headline="Ferry board meets behind closed doors"))
    ask_to_withdraw(feed)
    stop_a_reader()
    SectionRight.objects.create(group=Group.objects.get(name="Editors"), section=world)


def stop_a_reader() -> None:
    """The demo's reader read five reports, was stopped at a sixth, and had a right once."""
    reader = User.objects.get(email="reader@merrow.example")
    now = datetime.now(UTC)
    over = now - timedelta(days=2)
    Grant.objects.create(
        reader=reader, entitlement="premium", valid_from=over - timedelta(days=9), valid_until=over
    )
    first = int(now.timestamp()) - 6 * 3600
    numbers = Article.objects.order_by("-pk").values_list("pk", flat=True)[:6]
    for count, number in enumerate(numbers, 1):
        outcome = "stop" if count == 6 else "read"
        at, reads = first + count * 3600, min(count, 5)
        told(line(f"u{reader.pk}", number, outcome, at=at, reads=reads, limit=5))
    told(line(f"u{reader.pk}", numbers[0], "stop", at=first, rule="premium", reads=0, limit=0))


def item(key: str, **facts: Any) -> bytes:
    """A report of today, so that no age limit holds it."""
    return ninjs(f"urn:quill:{key}", **{"at": datetime.now(UTC).replace(microsecond=0)} | facts)


def send_published(feed: Feed, editor: User) -> None:
    """Reports that publish themselves, which staff then rework."""
    send(feed, item("c", headline="Terns nest on the crane", body=body("first")))
    rework(the("c"), editor, body="paragraph 2", to="the second paragraph, rewritten by us,")
    rework(the("c"), editor, headline=OURS)
    send(feed, item("s", headline="Minister wins the vote on the harbour"))
    rework(the("s"), editor, headline="Narrow win for the minister")
    for key in ("x", "n", "h", "k"):
        send(feed, item(key, headline=f"Lock gate jams at Hathe, {key}"))
    drop(Path(feed.location), "quay.jpg", "pier.jpg")
    photo = {"href": "quay.jpg", "caption": "The quay at dawn", "credit": "Photo: Quill"}
    send(feed, pictured("urn:quill:p", photo, headline=LONG, at=datetime.now(UTC)))


def send_unwelcome(feed: Feed) -> None:
    """What no rule may publish by itself, and what cannot be read."""
    marks = body("held") + "<p>You've reached {{free_limit}} articles.</p>"
    send(feed, item("m", headline="Raw marks in a text", body=marks))
    later = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    embargoed = json.loads(item("e", headline="Budget speech in full"))
    send(feed, json.dumps(embargoed | {"embargoed": later}).encode())
    with gathered():
        at, page = datetime.now(UTC), b"<html><body>Please sign in</body></html>"
        wire.take_arrival(feed, Arrival("a-very-long-name-of-a-file-that-came-in-on-20261122.xml",
                                        page, "text/html", None, at))  # fmt: skip


def send_again(feed: Feed, editor: User) -> None:
    """Newer versions: one waits, one makes a headline stale, one withdraws, one asks to hold."""
    second = body("first").replace("paragraph 2", "row 2").replace("paragraph 5", "row 5")
    send(feed, item("c", version=2, headline="Terns fledge on the crane", body=second))
    send(feed, item("s", version=2, headline="Government falls as ferry talks collapse"))
    send(feed, item("x", version=2, status="canceled", note="The letter was not genuine."))
    send(feed, item("n", version=2, headline="CORRECTED: Lock gate jams at Hathe, not Merrow",
                    note="Corrects the place in paragraph 1."))  # fmt: skip
    send(feed, item("h", version=2, status="withheld", note="We are checking the source."))
    own = Article.objects.filter(item=None, live=True).order_by("pk")
    desk.hold(own[0], "We are checking this report.", by=editor)
    desk.withdraw(own[1], "It was a swan, and it was last year.", by=editor)
    desk.correct(own[2], "The clocks struck ten, not nine.", by=editor)
    Article.objects.filter(pk=own[3].pk).update(expire_at=timezone.now() + timedelta(hours=9))


def ask_to_withdraw(feed: Feed) -> None:
    """Two texts that name a report to take back: one is known, one is not."""
    send(feed, item("kill", headline="Please kill item k", body="", note="Please look at k."))
    asked = Item.objects.get(key="urn:quill:kill").latest
    known = Item.objects.get(key="urn:quill:k")
    WithdrawalRequest.objects.create(version=asked, named="k", item=known)
    WithdrawalRequest.objects.create(version=asked, named="dpa 157")


def the(key: str) -> Article:
    """The article of an item."""
    return Article.objects.get(item__key=f"urn:quill:{key}")


def rework(article: Article, by: User, *, headline: str = "", body: str = "", to: str = "") -> None:
    """Publish a headline of ours, or some words of the body."""
    if headline:
        article.headline = headline
    if body:
        article.body = article.full_body.replace(body, to)
        article.body_from = article.basis
    article.save_revision(user=by, clean=False).publish(user=by)
