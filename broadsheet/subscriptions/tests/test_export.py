"""All my data: complete, readable, mine alone, without secrets, for who signed in lately."""

import io
import json
import time
from datetime import timedelta
from zipfile import ZipFile

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from broadsheet.accounts import actions as accounts
from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import LOGIN, browser, code_for, fill, reached, signed_in
from broadsheet.kit import clock
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import ArticleLink, GateDecision, Grant
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.journal_cast import line, report, told
from tests.cast import PASSWORD, ben

PAGE, EXPORT = "/account/data/", "/account/data/export/"


@pytest.fixture(autouse=True)
def nothing_counted():
    from django.core.cache import cache

    cache.clear()


def at(reader):
    client = browser(**{"user-agent": "Firefox/128.0"})
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    return client


def taken(client):
    answer = client.post(EXPORT)
    assert answer.status_code == 200, answer
    assert answer["content-type"] == "application/zip"
    return ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(archive, name):
    return json.loads(archive.read(f"data/{name}.json"))["rows"]


def whole(archive):
    return "\n".join(archive.read(name).decode() for name in archive.namelist())


def full_life(reader, till, plan):
    """Something of every kind that a reader can have."""
    article = report("Cranes by night")
    accounts.save_article(reader, article.pk)
    buy(till, reader, plan)
    at_ = int(time.time()) - 3600
    told(
        line("a" + "m" * 22, article.pk, at=at_, rule="gift:77:" + "z" * 8, outcome="open"),
        line(f"u{reader.pk}", article.pk, at=at_ + 60),
    )
    ends = clock.now() + timedelta(days=1)
    ArticleLink.objects.create(
        kind="gift", article=article, maker=reader, expires_at=ends, ends_at=ends, most_readers=5
    )
    Mail.objects.create(
        to=reader.email, sender="news@lantern.example", subject="Your code: QWER-TZPL",
        text="Type QWER-TZPL or go to https://x/accounts/password/reset/key/3-abcdef/ now.",
    )  # fmt: skip
    Authenticator.objects.create(user=reader, type="totp", data={"secret": "TOTPSECRET"})
    return article


def test_everything_is_there_for_machines_and_for_people(till, plan):
    reader = ben()
    article = full_life(reader, till, plan)
    Authenticator.objects.all().delete()
    archive = taken(at(reader))
    assert sorted(archive.namelist()) == sorted(
        ["index.html", *(f"data/{kind.name}.json" for kind in KINDS)]
    )
    assert rows(archive, "account")[0]["email"] == "ben@lantern.example"
    [saved] = rows(archive, "saved-articles")
    assert (saved["article"], saved["title"]) == (article.pk, "Cranes by night")
    assert saved["address"].endswith(article.path)
    assert rows(archive, "devices")[0]["device"] == "Firefox"
    assert [row["outcome"] for row in rows(archive, "reading")] == ["read"]
    assert rows(archive, "gifts")[0]["title"] == "Cranes by night"
    [subscription] = rows(archive, "subscriptions")
    [period] = rows(archive, "paid-periods")
    [payment] = rows(archive, "payments")
    [invoice] = rows(archive, "invoices")
    assert subscription["version_plan_name"] == "Quarterly"
    assert period["subscription"] == subscription["id"]
    assert payment["amount"] == 90000
    assert payment["invoice_label"] == invoice["label"] == period["payment_invoice_label"]
    assert {row["source"] for row in rows(archive, "grants")} == {"subscription", "grace"}
    assert rows(archive, "checkouts")[0]["state"] == "paid"
    assert any("Quarterly" in row["text"] for row in rows(archive, "mails"))
    page = html.fromstring(archive.read("index.html").decode())
    text = " ".join(page.text_content().split())
    assert "₹900" in text
    assert "Cranes by night" in text
    assert len(page.xpath("//h2")) == len(KINDS)


def test_it_says_in_which_unit_amounts_are(till, plan):
    reader = ben()
    buy(till, reader, plan)
    head = json.loads(taken(at(reader)).read("data/payments.json"))
    assert head["amounts"] == {"in_minor_units": ["amount"], "currency_in": "currency"}
    assert head["rows"][0]["currency"] == "INR"


def test_what_opens_the_account_is_not_in_it(till, plan):
    reader = ben()
    full_life(reader, till, plan)
    Authenticator.objects.all().delete()
    client = at(reader)
    Authenticator.objects.create(user=reader, type="totp", data={"secret": "TOTPSECRET"})
    reader.refresh_from_db()
    text = whole(taken(client))
    checkout = reader.checkouts.get()
    secrets = ["TOTPSECRET", reader.password, client.session.session_key, checkout.key,
               "QWER-TZPL", "3-abcdef", "whsec"]  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []
    assert "Type […]" in text
    assert "Your code: […]" in text


def test_the_code_of_a_real_sign_in_mail_is_not_in_it(paper):
    reader, client = ben(), browser()
    by_code(client, reader, client.get("/accounts/login/code/"))
    code = code_for(reader.email)
    archive = taken(client)
    assert any("sign-in code" in row["subject"] for row in rows(archive, "mails"))
    assert code not in whole(archive)


