"""One story by two agencies: the first publishes itself, the second waits (docs/cases.md, 20)."""

import random

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from broadsheet.accounts.actions import make_staff
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Fingerprint, Intake, Likeness, Rule
from broadsheet.desk.wording import reason_text
from broadsheet.kit import clock
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Item
from tests.cast import PASSWORD, ada, ninjs, send

pytestmark = pytest.mark.django_db


def story(seed, paragraphs=8):
    """An invented report: words drawn anew for each seed."""
    drawn = random.Random(seed)
    text = [" ".join(f"w{drawn.randrange(5000)}" for _ in range(25)) for _ in range(paragraphs)]
    return [f"<p>{paragraph}.</p>" for paragraph in text]


@pytest.fixture
def reed(feed, tmp_path):
    """A second agency whose reports publish themselves too."""
    other = wire.add_feed("reed", str(tmp_path / "reed"), agency="Reed")
    Rule.objects.create(
        name="reed", feed=other, section=Rule.objects.get().section, action="publish",
        max_age_hours=None,
    )  # fmt: skip
    return other


def reasons(key):
    return " ".join(map(reason_text, Intake.objects.get(item__key=key).reasons))


@pytest.mark.parametrize("cut", [slice(None), slice(0, 4), slice(2, 8), slice(0, 7)])
def test_case_20_a_copy_by_another_agency_waits_and_is_proposed(feed, reed, cut):
    text = story(1)
    send(feed, ninjs("urn:quill", headline="Ferry stopped by fog", body="".join(text)))
    more = "<p>(This report came by Reed.)</p>"
    send(reed, ninjs("urn:reed", headline="Fog stops ferry", body="".join(text[cut]) + more))
    assert Article.objects.get().item.key == "urn:quill"
    assert reasons("urn:reed") == "Same story as “Ferry stopped by fog” from Quill."
    likeness = Likeness.objects.get()
    assert (likeness.item.key, likeness.like.key) == ("urn:reed", "urn:quill")
    assert likeness.share > 0.5


def test_case_20_staff_may_publish_both_and_each_keeps_its_source_and_body(feed, reed):
    text = "".join(story(1))
    send(feed, ninjs("urn:quill", headline="Ferry stopped", body=text))
    send(reed, ninjs("urn:reed", headline="Fog stops ferry", body=text + "<p>Reed adds.</p>"))
    editor = ada()
    article = desk.make_article(Item.objects.get(key="urn:reed"), by=editor)
    article.save_revision(user=editor).publish(user=editor)
    send(reed, ninjs("urn:reed", version=2, headline="Fog stops ferry", body=text + "<p>R2</p>"))
    bodies = {a.item.source.agency: a.full_body for a in Article.objects.all()}
    assert "Reed adds" not in bodies["Quill"] and "R2" in bodies["Reed"]


@pytest.fixture
def told_twice(feed, reed):
    """Both agencies' reports are published; the desk has not decided about them."""
    text = "".join(story(1))
    send(feed, ninjs("urn:quill", headline="Ferry stopped", body=text))
    send(reed, ninjs("urn:reed", headline="Fog stops ferry", body=text))
    desk.publish_item(Item.objects.get(key="urn:reed"), by=ada())
    return Likeness.objects.get()


@pytest.fixture
def client(paper):
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(ada(), "allauth.account.auth_backends.AuthenticationBackend")
    return made


def test_case_20_what_waits_shows_the_report_it_is_a_copy_of(feed, reed, client):
    text = "".join(story(1))
    send(feed, ninjs("urn:quill", headline="Ferry stopped", body=text))
    send(reed, ninjs("urn:reed", headline="Fog stops ferry", body=text))
    quill, copy = (Item.objects.get(key=f"urn:{name}") for name in ("quill", "reed"))
    shown = client.get(reverse("desk_item", args=[copy.pk])).content.decode()
    assert "The same story from Quill:" in shown and "Ferry stopped</a>" in shown
    assert "It came first." in shown and "Hold this one" not in shown
    editor = reverse("wagtailsnippets_desk_article:edit", args=[quill.article.pk])
    shown = client.get(editor).content.decode()
    assert "The same story from Reed:" in shown and "Fog stops ferry</a>" in shown
    assert "It came later." in shown and "not published" in shown
    assert "Fog stops" not in client.get(reverse("desk_queue", args=["twice"])).content.decode()
    settle = reverse("desk_settle_likeness", args=[Likeness.objects.get().pk, "different"])
    answer = client.post(settle, {"next": editor}, follow=True)
    assert answer.redirect_chain[-1][0] == editor
    assert "not the same story" in answer.content.decode()
    send(reed, ninjs("urn:reed", version=2, headline="Fog stops ferry", body=text + "<p>More</p>"))
    assert Article.objects.filter(item=copy, live=True).exists()


