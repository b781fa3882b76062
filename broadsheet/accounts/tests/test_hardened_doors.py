"""What somebody at the doors may try who is not the reader: guessing, asking who reads the paper,
fixing a session, forging forms, leading away, other hosts, bending mails."""

import re
from email import message_from_bytes, policy

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from broadsheet.accounts import outbox
from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import (
    LOGIN,
    SIGNUP,
    browser,
    code_for,
    fill,
    newest,
    signed_in,
)
from tests.addresses import every_address
from tests.cast import PASSWORD, ben, make_reader

pytestmark = pytest.mark.django_db

RESET, CODE = "/accounts/password/reset/", "/accounts/login/code/"
KNOWN, UNKNOWN = "ben@lantern.example", "zoe@lantern.example"
DOORS = [(LOGIN, "login"), (SIGNUP, "email"), (CODE, "email"), (RESET, "email")]


def plainly(response, address):
    """A page without what differs by chance: tokens and the address that was typed."""
    text = response.content.decode().replace(address, "ADDRESS")
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", text)


def asked(door, field, address, client=None):
    client = client or browser()
    return fill(client, client.get(door), field, **{field: address})


@pytest.mark.parametrize(("door", "field"), DOORS, ids=lambda part: part)
def test_a_known_and_an_unknown_address_get_the_same_answer_and_each_one_mail(paper, door, field):
    ben()
    seen, mails = [], []
    for address in (KNOWN, UNKNOWN):
        answer = asked(door, field, address)
        steps = [step for step, _ in answer.redirect_chain]
        seen.append((answer.status_code, steps, plainly(answer, address)))
        mails.append(Mail.objects.filter(to=address).count())
    assert seen[0] == seen[1]
    assert mails == [1, 1]


@pytest.mark.parametrize(("door", "field"), DOORS, ids=lambda part: part)
def test_the_work_for_both_is_alike(paper, door, field):
    """No password is hashed for either, one mail is written for each, and the queries differ by a
    few: all far below what a network hides."""
    ben()
    counts = []
    for address in (KNOWN, UNKNOWN):
        client = browser()
        page = client.get(door)
        with CaptureQueriesContext(connection) as found:
            fill(client, page, field, **{field: address})
        counts.append(len(found))
    assert abs(counts[0] - counts[1]) <= 12, counts


def test_a_wrong_password_is_answered_alike_and_hashed_for_both(paper, settings):
    settings.PASSWORD_HASHERS = ["broadsheet.accounts.tests.test_hardened_doors.Counting"]
    User.objects.create_user(KNOWN, PASSWORD)
    EmailAddress.objects.create(user=User.objects.get(), email=KNOWN, verified=True, primary=True)
    seen, hashed = [], []
    for address in (KNOWN, UNKNOWN):
        client = browser()
        page = client.get(LOGIN)
        Counting.hashed = 0
        answer = fill(client, page, "login", login=address, password="wrong")
        seen.append(plainly(answer, address))
        hashed.append(Counting.hashed)
    assert seen[0] == seen[1]
    assert hashed[0] == hashed[1] > 0


from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402


class Counting(PBKDF2PasswordHasher):
    """The hash of a live paper, with fewer rounds, that counts how often it is made."""

    iterations = 10
    hashed = 0

    def encode(self, password, salt, iterations=None):
        Counting.hashed += 1
        return super().encode(password, salt, iterations)


def test_passwords_are_not_guessed_for_long(paper):
    ben()
    for _ in range(40):
        client = browser()
        answer = fill(client, client.get(LOGIN), "login", login=KNOWN, password="wrong")
        if "Too many" in answer.content.decode() or answer.status_code == 429:
            break
    client = browser()
    fill(client, client.get(LOGIN), "login", login=KNOWN, password=PASSWORD)
    assert not signed_in(client), "not even with the right one, for the time being"


def test_a_guesser_locks_nobody_else_out(paper):
    ben()
    for _ in range(15):
        client = browser()
        fill(client, client.get(LOGIN), "login", login="dan@lantern.example", password="wrong")
    reader = browser(**{"x-forwarded-for": "198.51.100.9"})
    fill(reader, reader.get(LOGIN), "login", login=KNOWN, password=PASSWORD)
    assert signed_in(reader)


