"""The article's form through Wagtail's own views: it writes what its editor touched, no more."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Paper, Picture, Rule, Section
from broadsheet.desk.tests.test_intake import jpeg
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from tests.cast import ada, body, ninjs, send
from tests.surfaces import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(paper):
    user = ada()
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    made.editor = user
    return made


@pytest.fixture
def article(feed):
    send(feed, ninjs(headline="Wire words", standfirst="Wire summary of it", body=body("first")))
    return Article.objects.get()


def url(article, view="edit", *more):
    return reverse(f"wagtailsnippets_desk_article:{view}", args=[article.pk, *more])


def opened(client, address):
    """What a browser would post back, with the desk's times: the paper's."""
    with timezone.override(Paper.load().time_zone):
        return shown(client.get(address).context["form"])


def shown(form):
    data = {name: form[name].value() for name in form.fields}
    if "body" in data:
        data["body"] = form["body"].field.widget.format_value(data["body"])
    for name in ("embargo_until", "go_live_at", "expire_at"):
        data[name] = form[name].field.widget.format_value(form[name].value())
    return {name: "" if v is None else v for name, v in data.items() if v is not False}


def post(client, article, data, *, publish=True):
    answer = client.post(url(article), data | ({"action-publish": "1"} if publish else {}))
    article.refresh_from_db()
    return answer


def errors(answer):
    return dict(answer.context["form"].errors)


def test_saving_unchanged_takes_nothing_over(client, article):
    for query in ("", "?rework=1"):
        post(client, article, opened(client, url(article) + query))
    assert article.owned == frozenset()
    assert not Edit.objects.exists()


def test_a_field_that_was_not_posted_is_not_emptied(client, article):
    data = opened(client, url(article)) | {"headline": "Ours"}
    data.pop("standfirst")
    post(client, article, data)
    assert article.owned == {"headline"}


def test_emptying_a_field_follows_the_wire_again(client, article):
    post(client, article, opened(client, url(article)) | {"headline": "Ours"})
    post(client, article, opened(client, url(article)) | {"headline": ""})
    assert article.owned == frozenset()
    assert article.full_headline == "Wire words"


def test_typing_the_wires_words_follows_the_wire_again(client, article):
    post(client, article, opened(client, url(article)) | {"headline": "Ours"})
    post(client, article, opened(client, url(article)) | {"headline": "Wire words"})
    assert article.headline is None


def test_showing_no_picture_is_a_choice_of_ours(client, article):
    post(client, article, opened(client, url(article)) | {"no_picture": "on"})
    assert article.owned == {"picture"}


def test_a_report_that_no_rule_published_is_logged_like_any_other(client, feed):

    Rule.objects.update(action="hold")
    send(feed, ninjs(headline="Held words"))
    client.post(reverse("desk_make_article", args=[feed.source.items.get().pk]))
    article = Article.objects.get()
    assert not article.live
    post(client, article, opened(client, url(article)) | {"headline": "Ours"}, publish=False)
    post(client, article, opened(client, url(article)))
    assert article.live
    assert article.owned == {"headline"}
    assert list(Edit.objects.values_list("field", "after")) == [("headline", "Ours")]


def test_a_tampered_opening_is_refused_and_nothing_is_saved(client, article):
    data = opened(client, url(article)) | {"headline": "Ours", "opening": "eyJ9:x:y"}
    answer = post(client, article, data)
    assert "Reload" in str(errors(answer))
    assert article.headline is None


def test_a_form_that_lost_its_opening_takes_nothing_over(client, article):
    answer = post(client, article, opened(client, url(article)) | {"opening": ""})
    assert "Reload" in str(errors(answer))
    assert article.owned == frozenset()


@pytest.mark.parametrize("name", ["embargo_until", "kicker", "section", "access", "news_value"])
def test_a_stale_form_brings_no_old_value_back(client, article, name):
    values = {
        "embargo_until": ("2026-11-20 18:00", "2026-11-21 18:00"),
        "kicker": ("Tides", "Ports"),
        "section": (Section.objects.get(slug="world").pk, Section.objects.get(slug="markets").pk),
        "access": ("open", "premium"),
        "news_value": ("2", "5"),
    }[name]
    post(client, article, opened(client, url(article)) | {name: values[0]})
    stale = opened(client, url(article))
    post(client, article, opened(client, url(article)) | {name: values[1]})
    now = str(getattr(article, name))
    post(client, article, stale | {"headline": "Ours"})
    assert article.headline == "Ours"
    assert str(getattr(article, name)) == now


def test_going_back_to_an_older_state_brings_back_what_staff_owned_then(client, article):
    post(client, article, opened(client, url(article)) | {"headline": "First of ours"})
    older = article.latest_revision_id
    post(client, article, opened(client, url(article)) | {"headline": "Second of ours"})
    address = url(article, "revisions_revert", older)
    answer = client.get(address)
    posted_to = answer.context.get("action_url", address)
    client.post(posted_to, opened(client, address) | {"action-publish": "1"})
    article.refresh_from_db()
    assert article.headline == "First of ours"


def test_going_back_to_the_wires_body_takes_the_version_that_waited(client, article, feed):
    post(client, article, opened(client, url(article)) | {"headline": "Ours"})
    older = article.latest_revision_id
    data = opened(client, url(article) + "?rework=1")
    post(client, article, data | {"body": data["body"].replace("first crew", "our crew")})
    send(feed, ninjs(version=2, headline="Newer", body=body("second")))
    address = url(article, "revisions_revert", older)
    client.post(address, opened(client, address) | {"action-publish": "1"})
    article.refresh_from_db()
    assert article.waiting is None
    assert "second crew" in article.full_body
    assert article.owned == {"headline"}


def test_a_draft_changes_nothing_for_readers(client, article):
    post(client, article, opened(client, url(article)) | {"headline": "Draft"}, publish=False)
    assert article.full_headline == "Wire words"
    assert not Edit.objects.exists()
    assert opened(client, url(article))["headline"] == "Draft"


def test_a_draft_saves_without_what_publishing_asks_for(client, paper):
    add = reverse("wagtailsnippets_desk_article:add")
    data = opened(client, add) | {"headline": "", "section": Section.objects.first().pk}
    answer = client.post(add, data | {"action-publish": "1"})
    assert {"headline", "body"} <= set(errors(answer))
    assert not Article.objects.exists()
    assert client.post(add, data).status_code == 302
    assert Article.objects.get().live is False


def test_a_picture_without_a_credit_is_not_published(client, article):

    picture = Picture.make(jpeg(), "quay.jpg", title="Quay")
    answer = post(client, article, opened(client, url(article)) | {"picture": picture.pk})
    assert "no credit" in str(errors(answer)["picture"])
    assert article.picture is None


def test_deleting_a_picture_gives_the_field_back_and_the_log_says_so(client, article):
    picture = Picture.make(jpeg(), "quay.jpg", title="Quay", credit="Photo: Staff")
    post(client, article, opened(client, url(article)) | {"picture": picture.pk})
    assert article.owned == {"picture"}
    before = str(picture.pk)
    picture.delete()
    article.refresh_from_db()
    assert article.owned == frozenset()
    last = Edit.objects.last()
    assert (last.field, last.before, last.after) == ("picture_id", before, None)


@pytest.mark.parametrize("facts", [{"headline": "Read {{x}} now"}, {"body": "<p>{% if %} x</p>"}])
def test_template_marks_of_the_wire_are_reworked_before_publishing(client, feed, facts):
    send(feed, ninjs(**facts))
    client.post(reverse("desk_make_article", args=[feed.source.items.get().pk]))
    article = Article.objects.get()
    answer = post(client, article, opened(client, url(article)))
    assert "Template marks" in str(errors(answer))
    assert not article.live


def test_a_report_whose_wire_has_no_headline_needs_one_of_ours(client, feed):
    send(feed, ninjs(headline=""))
    client.post(reverse("desk_make_article", args=[feed.source.items.get().pk]))
    article = Article.objects.get()
    assert "headline" in errors(post(client, article, opened(client, url(article))))
    post(client, article, opened(client, url(article)) | {"headline": "Ours"})
    assert article.path.endswith("/ours")


def test_headings_lists_and_quotations_survive_a_rework(client, article, feed):
    text = "<h2>Part</h2><ul><li>one</li><li>two</li></ul><blockquote>Said.</blockquote>"
    send(feed, ninjs(version=2, body=text + body()))
    article.refresh_from_db()
    data = opened(client, url(article) + "?rework=1")
    content = json.loads(data["body"])
    content["blocks"][-1]["text"] += " Ours."
    post(client, article, data | {"body": json.dumps(content)})
    assert article.owned == {"body"}
    for part in ("<h2>Part</h2>", "<li>one</li>", "Said.", "Ours."):
        assert part in article.full_body


def test_what_an_editor_types_is_made_safe(client, article):
    data = opened(client, url(article)) | {"headline": "<script>alert(1)</script> & tides"}
    post(client, article, data)

    press.catch_up()
    assert where("<script>alert(1)") == {"/feed.json", "/world/feed.json"}
    assert article.path in where("&lt;script&gt;alert(1)&lt;/script&gt; &amp; tides")


def test_a_scheduled_report_appears_at_its_time_and_not_before(client, paper):

    add = reverse("wagtailsnippets_desk_article:add")
    text = opened(client, add)["body"]
    section = Section.objects.first().pk
    content = json.loads(text) if text and text != "null" else {"entityMap": {}, "blocks": []}
    content["blocks"] = [
        {"key": "a", "type": "unstyled", "text": "Words of it.", "depth": 0,
         "inlineStyleRanges": [], "entityRanges": []}
    ]  # fmt: skip
    data = opened(client, add) | {
        "headline": "Later", "section": section, "body": json.dumps(content),
        "go_live_at": "2999-01-01 10:00", "action-publish": "1",
    }  # fmt: skip
    client.post(add, data)
    article = Article.objects.get()
    assert not article.visible(datetime.now(UTC))
    with time_machine.travel("2999-01-02"):
        call_command("publish_scheduled", verbosity=0)
    article.refresh_from_db()
    assert article.live
    assert Edit.objects.filter(field="headline", after="Later").exists()


def test_correcting_needs_a_note_and_a_published_report(client, article):

    for text, live in (("  ", True), ("It was six.", False)):
        Article.objects.update(live=live)
        with pytest.raises(Refusal):
            desk.correct(article, text, by=client.editor)
    assert not article.notices.exists()