@pytest.mark.parametrize("verdict", ["both", "different"])
def test_case_20_a_story_told_twice_waits_for_the_desks_word(told_twice, client, verdict):
    queue = reverse("desk_queue", args=["twice"])
    shown = client.get(queue).content.decode()
    assert "Same story as “Ferry stopped” from Quill." in shown and "Told twice (1)" in shown
    assert reverse("desk_hold", args=[told_twice.item.article.pk]) in shown
    client.post(reverse("desk_settle_likeness", args=[told_twice.pk, "nonsense"]))
    told_twice.refresh_from_db()
    assert told_twice.verdict == ""
    client.post(reverse("desk_settle_likeness", args=[told_twice.pk, verdict]))
    other = "both" if verdict == "different" else "different"
    client.post(reverse("desk_settle_likeness", args=[told_twice.pk, other]))
    told_twice.refresh_from_db()
    assert (told_twice.verdict, told_twice.settled_by.email) == (verdict, "ada@lantern.example")
    shown = client.get(queue).content.decode()
    assert "Same story as" not in shown and "Told twice (1)" not in shown
    assert Article.objects.filter(live=True).count() == 2


def test_case_20_a_report_that_is_withdrawn_is_told_twice_no_more(told_twice, client):
    desk.withdraw(told_twice.like.article, "Not so.", by=ada())
    shown = client.get(reverse("desk_queue", args=["twice"])).content.decode()
    assert "Fog stops ferry" not in shown


def test_case_20_who_may_not_publish_there_decides_nothing(told_twice):
    reader = make_staff("eve@lantern.example", PASSWORD, publisher=False, name="Eve")
    reader.groups.clear()
    reader.user_permissions.add(
        *Permission.objects.filter(codename__in=["access_admin", "change_article"])
    )
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(reader, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(reverse("desk_settle_likeness", args=[told_twice.pk, "both"]))
    assert answer.status_code in (302, 403)
    assert Likeness.objects.get().verdict == ""


def test_case_20_a_copy_of_what_waits_itself_is_not_held_for_that(feed, reed):
    Rule.objects.filter(name="quill").update(action="hold")
    text = "".join(story(1))
    send(feed, ninjs("urn:quill", body=text))
    send(reed, ninjs("urn:reed", body=text))
    assert Article.objects.get().item.key == "urn:reed"
    assert Likeness.objects.count() == 1


def test_case_20_a_copy_of_what_is_withdrawn_does_not_publish_itself(feed, reed):
    text = "".join(story(1))
    send(feed, ninjs("urn:quill", body=text))
    send(feed, ninjs("urn:quill", version=2, status="canceled"))
    send(reed, ninjs("urn:reed", body=text))
    assert "Same story" in reasons("urn:reed")


def test_case_20_other_stories_and_other_days_publish_themselves(feed, reed):
    send(feed, ninjs("urn:quill", body="".join(story(1)), headline="Strike: day 2"))
    send(reed, ninjs("urn:other", body="".join(story(2))))
    send(reed, ninjs("urn:day3", body="".join(story(1)), headline="Strike: day 3"))
    assert Article.objects.count() == 3
    Fingerprint.objects.update(at=clock.now() - Fingerprint.WINDOW * 1.01)
    assert desk.forget_sketches() > 0
    send(reed, ninjs("urn:late", body="".join(story(1)), headline="Strike goes on"))
    assert Article.objects.count() == 4


def test_finding_copies_costs_the_same_queries_however_many_items_there_are(feed, reed):
    counts = []
    for size in (2, 40):
        for number in range(size):
            send(feed, ninjs(f"urn:q{size}:{number}", body="".join(story(size + number))))
        with CaptureQueriesContext(connection) as queries:
            send(reed, ninjs(f"urn:r{size}", body="".join(story(size))))
        assert "Same story" in reasons(f"urn:r{size}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
