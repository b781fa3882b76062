from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from lxml import html

from broadsheet.accounts.actions import close_account
from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.tests.doors import LOGIN, SIGNUP, browser, newest, reached, signed_in
from broadsheet.accounts.tests.issuer import issuing
from tests.cast import ada, ben

pytestmark = pytest.mark.django_db

START, BACK = "/accounts/oidc/quay/login/", "/accounts/oidc/quay/login/callback/"
IDA = "ida@lantern.example"
WANTED = "/2026/11/22/some-slug"


@pytest.fixture
def quay(paper, settings):
    with issuing() as (provider, issuer):
        settings.SIGN_IN_WITH = (issuer,)
        yield provider


def away(client, **fields):
    """Press the button: the address at the issuer."""
    answer = client.post(START, fields)
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["location"]


def through(client, quay, **fields):
    """To the issuer and back."""
    return client.get(own(quay.authorize(away(client, **fields))), follow=True)


def own(address):
    """A path of ours."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def text(response):
    return " ".join(html.fromstring(response.content).text_content().split())


def test_without_a_setting_there_is_no_button_and_no_address(paper):
    for page in (LOGIN, SIGNUP):
        assert "Continue with" not in text(browser().get(page))
    assert browser().post(START).status_code == 404
    assert browser().get(BACK).status_code == 404


def test_the_button_stands_on_both_pages_and_holds_the_wanted_page(quay):
    for page in (LOGIN, SIGNUP):
        answer = browser().get(page, {"next": WANTED})
        found = [f for f in html.fromstring(answer.content).forms if f.action == START]
        assert [f.fields["next"] for f in found] == [WANTED]
        assert "Continue with Quay" in text(answer)


def test_a_new_reader_comes_in_and_lands_on_the_wanted_page(quay):
    client = browser()
    assert reached(through(client, quay, next=WANTED)) == WANTED
    reader = User.objects.get(email=IDA)
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert EmailAddress.objects.get(user=reader).verified
    assert not reader.has_usable_password()


def test_what_is_kept_is_who_and_the_address_and_no_token(quay):
    quay.person |= {"name": "Ida Lind", "picture": "https://quay.example/i.png"}
    through(browser(), quay)
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {"iss": quay.url, "sub": "4711", "email": IDA}
    assert not SocialToken.objects.exists()
    assert User.objects.get().get_full_name() == ""


def test_the_issuer_is_asked_with_a_state_a_nonce_a_challenge_and_our_own_address(quay, settings):
    settings.ORIGIN = "https://lantern.example"
    client = Client(headers={"x-forwarded-for": "192.0.2.7", "host": "evil.example"})
    asked = parse_qs(urlsplit(away(client)).query)
    assert len(asked["nonce"][0]) >= 32
    assert len(asked["state"][0]) >= 16
    assert asked["redirect_uri"] == ["https://lantern.example" + BACK]


def test_nobody_can_add_to_what_the_issuer_is_asked(quay):
    bent = urlencode({"scope": "admin", "auth_params": "prompt=none&redirect_uri=https://e.vil"})
    asked = browser().post(f"{START}?{bent}").headers["location"]
    assert "admin" not in asked
    assert "e.vil" not in asked


def test_a_link_from_elsewhere_only_asks(quay):
    answer = browser().get(START)
    assert answer.status_code == 200
    assert "Continue with Quay" in text(answer)
    assert quay.asked == []


def test_the_button_asks_for_its_token(quay):
    strict = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7"})
    assert strict.post(START).status_code == 403
    assert quay.asked == []


def test_the_next_time_it_is_the_same_account_also_under_another_address(quay):
    through(browser(), quay)
    quay.person["email"] = "ida.lind@elsewhere.example"
    client = browser()
    through(client, quay)
    reader = User.objects.get()
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert reader.email == IDA, "the paper's mail goes where the reader had it go"


def test_an_address_that_changed_hands_at_the_issuer_does_not_open_the_account(quay):
    through(browser(), quay)
    quay.person = {"sub": "0815", "email": IDA, "email_verified": False}
    client = browser()
    through(client, quay)
    assert not signed_in(client)
    assert SocialAccount.objects.count() == 1


def test_a_known_confirmed_address_is_joined_and_its_reader_told(quay):
    reader = ben()
    quay.person["email"] = "Ben@Lantern.example"
    client = browser()
    through(client, quay)
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert SocialAccount.objects.get().user == reader
    assert User.objects.get().has_usable_password()
    assert "has been connected" in newest(reader.email).text


@pytest.mark.parametrize("said", [False, None, "false", "yes", 1, 0, [True]])
def test_an_address_that_the_issuer_does_not_confirm_joins_and_makes_nothing(quay, said):
    ben()
    for email in ("ben@lantern.example", IDA):
        quay.person |= {"email": email, "email_verified": said}
        client = browser()
        answer = through(client, quay, next=WANTED)
        assert not signed_in(client)
        assert "does not confirm" in text(answer)
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)
    assert not Mail.objects.exists()


def test_without_an_address_there_is_no_account(quay):
    del quay.person["email"]
    client = browser()
    through(client, quay)
    assert not signed_in(client)
    assert not User.objects.exists()


def test_an_address_that_somebody_only_typed_here_joins_nothing(quay):
    other = User.objects.create_user(email=IDA)
    EmailAddress.objects.create(user=other, email=IDA, primary=True, verified=False)
    client = browser()
    answer = through(client, quay)
    assert not signed_in(client)
    assert "Sign in with a code first" in text(answer)
    assert not SocialAccount.objects.exists()


def test_a_closed_account_stays_closed(quay):
    through(browser(), quay)
    close_account(User.objects.get())
    client = browser()
    through(client, quay)
    assert not signed_in(client)


def test_staff_are_not_joined_by_their_address(quay):
    editor = ada()
    quay.person["email"] = editor.email
    client = browser()
    answer = through(client, quay)
    assert not signed_in(client)
    assert "Sign in with a code first" in text(answer)
    assert not SocialAccount.objects.exists()


def connected(client, quay, reader):
    """The reader connects by the button in the account."""
    client.force_login(reader)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 2**40}]
    session.save()
    return client


def test_staff_without_a_second_factor_do_not_enter_this_way(quay):
    from broadsheet.accounts.issuers.claims import name_of

    editor = ada()
    uid = name_of({"iss": quay.url, "sub": "4711"})
    SocialAccount.objects.create(user=editor, provider="quay", uid=uid)
    client = browser()
    answer = through(client, quay)
    assert not signed_in(client)
    assert "needs a second factor" in text(answer)


def test_staff_with_one_are_asked_for_it(quay):
    from broadsheet.accounts.issuers.claims import name_of

    editor = ada()
    TOTP.activate(editor, generate_totp_secret())
    uid = name_of({"iss": quay.url, "sub": "4711"})
    SocialAccount.objects.create(user=editor, provider="quay", uid=uid)
    client = browser()
    answer = through(client, quay)
    assert reached(answer) == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    assert Authenticator.objects.filter(user=editor).exists()


def test_a_session_that_was_there_before_is_not_the_one_that_is_signed_in(quay):
    client = browser()
    address = quay.authorize(away(client))
    before = client.session.session_key
    client.get(own(address))
    assert signed_in(client)
    assert client.session.session_key != before


def test_whoever_turns_back_is_told_so(quay):
    client = browser()
    state = parse_qs(urlsplit(away(client)).query)["state"][0]
    answer = client.get(BACK, {"error": "access_denied", "state": state}, follow=True)
    assert "You turned back" in text(answer)
    assert not signed_in(client)


@pytest.mark.parametrize(
    "evil", ["https://evil.example", "//evil.example", "/\\evil.example", "\t//evil.example"]
)
def test_an_unsafe_page_never_leads_away(quay, evil):
    client = browser()
    assert reached(through(client, quay, next=evil)) == "/account/"


def test_who_it_is_may_stand_at_the_userinfo_address_alone(quay):
    quay.in_token = False
    client = browser()
    through(client, quay)
    assert signed_in(client)
    assert "/userinfo" in quay.asked


@pytest.mark.parametrize("methods", [[], ["client_secret_basic"]])
def test_an_issuer_that_wants_the_secret_in_a_field_gets_it_there(quay, methods):
    quay.methods = methods
    client = browser()
    through(client, quay)
    assert signed_in(client)
