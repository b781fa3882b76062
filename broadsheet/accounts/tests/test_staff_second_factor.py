import time
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import Group
from django.urls import reverse
from lxml import html

from broadsheet.accounts import reads
from broadsheet.accounts.actions import make_staff
from broadsheet.accounts.models import StaffPolicy
from broadsheet.accounts.tests.doors import LOGIN, browser, code_for, fill, reached, signed_in
from broadsheet.config import doctor
from broadsheet.desk.models import Paper
from tests.cast import PASSWORD, ada, ben

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
POLICY = "/desk/settings/accounts/staffpolicy/"


@pytest.fixture
def required(paper):
    StaffPolicy.objects.create(second_factor=True)


def now(secret=SECRET, steps=0):
    """What an authenticator app shows (RFC 6238), worked out here and not by the paper."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps))


def with_password(user):
    client = browser()
    return client, fill(client, client.get(LOGIN), "login", login=user.email, password=PASSWORD)


def test_the_codes_of_this_test_are_those_of_the_standard():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, at 59 seconds.
    assert totp.format_hotp_value(totp.hotp_value(secret, 1)) == "287082"


def test_without_the_policy_nothing_changes(paper):
    client, landed = with_password(ada())
    assert reached(landed) == "/desk/"
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("page", ["/desk/", "/desk/snippets/desk/article/?q=tide&p=2"])
def test_staff_without_one_are_led_to_set_one_up(required, page):
    client, _ = with_password(ada())
    led = client.get(page)
    where = urlsplit(led.headers["location"])
    assert where.path == "/accounts/2fa/"
    assert parse_qs(where.query)["next"] == [page]
    shown = client.get(led.headers["location"]).content.decode()
    assert "asks everyone at the desk for a second factor" in shown
    assert html.fromstring(shown).xpath("//a[normalize-space()='Continue to the desk']/@href") == [
        page
    ]


def test_no_form_of_the_desk_is_taken_from_them_either(required):
    client, _ = with_password(ada())
    refused = client.post(reverse("wagtailsnippets_desk_article:add"), {"headline": "Smuggled"})
    assert refused.headers["location"].startswith("/accounts/2fa/")


def test_setting_up_an_authenticator_app_opens_the_desk(required):
    client, _ = with_password(ada())
    client.get("/desk/")
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    page = fill(client, asked, "password", password=PASSWORD)
    assert reached(page).endswith("/accounts/2fa/totp/activate/")
    tree = html.fromstring(page.content.decode())
    secret = tree.xpath("//input[@id='authenticator_secret']/@value")[0]
    assert tree.xpath("//img[@class='qr'][starts-with(@src, 'data:image/svg+xml')]")
    done = fill(client, page, "code", code=now(secret))
    assert "Continue to the desk" in done.content.decode()
    assert Authenticator.objects.filter(type="recovery_codes").exists()
    assert client.get("/desk/").status_code == 200
    assert "second_factor_for" not in client.session


def test_whoever_has_one_is_asked_for_it_when_signing_in(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    client, asked = with_password(user)
    assert reached(asked) == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    wrong = fill(client, asked, "code", code="000000")
    assert not signed_in(client)
    landed = fill(client, wrong, "code", code=now())
    assert reached(landed) == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_the_wanted_page_survives_the_second_factor(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    client = browser()
    wanted = "/desk/snippets/desk/article/?q=tide"
    page = client.get(wanted, follow=True)
    asked = fill(client, page, "login", login=user.email, password=PASSWORD)
    assert reached(fill(client, asked, "code", code=now())) == wanted


def test_a_code_by_mail_is_not_a_second_factor(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    client = browser()
    asked = fill(client, client.get(LOGIN), "login", login=user.email)
    asked = fill(client, asked, "code", code=code_for(user.email))
    assert reached(asked) == "/accounts/2fa/authenticate/"
    assert not signed_in(client)


def test_a_code_of_the_app_counts_once(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    code = now()
    client, asked = with_password(user)
    fill(client, asked, "code", code=code)
    other, asked = with_password(user)
    fill(other, asked, "code", code=code)
    assert signed_in(client)
    assert not signed_in(other)


def test_a_recovery_code_stands_in_for_a_lost_phone(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    spare = RecoveryCodes.activate(user).get_unused_codes()[0]
    client, asked = with_password(user)
    assert reached(fill(client, asked, "code", code=spare)) == "/desk/"


def test_recovery_codes_alone_are_no_second_factor(required):
    user = ada()
    RecoveryCodes.activate(user)
    assert not reads.has_second_factor(user)
    client, _ = with_password(user)
    assert client.get("/desk/").headers["location"].startswith("/accounts/2fa/")


def test_a_session_from_before_is_asked_for_the_factor(required):
    user = ada()
    client, _ = with_password(user)
    totp.TOTP.activate(user, SECRET)
    asked = client.get("/desk/", follow=True)
    assert reached(asked).startswith("/accounts/2fa/reauthenticate/")
    assert reached(fill(client, asked, "code", code=now())) == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_the_desk_has_no_door_of_its_own(required):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    client = browser()
    led = client.get("/desk/login/", {"next": "/desk/images/"})
    assert led.headers["location"] == "/accounts/login/?next=%2Fdesk%2Fimages%2F"
    client.post("/desk/login/", {"username": user.email, "password": PASSWORD})
    assert not signed_in(client)


def test_readers_need_none(required):
    client, landed = with_password(ben())
    assert reached(landed) == "/account/"
    assert "asks everyone at the desk" not in client.get("/accounts/2fa/").content.decode()
    assert client.get("/desk/").status_code == 403


def test_leaving_the_desk_is_always_possible(required):
    client, _ = with_password(ada())
    client.post(reverse("wagtailadmin_logout"))
    assert not signed_in(client)


def test_an_editor_cannot_switch_the_policy(paper):
    client, _ = with_password(ada())
    assert Group.objects.get(name="Editors").permissions.filter(codename="access_admin").exists()
    page = client.get(POLICY, follow=True)
    assert b"second_factor" not in page.content
    client.post(POLICY, {"second_factor": "on"}, follow=True)
    assert not reads.staff_policy().second_factor


def test_a_publisher_can(paper):
    boss = make_staff("eve@lantern.example", PASSWORD, publisher=True)
    client, _ = with_password(boss)
    page = client.get(POLICY, follow=True)
    assert b"second_factor" in page.content
    client.post(page.request["PATH_INFO"], {"second_factor": "on"})
    assert reads.staff_policy().second_factor


def told():
    out = StringIO()
    doctor.examine(out)
    return out.getvalue()


def test_the_doctor_says_that_it_is_off(paper):
    assert "!!  Staff sign in to the desk without a second factor." in told()
    assert "Settings, Staff sign-in" in told()


def test_in_the_demo_that_is_not_wrong(paper):
    Paper.objects.update(demo=True)
    assert "ok  Staff sign in to the desk without a second factor." in told()


def test_the_doctor_counts_staff_who_have_none(required):
    user = ada()
    make_staff("eve@lantern.example", PASSWORD, publisher=True)
    ben()
    assert "2 of the staff have no second factor yet" in told()
    totp.TOTP.activate(user, SECRET)
    assert "One of the staff has no second factor yet" in told()


@pytest.mark.parametrize(
    "page",
    ["/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/",
     "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/totp/deactivate/",
     "/accounts/email/", "/accounts/password/change/"],
)  # fmt: skip
def test_every_page_of_it_stands_in_the_papers_look(paper, page):
    user = ada()
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    client, asked = with_password(user)
    fill(client, asked, "code", code=now())
    shown = client.get(page, follow=True)
    if "reauthenticate" in reached(shown):
        shown = fill(client, shown, "password", password=PASSWORD)
    assert shown.status_code == 200
    assert reached(shown).split("?")[0] == page
    assert b'class="account-nav"' in shown.content
