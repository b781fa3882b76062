from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from broadsheet.accounts import actions, reads
from broadsheet.accounts.tests.doors import LOGIN, browser, fill, signed_in
from broadsheet.press_log.models import Entry
from tests.cast import PASSWORD, ada, ben

pytestmark = pytest.mark.django_db

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/129.0.0.0 Mobile Safari/537.36"
)
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.6 Safari/605.1.15"
)
DEVICES = "/account/devices/"


def at(user, agent, address="192.0.2.7"):
    client = browser(**{"user-agent": agent, "x-forwarded-for": address})
    fill(client, client.get(LOGIN), "login", login=user.email, password=PASSWORD)
    assert signed_in(client)
    return client


def seen(client):
    page = html.fromstring(client.get(DEVICES).content.decode())
    return [" ".join(h.text_content().split()) for h in page.xpath("//li/h2")]


def passes_voided(reader):
    return Entry.objects.filter(subject="reader", ref=str(reader.pk)).count()


def test_each_device_is_named_and_this_one_stands_first(paper):
    reader = ben()
    phone, mac = at(reader, PHONE), at(reader, MAC, "2001:db8::7")
    assert seen(phone) == ["Chrome on Android This device", "Safari on macOS"]
    assert seen(mac) == ["Safari on macOS This device", "Chrome on Android"]
    text = phone.get(DEVICES).content.decode()
    assert "192.0.2.7" in text
    assert "2001:db8::7" in text


def test_the_hour_is_the_papers(paper):
    with time_machine.travel("2026-11-22T20:00:00+00:00", tick=False):
        client = at(ben(), PHONE)
        page = html.fromstring(client.get(DEVICES).content.decode())
    assert page.xpath("//li//time/@datetime")[0] == "2026-11-23T01:30:00+05:30"


def test_another_device_is_signed_out_for_good(paper):
    reader = ben()
    phone, mac = at(reader, PHONE), at(reader, MAC)
    page = phone.get(DEVICES)
    done = fill(phone, page, "device")
    assert "Signed out on that device." in done.content.decode()
    assert seen(phone) == ["Chrome on Android This device"]
    assert mac.get("/account/").status_code == 302
    assert not Session.objects.filter(session_key=mac.session.session_key).exists()
    assert phone.get("/account/").status_code == 200
    assert passes_voided(reader) == 1


def test_everywhere_else_at_once(paper):
    reader = ben()
    phone, others = at(reader, PHONE), [at(reader, MAC), at(reader, MAC)]
    done = fill(phone, phone.get(DEVICES), "others")
    assert "Signed out on 2 other devices." in done.content.decode()
    assert [client.get("/account/").status_code for client in others] == [302, 302]
    assert phone.get("/account/").status_code == 200
    assert passes_voided(reader) == 1


def test_nobody_signs_out_somebody_else(paper):
    reader, other = ben(), ada()
    client, victim = at(reader, PHONE), at(other, MAC)
    number = UserSession.objects.get(user=other).pk
    assert not actions.end_device(reader, number)
    done = client.post(DEVICES, {"device": number}, follow=True)
    assert "no longer signed in" in done.content.decode()
    assert victim.get("/account/").status_code == 200
    assert not Entry.objects.filter(subject="reader").exists()


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 40, "٣"])
def test_a_number_that_is_none_ends_nothing(paper, number):
    reader = ben()
    phone, mac = at(reader, PHONE), at(reader, MAC)
    phone.post(DEVICES, {"device": number})
    assert mac.get("/account/").status_code == 200


def test_a_form_from_elsewhere_signs_nobody_out(paper):
    reader = ben()
    other = at(reader, MAC)
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    assert client.post(DEVICES, {"others": "1"}).status_code == 403
    assert other.get("/account/").status_code == 200


def test_a_new_password_empties_the_list_and_voids_the_passes(paper):
    reader = ben()
    phone = at(reader, PHONE)
    at(reader, MAC)
    secret = "lighthouses-and-ferries"
    page = phone.get("/accounts/password/change/")
    fill(phone, page, "oldpassword", oldpassword=PASSWORD, password1=secret, password2=secret)
    assert seen(phone) == ["Chrome on Android This device"]
    assert passes_voided(reader) == 1


def test_signing_out_strikes_the_device_off(paper):
    reader = ben()
    phone, mac = at(reader, PHONE), at(reader, MAC)
    mac.post("/accounts/logout/")
    assert seen(phone) == ["Chrome on Android This device"]


def test_activity_is_noted_once_in_a_while(paper):
    reader = ben()
    phone = at(reader, PHONE)
    phone.get("/account/")
    with CaptureQueriesContext(connection) as asked:
        phone.get("/account/")
    assert not [q for q in asked if "usersession" in q["sql"]]


def test_a_session_that_has_expired_is_struck_off(paper):
    reader = ben()
    at(reader, PHONE)
    assert len(reads.devices(reader, "")) == 1
    with time_machine.travel("2099-01-01"):
        assert reads.devices(reader, "") == []


def test_activity_after_a_while_is_noted(paper):
    reader = ben()
    phone = at(reader, PHONE, "192.0.2.7")
    phone.get("/account/")
    before = UserSession.objects.get(user=reader).last_seen_at
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        phone.get("/account/", headers={"x-forwarded-for": "192.0.2.99"})
        now = UserSession.objects.get(user=reader)
    assert now.last_seen_at - before > timedelta(minutes=5)
    assert now.ip == "192.0.2.99"


def test_a_pass_renewed_by_the_gate_counts_as_activity_of_the_same_browser(paper):
    reader = ben()
    phone = at(reader, PHONE)
    before = UserSession.objects.get(user=reader).last_seen_at
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        phone.get("/-/pass", headers={"x-forwarded-for": "", "user-agent": ""})
        now = UserSession.objects.get(user=reader)
    assert now.last_seen_at > before
    assert (now.ip, now.user_agent) == ("192.0.2.7", PHONE)


def test_allauths_own_list_leads_to_ours(paper):
    client = at(ben(), PHONE)
    assert client.get("/accounts/sessions/").headers["location"] == DEVICES


def test_the_page_is_for_signed_in_readers(paper):
    assert browser().get(DEVICES).headers["location"].startswith(LOGIN)


def name(client, number, words):
    page = client.post(DEVICES, {"named": str(number), "name": words}, follow=True)
    return page.content.decode()


def test_a_reader_names_a_device_and_takes_the_name_away(paper):
    reader = ben()
    phone, mac = at(reader, PHONE), at(reader, MAC)
    number = UserSession.objects.get(session_key=phone.session.session_key).pk
    assert "The name is kept" in name(mac, number, "  Kitchen\r\nBcc: x@evil.example \x00phone ")
    assert seen(phone)[0] == "Kitchen Bcc: x@evil.example phone This device"
    name(mac, number, "<b>" + "K" * 60)
    assert seen(phone)[0] == "<b>" + "K" * 37 + " This device"
    name(mac, number, " ")
    assert seen(phone)[0] == "Chrome on Android This device"
    name(phone, number, "Kitchen")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert seen(phone)[0] == "Kitchen This device", "a device that is used keeps its name"


def test_nobody_names_the_device_of_another(paper):
    phone = at(ben(), PHONE)
    number = UserSession.objects.get().pk
    other = at(ada(), MAC)
    assert "no longer signed in" in name(other, number, "Mine")
    assert "no longer signed in" in name(other, "x", "Mine")
    assert seen(phone) == ["Chrome on Android This device"]