def test_nobody_elses_data_is_in_it(till, plan):
    reader, other = ben(), accounts.make_reader("rosa@elsewhere.example", PASSWORD, name="Rosa")
    full_life(other, till, plan)
    EmailAddress.objects.create(user=reader, email=other.email.replace("rosa", "rosa2"))
    # An address that somebody typed in but never confirmed is not shown to be theirs.
    Mail.objects.create(to="rosa2@elsewhere.example", sender="n@x.example", subject="To Rosa 2")
    text = whole(taken(at(reader)))
    assert "rosa@elsewhere" not in text
    assert "To Rosa 2" not in text
    assert "Rosa" not in text.replace("rosa2@elsewhere.example", "")
    assert "Cranes by night" not in text


def test_mail_to_the_address_before_it_was_the_readers_is_not_theirs(paper):
    with time_machine.travel(clock.now() - timedelta(days=9)):
        Mail.objects.create(to="ben@lantern.example", sender="n@x.example", subject="To an earlier")
    assert "To an earlier" not in whole(taken(at(ben())))


def test_reads_before_signing_in_belong_to_it_but_not_who_gave_the_link(paper):
    reader, article = ben(), report("Trams by day")
    now = int(time.time())
    anonymous = "a" + "q" * 22
    told(
        line(anonymous, article.pk, "open", at=now - 900, rule="gift:77:12345678", limit=9),
        line(f"u{reader.pk}", 0, "merge:" + anonymous, at=now - 800),
    )
    found = rows(taken(at(reader)), "reading")
    assert [(row["title"], row["rule"]) for row in found if row["article"]] == [
        ("Trams by day", "gift")
    ]


def test_decisions_that_should_be_gone_are_not_in_it(paper):
    reader = ben()
    GateDecision.objects.create(
        at=clock.now() - timedelta(days=31), reader=reader, article=1, outcome="read"
    )
    assert rows(taken(at(reader)), "reading") == []


def test_it_is_never_kept_by_anybody(paper):
    client = at(ben())
    answer = client.post(EXPORT)
    b"".join(answer.streaming_content)
    assert "no-store" in answer["cache-control"]
    assert "private" in answer["cache-control"]
    assert answer["content-disposition"].startswith('attachment; filename="the-lantern-')


def test_an_old_sign_in_confirms_by_password_and_comes_back(paper):
    client = at(ben())
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        asked = client.post(EXPORT, follow=True)
        assert reached(asked).startswith("/accounts/reauthenticate/")
        assert "First confirm that it is you." in asked.content.decode()
        back = fill(client, asked, "password", password=PASSWORD)
        assert reached(back) == PAGE
        assert taken(client).namelist()


def test_a_wrong_password_gets_nothing(paper):
    client = at(ben())
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        asked = client.post(EXPORT, follow=True)
        fill(client, asked, "password", password="guess-guess-guess")
        assert client.post(EXPORT).status_code == 302


def test_a_session_that_was_never_asked_anything_is_asked(paper):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(ben(), backend="django.contrib.auth.backends.ModelBackend")
    assert "/reauthenticate/" in client.post(EXPORT)["location"]


def test_who_signs_in_by_code_signs_in_anew(paper):
    reader = User.objects.create_user("cleo@lantern.example")
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    client = browser()
    by_code(client, reader, client.get("/accounts/login/code/"))
    assert taken(client).namelist()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        asked = client.post(EXPORT, follow=True)
        assert not signed_in(client)
        assert "First confirm that it is you." in asked.content.decode()
        back = by_code(client, reader, client.get(f"/accounts/login/code/?next={PAGE}"))
        assert reached(back) == PAGE
        assert taken(client).namelist()


def by_code(client, reader, page):
    asked = fill(client, page, "email", email=reader.email)
    return fill(client, asked, "code", code=code_for(reader.email))


def test_a_form_from_elsewhere_takes_nothing(paper):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben())
    assert client.post(EXPORT).status_code == 403


def test_a_get_takes_nothing_and_strangers_are_led_to_sign_in(paper):
    assert at(ben()).get(EXPORT).status_code == 405
    assert browser().post(EXPORT)["location"].startswith(LOGIN)
    assert browser().get(PAGE)["location"].startswith(LOGIN)


def test_the_sixth_within_an_hour_must_wait(paper):
    client = at(ben())
    for _ in range(5):
        taken(client)
    answer = client.post(EXPORT)
    assert answer.status_code == 429
    assert "Try again in an hour." in answer.content.decode()
    assert client.get(PAGE).status_code == 200


def test_many_rows_need_no_more_queries_and_the_page_says_where_the_rest_is(paper):
    reader = ben()
    few = asked_for(reader)
    now = clock.now()
    GateDecision.objects.bulk_create(
        GateDecision(at=now, reader=reader, article=n, outcome="read") for n in range(501)
    )
    Grant.objects.bulk_create(
        Grant(reader=reader, entitlement=f"newsletter:{n}") for n in range(100)
    )
    assert asked_for(reader) - few <= 2, "a batch of titles, and one more for the 501st row"
    archive = ZipFile(actions.export(reader, view()))
    assert len(rows(archive, "reading")) == 501
    assert "There are 501 in all." in archive.read("index.html").decode()


def asked_for(reader):
    with CaptureQueriesContext(connection) as met:
        actions.export(reader, view()).close()
    return len(met)


def view():
    from broadsheet.press.frame import make_frame

    return make_frame().paper


def test_the_account_page_has_the_button(paper):
    page = html.fromstring(at(ben()).get("/account/").content.decode())
    assert [f for f in page.forms if f.action == EXPORT]
