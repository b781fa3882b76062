from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from lxml import html

from broadsheet.accounts.tests.doors import (
    LOGIN,
    SIGNUP,
    browser,
    code_for,
    fill,
    newest,
    reached,
    signed_in,
)
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db

WANTED = "/subscribe/smart-essential/?next=/2026/11/22/some-slug"
IDA = "ida@lantern.example"
EVIL = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "///evil.example/x",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
]


def door(client, address=LOGIN, wanted=WANTED):
    return client.get(f"{address}?{urlencode({'next': wanted})}")


def link(response, text):
    page = html.fromstring(response.content.decode())
    return page.xpath(f"//main//a[normalize-space()='{text}']/@href")[0]


def test_from_the_sign_in_page_to_the_sign_up_page_to_the_code(paper):
    client = browser()
    page = client.get(link(door(client), "Create an account"))
    asked = fill(client, page, "email", email=IDA)
    assert reached(fill(client, asked, "code", code=code_for(IDA))) == WANTED


def test_from_the_sign_up_page_to_the_sign_in_page(paper):
    reader = ben()
    client = browser()
    page = client.get(link(door(client, SIGNUP), "Sign in"))
    done = fill(client, page, "login", login=reader.email, password=PASSWORD)
    assert reached(done) == WANTED


def test_with_a_sign_in_code(paper):
    reader = ben()
    client = browser()
    asked = fill(client, door(client), "login", login=reader.email)
    assert reached(fill(client, asked, "code", code=code_for(reader.email))) == WANTED


def test_when_a_known_address_signs_up(paper):
    reader = ben()
    client = browser()
    asked = fill(client, door(client, SIGNUP), "email", email=reader.email)
    assert reached(fill(client, asked, "code", code=code_for(reader.email))) == WANTED


def test_a_wrong_code_and_another_try(paper):
    client = browser()
    asked = fill(client, door(client, SIGNUP), "email", email=IDA)
    again = fill(client, asked, "code", code="BBBB-BBBB")
    assert reached(fill(client, again, "code", code=code_for(IDA))) == WANTED


def test_a_new_code(paper):
    client = browser()
    asked = fill(client, door(client, SIGNUP), "email", email=IDA)
    first = code_for(IDA)
    again = fill(client, asked, "action")
    assert code_for(IDA) != first
    assert reached(fill(client, again, "code", code=code_for(IDA))) == WANTED


def test_too_many_wrong_codes_and_a_new_start(paper):
    reader = ben()
    client = browser()
    response = fill(client, door(client), "login", login=reader.email)
    for _ in range(3):
        response = fill(client, response, "code", code="BBBB-BBBB")
    assert reached(response) == "/accounts/login/code/"
    asked = fill(client, response, "email", email=reader.email)
    assert reached(fill(client, asked, "code", code=code_for(reader.email))) == WANTED


def test_another_address_after_a_mistyped_one(paper):
    reader = ben()
    client = browser()
    asked = fill(client, door(client), "login", login="bem@lantern.example")
    page = asked.content.decode()
    leave = next(f for f in html.fromstring(page).forms if f.action == "/accounts/logout/")
    back = client.post(leave.action, dict(leave.fields), follow=True)
    assert reached(back).startswith(LOGIN)
    done = fill(client, back, "login", login=reader.email, password=PASSWORD)
    assert reached(done) == WANTED


def test_an_unfinished_sign_in_that_is_taken_up_from_another_page(paper):
    reader = ben()
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email)
    taken_up = client.get(f"{LOGIN}?{urlencode({'next': WANTED})}", follow=True)
    assert reached(taken_up) == "/accounts/login/code/confirm/"
    assert reached(fill(client, taken_up, "code", code=code_for(reader.email))) == WANTED


def test_a_refused_password_and_another_try(paper):
    reader = ben()
    client = browser()
    again = fill(client, door(client), "login", login=reader.email, password="wrong")
    done = fill(client, again, "login", login=reader.email, password=PASSWORD)
    assert reached(done) == WANTED


def test_on_the_way_to_a_passkey_and_back(paper):
    client = browser()
    page = client.get(link(door(client), "Sign in with a passkey"))
    found = [f for f in html.fromstring(page.content.decode()).forms if "next" in f.inputs]
    assert [(f.action, f.fields["next"]) for f in found] == [
        ("/accounts/2fa/webauthn/login/", WANTED)
    ]
    back = client.get(link(page, "Other ways to sign in"))
    asked = fill(client, back, "login", login=IDA)
    assert asked.status_code == 200
    assert urlencode({"next": WANTED}) in asked.redirect_chain[-1][0]


def test_whoever_is_signed_in_goes_on_at_once(paper):
    reader = ben()
    client = browser()
    client.force_login(reader)
    for address in (LOGIN, SIGNUP):
        assert reached(client.get(address, {"next": WANTED}, follow=True)) == WANTED


def test_a_page_wanted_once_is_not_wanted_for_ever(paper):
    reader = ben()
    client = browser()
    done = fill(client, door(client), "login", login=reader.email, password=PASSWORD)
    assert reached(done) == WANTED
    client.post("/accounts/logout/")
    again = fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert reached(again) == "/account/"


def test_following_a_link_leaves_no_session_behind(paper):
    door(browser())
    door(browser(), SIGNUP)
    assert not Session.objects.exists()


@pytest.mark.parametrize("evil", EVIL)
def test_an_unsafe_page_never_leads_away_with_a_password(paper, evil):
    reader = ben()
    client = browser()
    page = door(client, wanted=evil)
    done = fill(client, page, "login", login=reader.email, password=PASSWORD)
    assert reached(done) == "/account/"


@pytest.mark.parametrize("evil", EVIL)
def test_an_unsafe_page_never_leads_away_with_a_code(paper, evil):
    client = browser()
    asked = fill(client, door(client, SIGNUP, wanted=evil), "email", email=IDA)
    assert all("evil" not in step for step, _ in asked.redirect_chain)
    again = client.post(f"/accounts/login/code/confirm/?{urlencode({'next': evil})}",
                        {"code": code_for(IDA), "next": evil}, follow=True)  # fmt: skip
    assert reached(again) == "/account/"
    assert signed_in(client)


@pytest.mark.parametrize("evil", EVIL)
def test_an_unsafe_page_never_leads_away_for_whoever_is_signed_in(paper, evil):
    client = browser()
    client.force_login(ben())
    assert reached(client.get(LOGIN, {"next": evil}, follow=True)) == "/account/"


def test_an_unsafe_page_is_not_mailed(paper):
    client = browser()
    fill(client, door(client, wanted=EVIL[0]), "login", login="zoe@lantern.example")
    assert "evil" not in newest("zoe@lantern.example").text
