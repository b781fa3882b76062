"""A partner asks us about a reader: the whole code flow with PKCE, over real sockets.

The partner is a program of its own: it reads our discovery document over the network, waits on an
address of its own for the reader's browser, and verifies our ID token with our published keys.
"""

import base64
import hashlib
import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from stat import S_IMODE
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.core.cache import cache
from django.test import Client

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.kit.signing import read_keys, signing_keys
from broadsheet.press.actions.framing import _newsroom_segments
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Grant, PartnerBenefit, PartnerClaim
from broadsheet.subscriptions.tests.desk_cast import publisher
from tests.cast import ben

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Fields(HTMLParser):
    """The hidden fields of a page's forms."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        field = dict(attrs)
        if tag == "input" and field.get("type") == "hidden":
            self.found.append((field["name"], field["value"]))


class Partner:
    """Filmhaus: a relying party with an address of its own."""

    def __init__(self, paper):
        self.paper, self.came = paper, []
        partner = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self):
                partner.came.append(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.back = f"http://127.0.0.1:{self.server.server_port}/back?from=lantern"
        self.verifier, self.state, self.nonce = (secrets.token_urlsafe(40) for _ in range(3))

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def know(self, client, secret):
        self.client, self.secret = client, secret
        self.doc = httpx.get(f"{self.paper}/.well-known/openid-configuration", timeout=30).json()

    def door(self, **changes):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code", "client_id": self.client, "redirect_uri": self.back,
            "scope": "openid entitlements", "state": self.state, "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | changes  # fmt: skip
        return f"{self.doc['authorization_endpoint']}?{urlencode(asked)}"

    def trade(self, **changes):
        """Turns the newest code into tokens."""
        sent = {
            "grant_type": "authorization_code", "redirect_uri": self.back,
            "code": self.came[-1].get("code", [""])[0], "code_verifier": self.verifier,
        } | changes  # fmt: skip
        return httpx.post(
            self.doc["token_endpoint"], data=sent, auth=(self.client, self.secret), timeout=30
        )

    def verified(self, id_token):
        keys = jwt.PyJWKSet.from_dict(httpx.get(self.doc["jwks_uri"], timeout=30).json())
        key = keys[jwt.get_unverified_header(id_token)["kid"]]
        return jwt.decode(
            id_token, key, algorithms=["RS256"], audience=self.client, issuer=self.doc["issuer"]
        )

    def ask(self, token):
        sent = {"Authorization": f"Bearer {token}"}
        return httpx.get(self.doc["userinfo_endpoint"], headers=sent, timeout=30)


@pytest.fixture
def scene(live_server, paper, settings):
    """The paper on a socket, Filmhaus on another, Ben with a browser and the right plan."""
    cache.clear()
    settings.ORIGIN = live_server.url
    actions.make_entitlements()
    partner = Partner(live_server.url)
    desk = publisher()
    form = {
        "partner": "Filmhaus", "title": "All films", "gives": "Every film.", "terms": "",
        "link": "https://filmhaus.example/", "entitlement": "premium", "kind": "openid",
        "redirects": partner.back, "valid_from": "2026-01-01 00:00", "valid_until": "",
        "warn_below": "0", "active": "on", "asks_email": "on",
    }  # fmt: skip
    made = desk.post("/desk/partner_benefits/new/", form, follow=True)
    benefit = PartnerBenefit.objects.get()
    secret = made.context["secret"]
    again = desk.get(f"/desk/business/benefits/{benefit.pk}/")
    assert secret
    assert again.context["secret"] == ""
    partner.know(benefit.client_id, secret)
    yield partner
    partner.close()


@pytest.fixture
def benefit(scene):
    return PartnerBenefit.objects.get()


@pytest.fixture
def reader(scene):
    found = ben()
    Grant.objects.create(reader=found, entitlement="premium")
    return found


@pytest.fixture
def browser(reader):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"}, enforce_csrf_checks=True)
    client.force_login(reader, backend=BACKEND)
    return client


def consent(browser, door, *, action="grant", also=()):
    """The reader's two steps: read the page, press a button; follows the way to the partner."""
    page = browser.get(door.removeprefix("http://" + urlsplit(door).netloc))
    assert page.status_code == 200, page.content
    fields = Fields(page.content.decode()).found
    sent = {}
    for name, value in [*fields, *(("scopes", scope) for scope in also)]:
        sent.setdefault(name, []).append(value)
    answer = browser.post("/identity/authorize", sent | {"action": action})
    assert answer.status_code == 302, answer.content
    httpx.get(answer["Location"], timeout=30)
    return answer["Location"]


