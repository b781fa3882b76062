"""What readers allow: asked only when needed, refused as easily as allowed, theirs at any time."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory
from lxml import html

from broadsheet.accounts import consents
from broadsheet.accounts.models import Consent, ConsentPolicy, Purpose
from broadsheet.accounts.tests.doors import LOGIN, browser, fill
from broadsheet.kit import clock
from broadsheet.press.frame import make_frame
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db

WHERE = "/account/choices/"


@pytest.fixture
def asked(paper):
    return ConsentPolicy.objects.create(analytics=True, ads=True, words="Quay counts visits.")


def press(client, name, value):
    page = html.fromstring(client.get(WHERE).content)
    button = page.xpath(f"//main//button[@name='{name}'][@value='{value}']")[0]
    token = button.iterancestors("form").__next__().fields["csrfmiddlewaretoken"]
    return client.post(WHERE, {"csrfmiddlewaretoken": token, name: value}, follow=True)


def allowed(client, purpose=Purpose.ANALYTICS, user=None):
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    from django.contrib.auth.models import AnonymousUser

    request.user = user or AnonymousUser()
    return consents.allows(request, purpose)


def test_a_paper_that_needs_no_consent_asks_for_none(paper):
    page = browser().get(WHERE).content.decode()
    assert "asks for nothing" in page
    assert "<button" not in page.partition("<main")[2].partition("</main")[0]
    assert WHERE not in [link.url for link in make_frame().paper.pages]
    assert not allowed(browser())


def test_one_that_does_has_a_link_on_every_page_and_nothing_is_allowed_by_silence(asked):
    assert WHERE in [link.url for link in make_frame().paper.pages]
    assert "Not answered: it does not happen." in browser().get(WHERE).content.decode()
    assert not allowed(browser())


def test_refusing_is_the_same_button_as_allowing_and_stands_first(asked):
    page = html.fromstring(browser().get(WHERE).content)
    for name in ("all", "analytics", "ads"):
        no, yes = page.xpath(f"//main//button[@name='{name}']")
        assert (no.get("value"), yes.get("value")) == ("0", "1")
        assert no.get("class") == yes.get("class")


def test_a_reader_without_an_account_chooses_and_withdraws(asked):
    client = browser()
    press(client, "all", "1")
    assert allowed(client)
    assert allowed(client, Purpose.ADS)
    press(client, "ads", "0")
    assert allowed(client)
    assert not allowed(client, Purpose.ADS)
    press(client, "all", "0")
    assert not allowed(client)
    assert not Consent.objects.exists(), "of somebody without an account only the browser knows"


def test_an_account_keeps_each_answer_and_the_last_one_counts(asked):
    reader, client = ben(), browser()
    client.force_login(reader)
    with time_machine.travel("2026-11-22T10:00:00Z") as now:
        press(client, "analytics", "1")
        now.shift(60)
        press(client, "analytics", "0")
        assert not allowed(client, user=reader)
    rows = list(Consent.objects.order_by("at").values_list("purpose", "given", "text"))
    text = consents.text_of(asked)
    assert rows == [("analytics", True, text), ("analytics", False, text)]


def sign_in(client, reader):
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)


def test_at_a_sign_in_the_newer_answer_counts(asked):
    reader, old, new = ben(), browser(), browser()
    with time_machine.travel("2026-11-22T10:00:00Z") as now:
        press(old, "all", "0")
        now.shift(60)
        press(new, "all", "1")
        now.shift(60)
        sign_in(new, reader)
        sign_in(old, reader)
        assert allowed(browser(), user=reader)
    assert Consent.objects.count() == 2


def test_other_words_are_another_question(asked):
    client = browser()
    press(client, "all", "1")
    asked.words = "Quay and the Dock count visits."
    asked.save()
    assert not allowed(client)
    assert "Not answered" in client.get(WHERE).content.decode()


def test_what_is_not_asked_is_not_recorded_and_not_allowed(asked):
    reader, client = ben(), browser()
    client.force_login(reader)
    press(client, "all", "1")
    asked.ads = False
    asked.save()
    assert not allowed(client, Purpose.ADS, user=reader)
    client.post(WHERE, {"ads": "1", "sharing": "1", "analytics": "perhaps"})
    assert Consent.objects.filter(purpose="sharing").count() == 0
    assert Consent.objects.count() == 2


def test_after_thirteen_months_nobody_has_chosen(asked):
    reader, client = ben(), browser()
    client.force_login(reader)
    press(client, "all", "1")
    assert client.cookies["choices"]["max-age"] == consents.KEEP.total_seconds()
    with time_machine.travel(clock.now() + timedelta(days=396)):
        assert not allowed(client, user=reader)
        assert consents.forget_old_consents() == 2


@pytest.mark.parametrize(
    "bent",
    ["", "x", "ads.1", "ads.2.1.x", "ads.1.-5.x", "ads.1.99999999999999.x", "ads.1.9999999999.x",
     "ads.1.².x", "other.1.1.x", "!" * 900, "ads.1.1.x!" * 90, "ads..1.x"],
)  # fmt: skip
def test_a_bent_cookie_allows_nothing_and_breaks_nothing(asked, bent):
    client = browser()
    client.cookies["choices"] = bent
    assert client.get(WHERE).status_code == 200
    assert not allowed(client, Purpose.ADS)
    sign_in(client, ben())
    assert not allowed(browser(), Purpose.ADS, user=Consent.objects.first() and ben())


def test_the_form_asks_for_its_token(asked):
    strict = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7"})
    assert strict.post(WHERE, {"all": "1"}).status_code == 403


def test_erasing_a_reader_takes_the_answers_along(asked):
    reader = ben()
    consents.record(reader, consents.answers_of(asked, {"ads": True}))
    reader.delete()
    assert not Consent.objects.exists()
