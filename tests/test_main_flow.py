"""From the wire to the pressed page, as the editor's story tells it."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Picture
from broadsheet.press import actions as press
from broadsheet.wire.models import Version
from tests.cast import PASSWORD, ada, body, ninjs, send, the_article
from tests.surfaces import status, surfaces, where

pytestmark = pytest.mark.django_db(transaction=True)

UNTOUCHED = "auto-generated from a syndicated feed of Quill. The Lantern staff have not edited it."


def _page(article, variant="full"):
    return surfaces()[article.path, variant]


def _editor():
    user = ada()
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


def _form_data(client, article, query=""):
    response = client.get(reverse("wagtailsnippets_desk_article:edit", args=[article.pk]) + query)
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    if "body" in data:
        data["body"] = form["body"].field.widget.format_value(data["body"])
    if response.context.get("media") and article.latest_revision_id:
        data["loaded_revision_id"] = article.latest_revision_id
    return {
        name: "" if value is None else value for name, value in data.items() if value is not False
    }


def _publish(client, article, data):
    response = client.post(
        reverse("wagtailsnippets_desk_article:edit", args=[article.pk]),
        data | {"action-publish": "1"},
    )
    assert response.status_code == 302, response.context["form"].errors
    article.refresh_from_db()


def test_a_wire_item_becomes_a_page_with_a_true_note(feed):
    send(feed, ninjs(headline="Harbour opens early"))
    press.catch_up()
    article = the_article()
    page = _page(article)
    assert article.path.endswith("/harbour-opens-early")
    assert UNTOUCHED in page
    assert page.count("<p>The plain crew") == 8
    assert "Harbour opens early" in surfaces()["/", "plain"]
    assert "Harbour opens early" in surfaces()["/world/feed.rss", "plain"]


def test_headline_and_picture_reworked_then_the_wire_moves_on(feed):
    send(feed, ninjs(version=1, headline="Wire one", body=body("first")))
    press.catch_up()
    article, client = the_article(), _editor()
    picture = _picture("Staff photo")
    data = _form_data(client, article) | {"headline": "Our headline", "picture": picture.pk}
    _publish(client, article, data)
    page = _page(article)
    assert "Our headline" in page
    assert "Photo: Staff" in page
    assert "Only the headline and picture of this report have been reworked by The Lantern" in page

    send(feed, ninjs(version=2, headline="Wire two", body=body("second")))
    press.catch_up()
    page = _page(article)
    assert "Our headline" in page
    assert "second crew" in page
    assert "first crew" not in page
    assert "Only the headline and picture" in page
    desk_page = client.get(
        reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
    ).content.decode()
    assert "Wire two" in desk_page


def test_a_reworked_body_waits_for_the_desk(feed):
    send(feed, ninjs(version=1, body=body("first")))
    press.catch_up()
    article, client = the_article(), _editor()
    data = _form_data(client, article, "?rework=1")
    assert "body" in data
    data["body"] = data["body"].replace("first crew", "our own crew")
    _publish(client, article, data)
    page = _page(article)
    assert "our own crew" in page
    assert "based on a syndicated feed of Quill and has been edited by The Lantern staff" in page

    send(feed, ninjs(version=2, body=body("second")))
    press.catch_up()
    article.refresh_from_db()
    assert article.waiting.number == 2
    assert "our own crew" in _page(article)
    difference = client.get(reverse("desk_compare", args=[article.pk])).content.decode()
    assert '<ins><span class="w-sr-only">Added: </span>second</ins> crew' in difference
    assert '<ins><span class="w-sr-only">Added: </span>our own</ins> crew' in difference

    client.post(reverse("desk_compare", args=[article.pk]), {"choice": "theirs"})
    assert "second crew" in _page(article)
    assert UNTOUCHED in _page(article)


def test_opening_a_body_for_rework_and_saving_it_unchanged_is_no_rework(feed):
    send(feed, ninjs())
    article, client = the_article(), _editor()
    _publish(client, article, _form_data(client, article, "?rework=1"))
    assert article.owned == frozenset()
    assert UNTOUCHED in _page(article)
    assert not Edit.objects.exists()


def test_the_wire_withdraws_whatever_staff_hold(feed):
    send(feed, ninjs(version=1, headline="Quay shut for Marigold inquiry"))
    press.catch_up()
    article, client = the_article(), _editor()
    _publish(client, article, _form_data(client, article) | {"headline": "Marigold inquiry opens"})
    assert "/" in where("Marigold")

    send(feed, ninjs(version=2, status="canceled", note="The letter was not genuine."))
    press.catch_up()
    assert status(article.path) == 410
    assert where("Marigold") == set()
    assert where(article.path) == {article.path}
    assert "The letter was not genuine." in surfaces()[article.path, "plain"]
    response = client.get("/search?q=marigold")
    assert article.path not in response.content.decode()


def test_a_withdrawal_by_staff_is_pressed_in_the_request_itself(feed):
    send(feed, ninjs(headline="Tern colony moved"))
    press.catch_up()
    article, client = the_article(), _editor()
    client.post(reverse("desk_withdraw", args=[article.pk]), {"reason": "Wrong island."})
    assert status(article.path) == 410
    assert where("Tern colony") == set()
    assert "Wrong island." in surfaces()[article.path, "plain"]


def test_a_correction_is_visible_and_machine_readable(feed):
    send(feed, ninjs())
    press.catch_up()
    article, client = the_article(), _editor()
    note = {"kind": "correction", "text": "The ferry left at six, not at five."}
    client.post(reverse("desk_correct", args=[article.pk]), note)
    page = _page(article)
    assert page.count("The ferry left at six, not at five.") == 2
    assert "CorrectionComment" in page
    assert UNTOUCHED in page


def test_a_report_of_our_own(feed):
    client = _editor()
    send(feed, ninjs(headline="From the wire"))
    add = reverse("wagtailsnippets_desk_article:add")
    form = client.get(add).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {k: "" if v is None else v for k, v in data.items() if v is not False}
    text = form["body"].field.widget.format_value(body("reported", 9))
    section = form.fields["section"].queryset.get(slug="markets")
    data |= {
        "headline": "Grain ships queue", "standfirst": "Forty are waiting.", "byline": "Ada",
        "dateline": "KOCHI", "body": text, "section": section.pk, "access": "open",
        "picture": _picture("Ships").pk, "action-publish": "1",
    }  # fmt: skip
    response = client.post(add, data)
    assert response.status_code == 302, response.context["form"].errors
    article = Article.objects.get(item=None)
    page = _page(article)
    assert "Grain ships queue" in page
    assert "KOCHI" in page
    assert "syndicated" not in page
    assert "Grain ships queue" in surfaces()["/markets/", "plain"]


def test_the_preview_shows_the_draft_and_publishes_nothing(feed):
    send(feed, ninjs(headline="On the page"))
    press.catch_up()
    article, client = the_article(), _editor()
    data = _form_data(client, article) | {"headline": "Only a draft"}
    preview = reverse("wagtailsnippets_desk_article:preview_on_edit", args=[article.pk])
    assert client.post(preview, data).json()["is_valid"]
    assert "Only a draft" in client.get(preview).content.decode()
    assert where("Only a draft") == set()


def test_releasing_a_field_follows_the_wire_in_draft_and_live(feed):
    send(feed, ninjs(headline="Wire words"))
    article, client = the_article(), _editor()
    _publish(client, article, _form_data(client, article) | {"headline": "Our words"})
    client.post(reverse("desk_release", args=[article.pk, "headline"]))
    article.refresh_from_db()
    assert article.headline is None
    assert article.get_latest_revision_as_object().headline is None
    assert "Wire words" in _page(article)
    assert UNTOUCHED in _page(article)


def test_a_stale_form_writes_only_what_its_editor_touched(feed):
    send(feed, ninjs(headline="Wire words", standfirst="Wire summary of the thing"))
    article, client = the_article(), _editor()
    stale = _form_data(client, article)
    _publish(client, article, _form_data(client, article) | {"headline": "Colleague's words"})
    send(feed, ninjs(version=2, headline="New wire words", body=body("second")))
    _publish(client, article, stale | {"standfirst": "My summary"})
    assert article.headline == "Colleague's words"
    assert article.standfirst == "My summary"
    assert article.basis.number == 2
    assert "second crew" in _page(article)


def test_every_wire_text_is_kept(feed):
    for number in range(1, 5):
        send(feed, ninjs(version=number, body=body(f"mark{number}")))
    desk.catch_up()
    texts = [version.body for version in Version.objects.all()]
    assert [f"mark{n}" in texts[n - 1] for n in range(1, 5)] == [True] * 4


def _picture(title):
    data = io.BytesIO()
    Image.new("RGB", (1200, 800), "navy").save(data, "JPEG")
    return Picture.make(
        data.getvalue(), "quay.jpg", title=title, credit="Photo: Staff", caption="At the quay"
    )


def test_a_version_that_came_while_the_body_was_reworked_waits(feed):
    send(feed, ninjs(version=1, body=body("first")))
    article, client = the_article(), _editor()
    data = _form_data(client, article, "?rework=1")
    send(feed, ninjs(version=2, body=body("second")))
    data["body"] = data["body"].replace("first crew", "our own crew")
    _publish(client, article, data)
    assert "our own crew" in _page(article)
    assert article.waiting.number == 2
    difference = client.get(reverse("desk_compare", args=[article.pk])).content.decode()
    assert "second</ins> crew" in difference
    client.post(reverse("desk_compare", args=[article.pk]), {"choice": "ours"})
    article.refresh_from_db()
    assert article.waiting is None
    _publish(client, article, _form_data(client, article) | {"kicker": "Harbour"})
    assert article.waiting is None


def test_a_released_field_is_not_brought_back_by_a_form_that_saved_itself_before(feed):
    send(feed, ninjs(headline="Wire words"))
    article, client = the_article(), _editor()
    edit = reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
    data = _form_data(client, article) | {"headline": "Our words"}
    saved = client.post(edit, data, headers={"accept": "application/json"}).json()
    article.refresh_from_db()
    client.post(reverse("desk_release", args=[article.pk, "headline"]))
    again = data | {"overwrite_revision_id": saved.get("revision_id")}
    client.post(edit, again, headers={"accept": "application/json"})
    article.refresh_from_db()
    assert article.get_latest_revision_as_object().headline is None


def test_a_version_scheduled_for_later_leaves_the_report_on_the_site(feed):
    send(feed, ninjs(headline="On the page"))
    press.catch_up()
    article, client = the_article(), _editor()
    data = _form_data(client, article) | {
        "headline": "For tonight",
        "go_live_at": "2099-01-01 20:00",
    }
    client.post(
        reverse("wagtailsnippets_desk_article:edit", args=[article.pk]),
        data | {"action-publish": "1"},
    )
    press.catch_up()
    article.refresh_from_db()
    assert article.live
    assert "On the page" in _page(article)


def test_a_correction_that_stays_on_later_versions_is_told_once(feed):
    for number in (1, 2, 3):
        coded = "" if number == 1 else "CORRECTED: "
        text = body(f"mark{number}")
        send(feed, ninjs(version=number, headline=coded + "Tide tables", body=text))
    assert the_article().notices.count() == 1
    assert the_article().full_headline == "Tide tables"


def test_a_report_that_is_no_longer_premium_leaves_the_premium_page(feed):
    send(feed, ninjs(headline="Picked by the editors"))
    article, client = the_article(), _editor()
    _publish(client, article, _form_data(client, article) | {"access": "premium"})
    assert "Picked by the editors" in surfaces()["/premium/", "plain"]
    _publish(client, article, _form_data(client, article) | {"access": "metered"})
    assert "Picked by the editors" not in surfaces()["/premium/", "plain"]