pytestmark = pytest.mark.django_db(transaction=True)


def test_the_whole_flow_with_pkce_and_a_verified_id_token(scene, reader, browser):
    consent(browser, scene.door())
    came = scene.came[-1]
    assert (came["state"], came["from"]) == ([scene.state], ["lantern"])
    answer = scene.trade()
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    claims = scene.verified(tokens["id_token"])
    assert (claims["nonce"], claims["entitled"], claims["until"]) == (scene.nonce, True, None)
    assert "email" not in claims
    told = scene.ask(tokens["access_token"]).json()
    assert told == {"sub": claims["sub"], "entitled": True, "until": None}
    assert claims["sub"] == PartnerClaim.objects.get().subject != str(reader.pk)
    assert scene.trade().status_code == 400  # A code is for once.
    more = scene.trade(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert scene.verified(more["id_token"])["sub"] == claims["sub"]


def test_it_ends_with_the_subscription(scene, reader, browser, benefit):
    consent(browser, scene.door())
    tokens = scene.trade().json()
    grant = Grant.objects.get()
    ends = clock.now() + timedelta(days=3)
    Grant.objects.filter(pk=grant.pk).update(valid_until=ends)
    told = scene.ask(tokens["access_token"]).json()
    assert told["until"] == ends.isoformat(timespec="seconds")
    Grant.objects.filter(pk=grant.pk).update(valid_until=clock.now())
    told = scene.ask(tokens["access_token"]).json()
    assert (told["entitled"], told["until"]) == (False, None)
    assert actions.end_claims() == 1
    assert scene.ask(tokens["access_token"]).status_code == 401
    spent = scene.trade(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert spent.status_code == 400
    assert not Token.objects.exists()
    subject = PartnerClaim.objects.get().subject
    Grant.objects.create(reader=reader, entitlement="premium")
    consent(browser, scene.door())
    again = scene.ask(scene.trade().json()["access_token"]).json()
    assert (again["sub"], again["entitled"]) == (subject, True)


def test_a_benefit_that_is_off_entitles_nobody(scene, browser, benefit):
    consent(browser, scene.door())
    tokens = scene.trade().json()
    PartnerBenefit.objects.update(active=False)
    assert scene.ask(tokens["access_token"]).json()["entitled"] is False


def test_the_address_goes_along_only_when_ticked(scene, reader, browser):
    asked = scene.door(scope="openid entitlements email")
    consent(browser, asked)
    assert "email" not in scene.verified(scene.trade().json()["id_token"])
    reader.emailaddress_set.update_or_create(
        email=reader.email, defaults={"verified": True, "primary": True}
    )
    consent(browser, asked, also=["email"])
    tokens = scene.trade().json()
    assert scene.verified(tokens["id_token"])["email"] == reader.email
    assert scene.ask(tokens["access_token"]).json()["email"] == reader.email
    PartnerBenefit.objects.update(asks_email=False)
    assert "email" not in scene.ask(tokens["access_token"]).json()


def test_two_partners_know_a_reader_by_two_names(scene, reader, browser, benefit):
    first = actions.claim(reader, benefit).subject
    other = PartnerBenefit.objects.create(
        partner="Radio", title="Concerts", gives="x", link="https://radio.example/",
        entitlement="premium", kind="openid", valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    actions.keep_client(other, ["https://radio.example/back"])
    assert actions.claim(reader, other).subject != first


def test_no_is_told_and_claims_nothing(scene, browser):
    consent(browser, scene.door(), action="cancel")
    assert scene.came[-1]["error"] == ["access_denied"]
    assert not PartnerClaim.objects.exists()


def test_consent_needs_the_form_of_this_page(scene, browser, reader):
    page = browser.get(scene.door().removeprefix(scene.paper))
    fields = dict(Fields(page.content.decode()).found)
    fields.pop("csrfmiddlewaretoken")
    answer = browser.post("/identity/authorize", fields | {"action": "grant"})
    assert answer.status_code == 403
    forged = fields | {"request": "made up", "csrfmiddlewaretoken": "x"}
    assert browser.post("/identity/authorize", forged).status_code == 403
    assert not PartnerClaim.objects.exists()


def test_without_the_plan_the_reader_sees_the_plans(scene, browser):
    Grant.objects.all().delete()
    answer = browser.get(scene.door().removeprefix(scene.paper))
    assert answer.status_code == 403
    said = answer.content.decode()
    assert 'href="/subscribe/"' in said
    assert "error=access_denied" in said
    assert not PartnerClaim.objects.exists()


def test_who_is_not_signed_in_signs_in_first(scene):
    answer = Client().get(scene.door().removeprefix(scene.paper))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/identity/authorize")


@pytest.mark.parametrize(
    "changed",
    ["https://evil.example/", "{back}&more=1", "{back}x", "{home}/", "", "//evil.example"],
)
def test_no_other_address_is_led_to(scene, browser, changed):
    home = scene.back.partition("/back")[0]
    door = scene.door(redirect_uri=changed.format(back=scene.back, home=home))
    answer = browser.get(door.removeprefix(scene.paper))
    assert answer.status_code == 400
    assert "Location" not in answer


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "openid entitlements profile"}, "invalid_scope"),
        ({"prompt": "none"}, "interaction_required"),
    ],
)
def test_what_a_partner_may_not_ask(scene, browser, changes, error):
    answer = browser.get(scene.door(**changes).removeprefix(scene.paper))
    assert answer.status_code == 302
    went = parse_qs(urlsplit(answer["Location"]).query)
    assert went["error"] == [error]
    assert went["state"] == [scene.state]


