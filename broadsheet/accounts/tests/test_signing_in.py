import pytest
import time_machine

from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import (
    LOGIN,
    browser,
    code_for,
    fill,
    form,
    link_for,
    newest,
    reached,
    signed_in,
)
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db


def test_an_address_alone_sends_a_code(paper):
    reader = ben()
    client = browser()
    asked = fill(client, client.get(LOGIN), "login", login=reader.email)
    landed = fill(client, asked, "code", code=code_for(reader.email))
    assert reached(landed) == "/account/"
    assert signed_in(client)


def test_an_address_and_a_password_sign_in_at_once(paper):
    reader = ben()
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert signed_in(client)
    assert not Mail.objects.filter(subject__contains="code").exists()


def test_the_code_is_the_first_button_of_the_page(paper):
    page = browser().get(LOGIN).content.decode()
    assert page.index("Send me a code") < page.index("Sign in with password")


def test_a_refused_password_offers_a_code_without_a_password_field(paper):
    reader = ben()
    client = browser()
    refused = fill(client, client.get(LOGIN), "login", login=reader.email, password="wrong")
    page = refused.content.decode()
    assert "not correct" in page
    action, fields = form(page, "email")
    assert action == "/accounts/login/code/"
    assert "password" not in fields
    asked = client.post(action, fields, follow=True)
    fill(client, asked, "code", code=code_for(reader.email))
    assert signed_in(client)


def test_an_unknown_address_is_told_by_mail_how_to_get_an_account(paper):
    client = browser()
    wanted = "/2026/11/22/harbour-opens-early"
    page = client.get(LOGIN, {"next": wanted})
    asked = fill(client, page, "login", login="zoe@lantern.example")
    assert "We have sent a code to" in asked.content.decode()
    assert newest("zoe@lantern.example").subject == "This address has no account yet"
    door = client.get(link_for("zoe@lantern.example"))
    assert form(door.content.decode(), "email")[1]["email"] == "zoe@lantern.example"
    asked = fill(client, door, "email")
    landed = fill(client, asked, "code", code=code_for("zoe@lantern.example"))
    assert reached(landed) == wanted
    assert User.objects.filter(email="zoe@lantern.example").exists()


def test_a_code_that_is_too_old_is_refused(paper):
    reader = ben()
    client = browser()
    asked = fill(client, client.get(LOGIN), "login", login=reader.email)
    code = code_for(reader.email)
    with time_machine.travel("2099-01-01"):
        fill(client, asked, "code", code=code)
    assert not signed_in(client)


def test_three_wrong_codes_end_the_attempt(paper):
    reader = ben()
    client = browser()
    asked = fill(client, client.get(LOGIN), "login", login=reader.email)
    code = code_for(reader.email)
    for _ in range(3):
        response = client.post("/accounts/login/code/confirm/", {"code": "BBBB-BBBB"}, follow=True)
    assert "Too many" in response.content.decode()
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert not signed_in(client)
    assert asked.status_code == 200


def test_a_new_password_can_be_set_by_mail_and_signs_in(paper):
    reader = ben()
    client = browser()
    fill(client, client.get("/accounts/password/reset/"), "email", email=reader.email)
    mail = newest(reader.email)
    assert mail.subject == "Set a new password"
    page = client.get(link_for(reader.email), follow=True)
    secret = "lighthouses-and-ferries"
    action, fields = form(page.content.decode(), "password1")
    client.post(action, fields | {"password1": secret, "password2": secret}, follow=True)
    assert signed_in(client)
    assert newest(reader.email).subject == "A change to your account"
