import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import LOGIN, browser, fill, newest, reached, signed_in
from broadsheet.accounts.tests.issuer import issuing
from broadsheet.accounts.tests.test_signing_in_with_an_account_elsewhere import own, text, through
from tests.cast import PASSWORD, ada, ben, make_reader

pytestmark = pytest.mark.django_db

LIST, TO_QUAY = "/account/connections/", "/account/connections/to/quay/"


@pytest.fixture
def quay(paper, settings):
    with issuing() as (provider, issuer):
        settings.SIGN_IN_WITH = (issuer,)
        yield provider


def signed_in_as(reader):
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert signed_in(client)
    return client


def connect(client, quay):
    answer = client.post(TO_QUAY)
    return client.get(own(quay.authorize(answer.headers["location"])), follow=True)


def end(client):
    number = SocialAccount.objects.get().pk
    return client.post(f"{LIST}{number}/end/", follow=True)


def test_the_list_tells_what_is_there_and_what_could_be(quay):
    client = signed_in_as(ben())
    assert "Connect Quay" in text(client.get(LIST))
    answer = connect(client, quay)
    assert reached(answer) == LIST
    assert "From now on that account signs you in" in text(answer)
    assert "ida@lantern.example" in text(answer)
    assert "Connect Quay" not in text(answer)


def test_a_connected_account_opens_this_one_whatever_its_address(quay):
    reader = ben()
    connect(signed_in_as(reader), quay)
    client = browser()
    through(client, quay)
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert User.objects.count() == 1


def test_staff_connect_theirs_by_hand(quay):
    editor = ada()
    quay.person["email"] = editor.email
    connect(signed_in_as(editor), quay)
    assert SocialAccount.objects.get().user == editor


def test_disconnected_it_opens_nothing_and_its_reader_is_told(quay):
    reader = ben()
    client = signed_in_as(reader)
    connect(client, quay)
    assert "Disconnected: Quay" in text(end(client))
    assert not SocialAccount.objects.exists()
    assert "has been disconnected" in newest(reader.email).text


def test_the_last_way_in_stays(quay):
    client = browser()
    through(client, quay)
    EmailAddress.objects.update(verified=False)
    answer = end(client)
    assert SocialAccount.objects.exists()
    assert "Nothing was disconnected" in text(answer)
    assert "The only way into your account" in text(client.get(LIST))


def test_a_reader_who_came_by_it_disconnects_it_and_comes_in_by_a_code(quay):
    client = browser()
    through(client, quay)
    end(client)
    assert not SocialAccount.objects.exists()


def test_nobody_disconnects_what_is_another_readers(quay):
    connect(signed_in_as(ben()), quay)
    other = signed_in_as(make_reader("dan@lantern.example", PASSWORD))
    end(other)
    assert SocialAccount.objects.exists()


def test_one_account_elsewhere_opens_one_account_here(quay):
    connect(signed_in_as(ben()), quay)
    other = signed_in_as(make_reader("dan@lantern.example", PASSWORD))
    answer = connect(other, quay)
    assert "belongs to another reader" in text(answer)
    assert SocialAccount.objects.get().user.email == "ben@lantern.example"


def test_who_signed_in_long_ago_shows_who_it_is_first(quay):
    client = signed_in_as(ben())
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1}]
    session.save()
    for answer in (client.post(TO_QUAY), client.post(f"{LIST}1/end/")):
        assert answer.headers["location"].startswith("/accounts/reauthenticate/")
    sneaky = client.post("/accounts/oidc/quay/login/?process=connect")
    client.get(own(quay.authorize(sneaky.headers["location"])))
    assert not SocialAccount.objects.exists()


def test_the_forms_ask_for_their_token_and_the_list_for_a_reader(quay):
    client = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7"})
    client.force_login(ben())
    assert client.post(TO_QUAY).status_code == 403
    assert client.post(f"{LIST}1/end/").status_code == 403
    assert browser().get(LIST).status_code == 302
    assert not Mail.objects.exists()


def test_a_connection_to_an_issuer_that_is_offered_no_more_can_go(quay, settings):
    client = signed_in_as(ben())
    connect(client, quay)
    settings.SIGN_IN_WITH = ()
    assert "quay" in text(client.get(LIST))
    assert "Disconnected: quay" in text(end(client))


def test_the_number_of_connections_costs_no_query(quay):
    reader = ben()
    client = signed_in_as(reader)
    counts = []
    for uid in ("a", "b", "c"):
        SocialAccount.objects.create(user=reader, provider="quay", uid=uid)
        with CaptureQueriesContext(connection) as found:
            client.get(LIST)
        counts.append(len(found))
    assert len(set(counts[1:])) == 1


def test_without_an_issuer_the_account_speaks_of_none(paper, settings):
    settings.SIGN_IN_WITH, reader = (), ben()
    client = signed_in_as(reader)
    assert LIST not in client.get("/account/devices/").content.decode()
    SocialAccount.objects.create(user=reader, provider="quay", uid="7")
    assert LIST in client.get("/account/devices/").content.decode()