@pytest.mark.parametrize(("door", "field"), DOORS[1:], ids=lambda part: part)
def test_an_address_is_not_flooded_with_mail(paper, door, field):
    ben()
    for number in range(12):
        client = browser(**{"x-forwarded-for": f"198.51.100.{number}"})
        page = client.get(door)
        if page.status_code == 200:
            fill(client, page, field, **{field: KNOWN})
    assert 1 <= Mail.objects.filter(to=KNOWN).count() <= 5


def test_one_browser_does_not_write_to_a_thousand(paper):
    client = None
    for number in range(40):
        client = browser()
        client.get(SIGNUP)
        client.post(SIGNUP, {"email": f"reader{number}@lantern.example"})
    assert 1 <= Mail.objects.count() <= 20


def test_a_session_given_to_somebody_is_not_the_one_that_is_signed_in(paper):
    ben()
    attacker = browser()
    attacker.post(LOGIN, {"login": KNOWN, "password": "wrong", "next": "/search"})
    planted = attacker.session.session_key
    victim = browser()
    victim.cookies["session"] = planted
    fill(victim, victim.get(LOGIN), "login", login=KNOWN, password=PASSWORD)
    fixed = browser()
    fixed.cookies["session"] = planted
    assert not signed_in(fixed)
    assert fixed.get("/account/").status_code == 302


def test_by_code_too_the_session_is_a_new_one(paper):
    ben()
    client = browser()
    page = asked(LOGIN, "login", KNOWN, client)
    before = client.session.session_key
    fill(client, page, "code", code=code_for(KNOWN))
    assert signed_in(client)
    assert client.session.session_key != before


def test_the_code_of_one_browser_opens_no_other(paper):
    ben()
    mine, theirs = browser(), browser()
    asked(LOGIN, "login", KNOWN, mine)
    page = asked(LOGIN, "login", UNKNOWN, theirs)
    fill(theirs, page, "code", code=code_for(KNOWN))
    assert not signed_in(theirs)


def test_an_address_that_another_reader_only_typed_is_nobodys_way_in(paper):
    """Somebody adds a stranger's address to an account of their own and waits for the stranger."""
    attacker = make_reader("eve@lantern.example", PASSWORD)
    client = browser()
    fill(client, client.get(LOGIN), "login", login=attacker.email, password=PASSWORD)
    client.post("/accounts/email/", {"action_add": "", "email": UNKNOWN})
    victim = browser()
    page = asked(SIGNUP, "email", UNKNOWN, victim)
    fill(victim, page, "code", code=code_for(UNKNOWN))
    assert signed_in(victim)
    assert victim.session["_auth_user_id"] != str(attacker.pk)


FOR_MACHINES = {
    "idp:oidc:token": "a partner's server proves itself with its secret and the code",
    "idp:oidc:revoke": "a partner's server proves itself with its secret",
    "idp:oidc:userinfo": "a partner's server shows its token",
    "webhook": "a gateway signs what it tells",
    "wire_hub": "a hub signs what it sends on",
    "wire_push": "an agency signs what it pushes",
}
"""What no browser posts to, and what stands there instead of a token."""


def test_every_address_asks_for_the_token_of_its_form(paper):
    every = list(every_address())
    assert len(every) > 500
    assert {"cancel", "pause", "claim_benefit", "business_refund"} <= {one.name for one in every}
    reader = ben()
    left = {
        (one.name, who): answer.status_code
        for one in every if one.name not in FOR_MACHINES
        for who, answer in forged(one.path, reader).items() if not is_shut(one, answer)
    }  # fmt: skip
    assert left == {}
    assert not Mail.objects.exists()
    assert User.objects.count() == 1


def is_shut(address, answer):
    """Whether a form without a token met a closed door. Where Django does not ask for the token
    first, the view may send a stranger to sign in before it asks itself."""
    to_sign_in = address.is_exempt and "/login/" in answer.headers.get("location", "")
    return answer.status_code == 403 or to_sign_in


def forged(path, reader):
    """The answers to a form without a token, sent by a stranger and by a signed-in reader."""
    stranger, inside = (
        Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7"}) for _ in range(2)
    )
    inside.force_login(reader)
    body = {"email": UNKNOWN, "login": UNKNOWN, "others": "1", "request": "forged"}
    return {"stranger": stranger.post(path, body), "reader": inside.post(path, body)}


def test_only_what_machines_post_to_is_excused(paper):
    exempt = {one.name for one in every_address() if one.is_exempt}
    assert set(FOR_MACHINES) <= exempt, "an excuse for what is gone, or asks for a token"


