import json
import logging
import time
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from broadsheet.accounts.issuers import asking
from broadsheet.accounts.models import User
from broadsheet.accounts.tests.doors import LOGIN, browser, signed_in
from broadsheet.accounts.tests.issuer import CLIENT, SECRET, issuing, new_key
from broadsheet.accounts.tests.test_signing_in_with_an_account_elsewhere import (
    BACK,
    START,
    away,
    own,
    text,
    through,
)
from broadsheet.kit.sign_in_with import Issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def quay(paper, settings):
    with issuing() as (provider, issuer):
        settings.SIGN_IN_WITH = (issuer,)
        yield provider


def refused(client, answer):
    assert not signed_in(client)
    assert not User.objects.exists()
    assert "You are not signed in, and nothing was changed." in text(answer)
    return answer


BENT = {
    "another nonce": lambda c: c | {"nonce": "x" * 32},
    "no nonce": lambda c: {k: v for k, v in c.items() if k != "nonce"},
    "another issuer": lambda c: c | {"iss": "https://quay.example"},
    "another addressee": lambda c: c | {"aud": "the-herald"},
    "made for another": lambda c: c | {"aud": [CLIENT, "x"], "azp": "x"},
    "too old": lambda c: c | {"exp": int(time.time()) - 120},
    "without an end": lambda c: {k: v for k, v in c.items() if k != "exp"},
    "of tomorrow": lambda c: c | {"iat": int(time.time()) + 3600},
    "of nobody": lambda c: {k: v for k, v in c.items() if k != "sub"},
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_token_that_is_not_for_this_sign_in_is_refused(quay, bend):
    quay.bend = bend
    client = browser()
    refused(client, through(client, quay))


def _with(key, **names):
    return lambda claims: jwt.encode(claims, key, **names)


@pytest.mark.parametrize(
    "sign",
    [
        _with(new_key(), algorithm="RS256", headers={"kid": "first"}),
        _with(new_key(), algorithm="RS256", headers={"kid": "unknown"}),
        _with(SECRET + "x" * 20, algorithm="HS256", headers={"kid": "first"}),
        _with(None, algorithm="none", headers={"kid": "first"}),
        lambda claims: "no.token.atall",
        lambda claims: None,
    ],
    ids=["other key", "unknown key", "shared secret", "unsigned", "nonsense", "nothing"],
)
def test_a_token_that_the_issuer_did_not_sign_is_refused(quay, sign):
    quay.sign = sign
    client = browser()
    refused(client, through(client, quay))


def test_a_new_key_of_the_issuer_is_taken_at_once(quay):
    through(browser(), quay)
    quay.key, quay.kid = new_key(), "second"
    client = browser()
    through(client, quay)
    assert signed_in(client)


def test_what_is_said_of_another_person_is_refused(quay):
    quay.in_token = False
    client = browser()
    address = quay.authorize(away(client))
    quay.bend = lambda claims: claims | {"sub": "0815"}
    refused(client, client.get(own(address), follow=True))


@pytest.mark.parametrize("state", ["", "x" * 16, None])
def test_an_answer_without_our_state_is_refused_before_the_issuer_is_asked(quay, state):
    client = browser()
    address = quay.authorize(away(client))
    code = parse_qs(urlsplit(address).query)["code"][0]
    asked = len(quay.asked)
    fields = {"code": code} | ({"state": state} if state is not None else {})
    refused(client, client.get(BACK, fields, follow=True))
    assert len(quay.asked) == asked


def test_the_answer_to_one_browser_opens_no_other(quay):
    mine, theirs = browser(), browser()
    address = own(quay.authorize(away(mine)))
    away(theirs)
    refused(theirs, theirs.get(address, follow=True))


def test_an_answer_counts_once(quay):
    client = browser()
    address = own(quay.authorize(away(client)))
    client.get(address)
    client.post("/accounts/logout/")
    client.get(address, follow=True)
    assert not signed_in(client)


def test_an_answer_that_names_another_issuer_is_refused(quay):
    client = browser()
    address = own(quay.authorize(away(client)))
    other = urlencode({"iss": "https://evil.example"})
    refused(client, client.get(f"{address}&{other}", follow=True))


def test_a_code_of_somebody_else_fails_at_the_issuer(quay):
    client, attacker = browser(), browser()
    stolen = parse_qs(urlsplit(quay.authorize(away(attacker))).query)["code"][0]
    state = parse_qs(urlsplit(quay.authorize(away(client))).query)["state"][0]
    refused(client, client.get(BACK, {"code": stolen, "state": state}, follow=True))


@contextmanager
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    "extra",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_configuration_that_leads_elsewhere_is_refused(quay, extra):
    quay.extra = extra
    client = browser()
    with quiet():
        answer = client.post(START)
    assert answer.status_code == 401
    refused(client, answer)


def test_the_configuration_is_asked_of_the_named_host_only_and_not_each_time(quay):
    for _ in range(3):
        away(browser())
    assert quay.asked == [asking.DISCOVERY]


def test_an_issuer_that_is_down_closes_only_its_own_door(paper, settings):
    with issuing() as (_, issuer):
        settings.SIGN_IN_WITH = (issuer,)
    client = browser()
    answer = client.post(START)
    refused(client, answer)
    assert client.get(LOGIN).status_code == 200


def test_another_private_address_is_never_asked(quay, settings):
    settings.SIGN_IN_WITH = (Issuer("quay", "Quay", "https://10.0.0.1", CLIENT, SECRET),)
    with pytest.raises(asking.OAuth2Error, match="only public addresses"):
        asking._got(settings.SIGN_IN_WITH[0], "https://192.168.0.1/keys")


def test_the_secret_is_never_shown_or_logged(quay, caplog):
    quay.token = lambda fields, headers: (400, {"error": json.dumps(fields)})
    client = browser()
    answer = refused(client, through(client, quay))
    assert SECRET not in answer.content.decode()
    assert SECRET not in caplog.text
    assert SECRET not in repr(Issuer("quay", "Quay", quay.url, CLIENT, SECRET))
