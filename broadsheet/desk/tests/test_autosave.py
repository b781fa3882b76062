"""The editor saves itself as Wagtail's script does it: JSON answers, one revision overwritten."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db


class Browser:
    """One open editor: its form, and the revision its autosave overwrites."""

    def __init__(self, user, article, query=""):
        self.client = Client(headers={"x-forwarded-for": "127.0.0.1"})
        self.client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        self.address = reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
        answer = self.client.get(self.address + query)
        form = answer.context["form"]
        self.data = {name: form[name].value() for name in form.fields}
        if "body" in self.data:
            self.data["body"] = form["body"].field.widget.format_value(self.data["body"])
        self.data = {n: "" if v is None else v for n, v in self.data.items() if v is not False}
        latest = Article.objects.get(pk=article.pk).latest_revision
        self.data["loaded_revision_id"] = latest.pk if latest else ""
        self.data["loaded_revision_created_at"] = latest.created_at.isoformat() if latest else ""

    def autosave(self, **changes):
        self.data |= changes
        answer = self.client.post(self.address, self.data, headers={"accept": "application/json"})
        found = answer.json()
        if found["success"]:
            self.data["overwrite_revision_id"] = found["revision_id"]
            self.data |= found.get("field_updates", {})
        return answer

    def publish(self, **changes):
        self.data |= changes
        return self.client.post(self.address, self.data | {"action-publish": "1"})


@pytest.fixture
def article(feed):
    send(feed, ninjs(headline="Wire words", standfirst="Wire summary of it", body=body("first")))
    return Article.objects.get()


@pytest.fixture
def editor(paper):
    return ada()


def test_saving_itself_overwrites_one_revision_and_shows_readers_nothing(article, editor):
    browser = Browser(editor, article)
    for text in ("O", "Ou", "Ours"):
        assert browser.autosave(headline=text).json()["success"]
    article.refresh_from_db()
    assert article.revisions.count() == 1
    assert article.full_headline == "Wire words"
    assert article.get_latest_revision_as_object().headline == "Ours"


def test_what_saved_itself_is_published_as_it_stands(article, editor):
    browser = Browser(editor, article)
    browser.autosave(headline="Our")
    browser.publish(headline="Ours")
    article.refresh_from_db()
    assert article.owned == {"headline"}
    assert article.headline == "Ours"


def test_typing_back_what_was_shown_takes_the_draft_back(article, editor):
    browser = Browser(editor, article)
    browser.autosave(headline="Ours", kicker="Tides")
    browser.autosave(headline="Wire words", kicker="")
    browser.publish()
    article.refresh_from_db()
    assert article.owned == frozenset()
    assert article.kicker == ""


def test_the_wires_new_version_meanwhile_is_followed(article, editor, feed):
    browser = Browser(editor, article)
    browser.autosave(headline="Ours")
    send(feed, ninjs(version=2, headline="Newer", standfirst="Newer summary", body=body("second")))
    browser.autosave()
    browser.publish()
    article.refresh_from_db()
    assert article.headline == "Ours"
    assert article.full_standfirst == "Newer summary"
    assert "second crew" in article.full_body


def test_case_34_a_second_editor_is_shown_what_the_first_wrote_and_overwrites_nothing(
    article, editor
):
    from tests.cast import PASSWORD, make_staff

    other = make_staff("olu@lantern.example", PASSWORD, publisher=False)
    first, second = Browser(editor, article), Browser(other, article)
    assert first.autosave(headline="First of ours").json()["success"]
    assert second.autosave(headline="Second").status_code == 400
    assert first.autosave(headline="First again").json()["success"]
    assert first.publish().status_code == 302
    told = second.publish()
    assert "First again" in str(told.context["form"].errors["headline"])
    article.refresh_from_db()
    assert article.headline == "First again"
    second.data["opening"] = told.context["form"]["opening"].value()
    assert second.publish().status_code == 302
    article.refresh_from_db()
    assert article.headline == "Second"


def test_two_editors_of_different_fields_are_not_in_each_others_way(article, editor):
    from tests.cast import PASSWORD, make_staff

    other = make_staff("olu@lantern.example", PASSWORD, publisher=False)
    first, second = Browser(editor, article), Browser(other, article)
    assert first.publish(headline="Ours").status_code == 302
    assert second.publish(standfirst="Ours too.", kicker="Tides").status_code == 302
    article.refresh_from_db()
    assert (article.headline, article.standfirst, article.kicker) == ("Ours", "Ours too.", "Tides")


def test_of_one_setting_too_the_second_editor_decides_knowingly(article, editor):
    from tests.cast import PASSWORD, make_staff

    other = make_staff("olu@lantern.example", PASSWORD, publisher=False)
    first, second = Browser(editor, article), Browser(other, article)
    first.publish(kicker="Tides")
    told = second.publish(kicker="Ports")
    assert "Tides" in str(told.context["form"].errors["kicker"])
    second.data["opening"] = told.context["form"]["opening"].value()
    assert second.publish().status_code == 302
    article.refresh_from_db()
    assert article.kicker == "Ports"


def test_a_half_typed_form_saves_itself(article, editor):
    assert Browser(editor, article).autosave(headline="", embargo_until="").json()["success"]


def test_a_body_being_reworked_survives_reloading_the_page(article, editor):
    browser = Browser(editor, article, "?rework=1")
    content = json.loads(browser.data["body"])
    content["blocks"][0]["text"] = "Our own beginning."
    browser.autosave(body=json.dumps(content))
    again = Browser(editor, article)
    assert "Our own beginning." in again.data["body"]
    again.publish()
    article.refresh_from_db()
    assert article.owned == {"body"}
    assert "Our own beginning." in article.full_body


def test_a_released_field_stays_released_when_another_form_is_published(article, editor):
    Browser(editor, article).publish(headline="Ours")
    stale = Browser(editor, article)
    desk.release(article, "headline", by=editor)
    stale.publish(standfirst="Our summary")
    article.refresh_from_db()
    assert article.owned == {"standfirst"}
