import re

import pytest
from allauth.account.models import EmailAddress

from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import (
    SIGNUP,
    browser,
    code_for,
    fill,
    newest,
    reached,
    signed_in,
)
from tests.cast import ben

pytestmark = pytest.mark.django_db

IDA = "ida@lantern.example"


def test_an_address_and_a_code_make_an_account(paper):
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email="Ida@Lantern.example")
    assert "password" not in asked.content.decode()
    landed = fill(client, asked, "code", code=code_for(IDA))
    assert reached(landed) == "/account/"
    reader = User.objects.get(email=IDA)
    assert signed_in(client)
    assert not reader.has_usable_password()
    assert EmailAddress.objects.get(user=reader).verified


def test_the_sign_up_page_asks_for_no_password(paper):
    assert b'type="password"' not in browser().get(SIGNUP).content


def test_a_code_may_be_typed_in_small_letters_without_its_dash(paper):
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email=IDA)
    fill(client, asked, "code", code=code_for(IDA).replace("-", " ").lower())
    assert signed_in(client)


def test_without_the_code_nobody_is_in(paper):
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email=IDA)
    again = fill(client, asked, "code", code="BBBB-BBBB")
    assert not signed_in(client)
    assert "Incorrect code" in again.content.decode()
    assert not EmailAddress.objects.get(email=IDA).verified


def test_a_known_address_that_signs_up_simply_gets_in(paper):
    reader = ben()
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email=reader.email)
    landed = fill(client, asked, "code", code=code_for(reader.email))
    assert reached(landed) == "/account/"
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert User.objects.count() == 1
    assert reader.has_usable_password()


def test_a_stranger_cannot_tell_a_known_address_from_a_new_one(paper):
    ben()
    seen = {}
    for address in ("ben@lantern.example", IDA):
        client = browser()
        asked = fill(client, client.get(SIGNUP), "email", email=address)
        mail = newest(address)
        same = (reached(asked), asked.content.decode(), mail.subject, mail.text, mail.html)
        code = code_for(address)
        token = client.cookies["csrf"].value
        seen[address] = [
            _without_tokens(part.replace(address, "ADDRESS").replace(code, "CODE"), token)
            for part in same
        ]
    assert seen["ben@lantern.example"] == seen[IDA]


def _without_tokens(page, token):
    return re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", page).replace(token, "")


def test_a_form_that_was_sent_twice_makes_one_account(paper):
    client = browser()
    page = client.get(SIGNUP)
    fill(client, page, "email", email=IDA)
    again = fill(browser(), page, "email", email=IDA)
    assert reached(again).startswith("/accounts/login/code/confirm/")
    assert User.objects.filter(email=IDA).count() == 1
    assert Mail.objects.filter(to=IDA).count() == 2


def test_too_many_codes_for_one_address_are_refused_in_words(paper):
    for _ in range(3):
        client = browser()
        fill(client, client.get(SIGNUP), "email", email=IDA)
    client = browser()
    refused = fill(client, client.get(SIGNUP), "email", email=IDA)
    assert reached(refused) == SIGNUP
    assert "Too many" in refused.content.decode()
    assert Mail.objects.filter(to=IDA).count() == 3


def test_what_is_no_address_is_refused_and_nothing_is_made(paper):
    client = browser()
    refused = fill(client, client.get(SIGNUP), "email", email="ida at home")
    assert reached(refused) == SIGNUP
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_a_password_can_be_set_later_and_then_signs_in(paper):
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email=IDA)
    fill(client, asked, "code", code=code_for(IDA))
    page = client.get("/accounts/password/change/", follow=True)
    assert reached(page) == "/accounts/password/set/"
    secret = "ferries-and-lighthouses"
    fill(client, page, "password1", password1=secret, password2=secret)
    other = browser()
    fill(other, other.get("/accounts/login/"), "login", login=IDA, password=secret)
    assert signed_in(other)
