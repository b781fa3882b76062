import pytest
from django.test import Client
from lxml import html

from broadsheet.accounts import actions, reads
from broadsheet.accounts.models import SavedArticle
from broadsheet.accounts.tests.doors import browser, fill
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db

SAVED = "/account/saved/"
OWN = {"origin": "http://testserver"}


def strict(reader=None, **headers):
    """A browser that CSRF is asked of."""
    client = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7"} | headers)
    if reader:
        client.force_login(reader)
    return client


def test_saving_is_remembered_once_and_the_last_stands_first(db):
    reader = ben()
    first = actions.save_article(reader, 7)
    actions.save_article(reader, 8)
    assert actions.save_article(reader, 7) == first
    assert [saved.article for saved in reads.saved_articles(reader)] == [8, 7]
    actions.unsave_article(reader, 8)
    actions.unsave_article(reader, 8)
    assert [saved.article for saved in reads.saved_articles(reader)] == [7]


def test_a_form_on_a_page_of_the_paper_saves_without_a_token(paper):
    reader = ben()
    answer = strict(reader, **OWN).post(SAVED, {"article": "7"})
    assert (answer.status_code, answer.headers["location"]) == (302, SAVED)
    assert SavedArticle.objects.get().article == 7
    strict(reader, **OWN).post(SAVED, {"article": "7", "remove": "1"})
    assert not SavedArticle.objects.exists()


def test_where_origin_is_missing_the_referer_speaks(paper):
    client = strict(ben(), referer="http://testserver/2026/11/22/some-slug")
    assert client.post(SAVED, {"article": "7"}).status_code == 302
    assert SavedArticle.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:81"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver@evil.example"},
        {"origin": "https://evil.example", "referer": "http://testserver/"},
        {"referer": "https://evil.example/?http://testserver/"},
        {"referer": "/2026/11/22/some-slug"},
        {"referer": "about:blank"},
    ],
)
def test_a_form_from_elsewhere_is_refused(paper, headers):
    answer = strict(ben(), **headers).post(SAVED, {"article": "7"})
    assert answer.status_code == 403
    assert not SavedArticle.objects.exists()


def test_with_an_origin_of_its_own_the_paper_accepts_no_other(paper, settings):
    settings.ORIGIN = "https://lantern.example"
    assert strict(ben(), **OWN).post(SAVED, {"article": "7"}).status_code == 403
    own = {"origin": "https://lantern.example"}
    assert strict(ben(), **own).post(SAVED, {"article": "7"}).status_code == 302


@pytest.mark.parametrize("number", ["", "0", "-7", "x", "7.0", str(2**63), "9" * 40, "٧"])
def test_what_is_no_number_of_a_report_is_refused_in_words(paper, number):
    answer = strict(ben(), **OWN).post(SAVED, {"article": number})
    assert answer.status_code == 400
    assert "There is no such report" in answer.content.decode()
    assert not SavedArticle.objects.exists()


def test_the_wish_of_an_anonymous_reader_is_kept_through_the_sign_in(paper):
    reader = ben()
    client = browser(**OWN)
    asked = client.post(SAVED, {"article": "7"})
    address = asked.headers["location"]
    assert address == "/accounts/login/?next=%2Faccount%2Fsaved%2Fadd%2F%3Farticle%3D7"
    page = fill(client, client.get(address), "login", login=reader.email, password=PASSWORD)
    assert "Save this report" in page.content.decode()
    assert not SavedArticle.objects.exists(), "reading a page changes nothing"
    form = next(f for f in html.fromstring(page.content).forms if "article" in f.inputs)
    answer = client.post(form.action, dict(form.fields))
    assert answer.headers["location"] == SAVED
    assert SavedArticle.objects.get(reader=reader).article == 7


def test_the_form_after_the_sign_in_asks_for_its_token(paper):
    client = strict(ben(), **OWN)
    assert client.post("/account/saved/add/", {"article": "7"}).status_code == 403
    assert not SavedArticle.objects.exists()


def test_a_wish_that_names_no_report_is_refused(paper):
    client = strict(ben())
    assert client.get("/account/saved/add/", {"article": "x"}).status_code == 400


def test_erasing_a_reader_forgets_what_was_saved(db):
    reader = ben()
    actions.save_article(reader, 7)
    reader.delete()
    assert not SavedArticle.objects.exists()