LED_AWAY = [
    "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example",
    "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "\n//evil.example",
    "/\r/evil.example", " //evil.example", "/%09/evil.example", "https:/evil.example",
    "https:evil.example", "http:\\\\evil.example", "http:///evil.example", "HTTPS://evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//testserver@evil.example",
    "http://testserver:80@evil.example/", "http://testserver.evil.example", "//evil。example",
    "//[::1]", "http://[evil", "%2f%2fevil.example", "/%2f/evil.example", "\x00//evil.example",
    "http://testserver\\@evil.example", "ftp://testserver/", "https://testserver#@evil.example",
]  # fmt: skip


def stays(location):
    """Whether a browser that follows this stays on the paper's origin (WHATWG URL: tabs and
    newlines are dropped, backslashes are slashes)."""
    seen = re.sub(r"[\t\r\n]", "", location).strip("\x00\x01\x0b\x0c ").replace("\\", "/")
    same = re.match(r"https?://testserver(?:[/?#]|$)", seen)
    elsewhere = seen.startswith("//") or re.match(r"[a-z][a-z0-9+.-]*:", seen, re.IGNORECASE)
    return bool(same) or not elsewhere


@pytest.mark.parametrize("evil", LED_AWAY)
def test_no_way_of_writing_it_leads_away_after_a_sign_in(paper, evil):
    ben()
    client = browser()
    body = {"login": KNOWN, "password": PASSWORD, "next": evil}
    client.get(LOGIN, {"next": evil})
    answer = client.post(LOGIN, body)
    assert stays(answer.headers["location"]), answer.headers["location"]
    assert signed_in(client)
    again = client.get(LOGIN, {"next": evil})
    assert stays(again.headers["location"]), again.headers["location"]


@pytest.mark.parametrize("evil", LED_AWAY)
def test_nor_after_a_sign_out(paper, evil):
    client = browser()
    client.force_login(ben())
    answer = client.post("/accounts/logout/", {"next": evil})
    assert stays(answer.headers["location"]), answer.headers["location"]


@pytest.mark.parametrize("evil", LED_AWAY)
def test_nor_does_a_link_on_the_page_of_an_ended_device(paper, evil):
    page = html.fromstring(browser().get("/account/signed-out/", {"next": evil}).content)
    assert [href for href in page.xpath("//main//a/@href") if not stays(href)] == []


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:81"])
def test_no_mail_leads_to_the_host_that_a_request_named(paper, settings, host):
    settings.ORIGIN = "https://lantern.example"
    ben()
    for door, field in DOORS:
        client = browser(host=host, **{"x-forwarded-host": host})
        page = client.get(door)
        fill(client, page, field, **{field: KNOWN})
        mail = newest(KNOWN)
        assert host not in mail.text + mail.html + mail.subject
    assert "https://lantern.example/accounts/password/reset/key/" in newest(KNOWN).text


INJECTED = [
    "ben@lantern.example\nBcc: all@evil.example",
    "ben@lantern.example\r\nBcc: all@evil.example",
    "ben@lantern.example%0aBcc: all@evil.example",
    "ben@lantern.example, all@evil.example",
    "ben@lantern.example\x00@evil.example",
    "ben@lantern.example\u2028Bcc: all@evil.example",
    '"a\nBcc: all@evil.example"@lantern.example',
    "Ben <ben@lantern.example>",
]


@pytest.mark.parametrize("bent", INJECTED)
@pytest.mark.parametrize(("door", "field"), DOORS, ids=lambda part: part)
def test_an_address_adds_nobody_to_a_mail(paper, door, field, bent):
    ben()
    client = browser()
    client.get(door)
    client.post(door, {field: bent}, follow=True)
    assert set(Mail.objects.values_list("to", flat=True)) <= {KNOWN}
    assert not User.objects.filter(email__contains="evil").exists()


def written(mail):
    """A mail of the outbox as it leaves."""
    message = outbox.as_message(mail).message()
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def test_neither_the_wanted_page_nor_the_papers_name_adds_a_field(paper):
    paper.name = 'The "Lantern"\r\nBcc: all@evil.example'
    paper.save()
    client = browser()
    wanted = "/search?q=x\r\nBcc: all@evil.example"
    page = client.get(LOGIN, {"next": wanted})
    fill(client, page, "login", login=UNKNOWN)
    mail = newest(UNKNOWN)
    sent = written(mail)
    assert sent.get("bcc") is None
    assert [str(to) for to in sent.get_all("to")] == [UNKNOWN]
