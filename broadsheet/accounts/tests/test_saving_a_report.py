import pytest
import time_machine
from django.test import Client

from broadsheet.accounts import actions, reads
from broadsheet.accounts.actions import MARKED
from broadsheet.accounts.models import SavedArticle, User
from broadsheet.accounts.tests.doors import LOGIN, SIGNUP, browser, code_for, fill, reached
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


def saved_of(reader):
    return [saved.article for saved in reads.saved_articles(reader)]


def test_what_was_marked_without_an_account_is_saved_by_the_sign_in(paper):
    reader = ben()
    actions.save_article(reader, 5)
    client = browser(**OWN)
    for number in ("7", "8", "5", "7"):
        asked = client.post(SAVED, {"article": number})
        assert asked.headers["location"] == "/accounts/login/?next=%2Faccount%2Fsaved%2F"
    door = client.get(asked.headers["location"])
    assert "then the report is saved" in door.content.decode()
    assert saved_of(reader) == [5]
    page = fill(client, door, "login", login=reader.email, password=PASSWORD)
    assert reached(page) == SAVED
    assert "3 reports are saved." in page.content.decode()
    assert saved_of(reader) == [7, 8, 5], "the last first; what was saved before keeps its place"
    assert MARKED not in client.session, "the next sign-in saves nothing again"


def test_what_was_marked_is_saved_in_a_new_account_too(paper):
    client = browser(**OWN)
    client.post(SAVED, {"article": "7"})
    page = client.get(f"{SIGNUP}?next={SAVED}")
    page = fill(client, page, "email", email="noor@lantern.example")
    page = fill(client, page, "code", code=code_for("noor@lantern.example"))
    assert reached(page) == SAVED
    assert "The report is saved." in page.content.decode()
    assert saved_of(User.objects.get(email="noor@lantern.example")) == [7]


def test_nothing_is_marked_from_elsewhere_nor_without_end(paper):
    away = browser(origin="https://evil.example")
    assert away.post(SAVED, {"article": "7"}).status_code == 403
    assert not away.session.keys()
    client = browser(**OWN)
    for number in range(1, 61):
        client.post(SAVED, {"article": str(number)})
    assert [number for number, _at in client.session[MARKED]] == [*range(11, 61)]


def test_what_somebody_else_marked_yesterday_is_nobodys(paper):
    reader, client = ben(), browser(**OWN)
    with time_machine.travel("2026-03-31T10:00:00+00:00") as clock:
        client.post(SAVED, {"article": "7"})
        clock.move_to("2026-04-01T09:59:00+00:00")
        client.post(SAVED, {"article": "8"})
        clock.move_to("2026-04-01T10:01:00+00:00")
        fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert saved_of(reader) == [8]


def test_whoever_was_signed_out_and_takes_one_away_saves_nothing(paper):
    client = browser(**OWN)
    door = client.post(SAVED, {"article": "7", "remove": "1"}, follow=True)
    assert "then the report is saved" not in door.content.decode()
    assert MARKED not in client.session


def test_a_script_cannot_fill_the_sessions(paper, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"mark": "2/h/ip"}
    for _time in range(3):
        client = browser(**OWN)
        door = client.post(SAVED, {"article": "7"}, follow=True)
    assert MARKED not in client.session
    assert "Sign in first, and save this one again." in door.content.decode()


def test_erasing_a_reader_forgets_what_was_saved(db):
    reader = ben()
    actions.save_article(reader, 7)
    reader.delete()
    assert not SavedArticle.objects.exists()