def test_a_stolen_code_is_worth_nothing(scene, browser):
    consent(browser, scene.door())
    assert scene.trade(code_verifier="x" * 50).status_code == 400
    consent(browser, scene.door())
    right, scene.secret = scene.secret, "wrong"
    assert scene.trade().status_code == 401
    scene.secret = right
    assert scene.trade(redirect_uri="https://evil.example/").status_code == 400


def test_guessing_secrets_ends(scene, browser, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "partner": "3/m/ip"}
    consent(browser, scene.door())
    right, scene.secret = scene.secret, "wrong"
    assert [scene.trade().status_code for _ in range(4)] == [401, 401, 401, 429]
    scene.secret = right
    assert scene.trade().status_code == 429


def test_a_new_secret_ends_the_old_one_and_its_tokens(scene, browser, benefit):
    consent(browser, scene.door())
    token = scene.trade().json()["access_token"]
    desk = publisher()
    desk.post(f"/desk/business/benefits/{benefit.pk}/secret/")
    new = desk.get(f"/desk/business/benefits/{benefit.pk}/").context["secret"]
    assert scene.ask(token).status_code == 401
    consent(browser, scene.door())
    assert scene.trade().status_code == 401
    scene.secret = new
    assert scene.trade().status_code == 200


def test_a_closed_account_is_told_of_no_more(scene, reader, browser):
    consent(browser, scene.door())
    token = scene.trade().json()["access_token"]
    assert actions.ask_to_erase(reader)
    assert scene.ask(token).status_code == 401
    assert not User.objects.filter(pk=reader.pk).exists()


def test_discovery_names_only_what_there_is(scene):
    doc = scene.doc
    assert doc["issuer"] == scene.paper
    assert doc["subject_types_supported"] == ["pairwise"]
    assert doc["response_types_supported"] == ["code"]
    for name in ("jwks_uri", "token_endpoint", "userinfo_endpoint", "authorization_endpoint"):
        assert doc[name].startswith(f"{scene.paper}/identity/")
    for address in (doc["jwks_uri"], f"{scene.paper}/.well-known/openid-configuration"):
        assert "no-store" in httpx.get(address, timeout=30).headers["cache-control"]


def test_the_gate_passes_these_addresses_on():
    assert {".well-known", "identity"} <= _newsroom_segments()


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    first = signing_keys("", tmp_path)
    assert S_IMODE((tmp_path / "signing_key").stat().st_mode) == 0o600
    assert signing_keys("", tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["signing_key"]


def test_the_first_key_signs_and_all_are_published(scene, browser, settings, tmp_path):
    old = signing_keys("", tmp_path)[0]
    (tmp_path / "signing_key").unlink()
    new = signing_keys("", tmp_path)[0]
    settings.ENV = replace(settings.ENV, signing_key=old)
    consent(browser, scene.door())
    before = scene.trade().json()["id_token"]
    settings.ENV = replace(settings.ENV, signing_key=f"{new}\n{old}")
    consent(browser, scene.door())
    after = scene.trade().json()["id_token"]
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids[0] != kids[1]
    assert scene.verified(before)["entitled"] is scene.verified(after)["entitled"] is True


@pytest.mark.parametrize(
    "text", ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused_and_not_repeated(text):
    with pytest.raises(Refusal) as refused:
        read_keys(text, "BROADSHEET_SIGNING_KEY")
    assert "AAAA" not in str(refused.value)
