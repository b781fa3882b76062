"""The publisher's limit on devices: the oldest goes and is told why, the newest always stays."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts import limits
from broadsheet.accounts.middleware import DeviceActivity
from broadsheet.accounts.models import ReaderPolicy, SignedOut
from broadsheet.accounts.sessions import SessionStore
from broadsheet.accounts.tests.doors import LOGIN, browser, fill, reached, signed_in
from broadsheet.gate.passes import gate_token
from broadsheet.gate.refresh import SIGNED_OUT
from broadsheet.kit import clock
from broadsheet.press_log.models import Entry
from tests.at_once import at_once
from tests.cast import PASSWORD, ada, ben

WHY = "Your account was signed in on another device."
TOLD = "/account/signed-out/"


def limit(most):
    ReaderPolicy.objects.update_or_create(pk=1, defaults={"most_devices": most})


def at(reader):
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    return client


def signed_out():
    """A browser that was signed out because its reader came with another one."""
    reader = ben()
    limit(1)
    old = at(reader)
    at(reader)
    return old


def entered(clients):
    return [client.get("/account/").status_code == 200 for client in clients]


@pytest.mark.django_db
def test_one_more_signs_out_the_oldest_and_voids_its_pass(paper):
    reader = ben()
    limit(2)
    first, second, third = at(reader), at(reader), at(reader)
    assert entered([first, second, third]) == [False, True, True]
    assert UserSession.objects.count() == 2
    assert Session.objects.count() == 2
    assert Entry.objects.filter(subject="reader", ref=str(reader.pk)).count() == 1


@pytest.mark.django_db
def test_it_is_told_why_on_its_next_page_and_only_once(paper):
    old = signed_out()
    page = old.get("/account/", follow=True)
    assert reached(page) == "/accounts/login/?next=/account/"
    text = " ".join(page.content.decode().split())
    assert WHY in text
    assert "1 device at a time may read with it" in text
    assert WHY not in old.get("/accounts/login/").content.decode()
    assert not SignedOut.objects.exists()


@pytest.mark.django_db
def test_a_button_pressed_first_is_told_too(paper):
    old = signed_out()
    origin = {"origin": "http://testserver"}
    page = old.post("/account/saved/", {"article": "1"}, headers=origin, follow=True)
    assert WHY in " ".join(page.content.decode().split())


@pytest.mark.django_db
@pytest.mark.parametrize("ask", ["get", "post"])
def test_a_script_that_notes_the_place_uses_nothing_up(paper, ask):
    old = signed_out()
    cookies = {name: morsel.value for name, morsel in old.cookies.items()}
    told = {"article": "1", "place": "2", "paragraphs": "9"}
    answer = getattr(old, ask)("/account/place/", told, headers={"origin": "http://testserver"})
    assert answer.status_code == 401
    assert {name: morsel.value for name, morsel in old.cookies.items()} == cookies
    assert WHY in " ".join(old.get("/account/", follow=True).content.decode().split())
    assert getattr(old, ask)("/account/place/", told).status_code in (401, 403)


@pytest.mark.django_db
def test_the_gate_hears_of_it_and_its_page_says_what_to_do(paper, settings):
    old = signed_out()
    key = old.cookies["session"].value
    token = gate_token(settings.SECRET_KEY.encode())
    answer = old.get("/-/pass", headers={"x-broadsheet-gate": token})
    assert answer.status_code == 401
    assert answer.headers[SIGNED_OUT.decode()] == "1"
    page = browser()
    # Of the newsroom's answer the gate hands on the cleared pass alone.
    page.cookies["session"] = key
    text = page.get(f"{TOLD}?next=/2026/11/22/harbour").content.decode()
    assert WHY in text
    assert 'href="/accounts/login/?next=%2F2026%2F11%2F22%2Fharbour"' in text
    assert 'href="/2026/11/22/harbour"' in text
    again = browser().get("/-/pass", headers={"x-broadsheet-gate": token})
    assert SIGNED_OUT.decode() not in again.headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_that_page_leads_nowhere_else(paper, next_):
    text = browser().get(TOLD, {"next": next_}).content.decode()
    assert "evil.example" not in text
    assert "javascript:" not in text
    assert "Sign in again" in text


@pytest.mark.django_db
def test_signing_out_by_hand_is_no_news(paper):
    limit(2)
    client = at(ben())
    client.post("/accounts/logout/")
    assert WHY not in client.get(LOGIN).content.decode()


@pytest.mark.django_db
def test_empty_means_no_limit_and_staff_have_none(paper):
    reader, editor = ben(), ada()
    assert all(entered([at(reader) for _ in range(3)]))
    limit(1)
    clients = [at(editor) for _ in range(3)]
    assert [client.get("/desk/").status_code for client in clients] == [200] * 3


@pytest.mark.django_db
def test_one_readers_limit_is_nobody_elses(paper):
    from broadsheet.accounts.actions import make_reader

    limit(1)
    clients = [at(ben()), at(make_reader("rosa@lantern.example", PASSWORD))]
    assert entered(clients) == [True, True]


@pytest.mark.django_db
def test_a_lower_limit_holds_from_the_next_sign_in_on(paper):
    reader = ben()
    clients = [at(reader) for _ in range(4)]
    limit(2)
    assert all(entered(clients))
    clients.append(at(reader))
    assert entered(clients) == [False, False, False, True, True]


@pytest.mark.django_db
def test_a_session_that_has_expired_takes_nobodys_place(paper):
    reader = ben()
    limit(2)
    first, second = at(reader), at(reader)
    Session.objects.filter(session_key=second.session.session_key).delete()
    third = at(reader)
    assert entered([first, third]) == [True, True]


@pytest.mark.django_db
def test_what_can_be_told_to_nobody_any_more_is_forgotten(paper):
    reader = ben()
    limit(1)
    at(reader)
    at(reader)
    assert limits.forget_signed_out() == 0
    with time_machine.travel(clock.now() + timedelta(days=61)):
        assert limits.forget_signed_out() == 1


@pytest.mark.django_db
def test_readers_who_were_not_signed_out_cost_no_query_for_it(paper):
    client = browser()
    client.get(LOGIN)
    with CaptureQueriesContext(connection) as met:
        client.get(LOGIN)
    assert not [q for q in met if "signedout" in q["sql"]]


@pytest.mark.django_db
def test_a_request_that_was_on_its_way_when_its_device_went_lists_it_no_more(paper):
    reader = ben()
    limit(1)
    first = at(reader)
    request = RequestFactory().get("/")
    request.user = reader
    request.session = SessionStore(first.session.session_key)
    request.session.load()
    cache.clear()
    at(reader)
    DeviceActivity(lambda _request: HttpResponse())(request)
    assert UserSession.objects.filter(user=reader).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 2, 3])
def test_sign_ins_at_once_end_with_exactly_the_limit(paper, most):
    reader = ben()
    limit(most)
    clients = [browser() for _ in range(5)]
    pages = [client.get(LOGIN) for client in clients]

    def enter(client, page):
        return lambda: fill(client, page, "login", login=reader.email, password=PASSWORD)

    at_once(*[enter(client, page) for client, page in zip(clients, pages, strict=True)])
    assert UserSession.objects.filter(user=reader).count() == most
    assert sum(entered(clients)) == most
    assert sum(map(signed_in, clients)) == most
