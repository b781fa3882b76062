"""Partner benefits by code: claimed once, ended with the plan, the same code again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import Mail, User
from broadsheet.config import doctor_partners
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.models import (
    Grant,
    PartnerBenefit,
    PartnerClaim,
    PartnerCode,
    PartnerWish,
    Subscription,
)
from broadsheet.subscriptions.partnering import refused_redirects, told, typed_codes
from broadsheet.subscriptions.reads.benefits import benefits_of
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import publisher
from tests.at_once import at_once
from tests.cast import ben

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make(**facts):
    base = {
        "partner": "Filmhaus", "title": "A month of films", "gives": "Every film for a month.",
        "link": "https://filmhaus.example/code", "entitlement": "premium", "warn_below": 2,
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return PartnerBenefit.objects.create(**base | facts)


def entitle(reader, **facts):
    return Grant.objects.create(reader=reader, entitlement="premium", **facts)


@pytest.fixture
def pool(paper):
    cache.clear()
    found = make()
    actions.fill_pool(found, ["ALPHA", "BRAVO"])
    return found


@pytest.fixture
def reader(paper):
    return ben()


@pytest.fixture
def browser(reader):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(reader, backend=BACKEND)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_reader_claims_one_code_and_sees_it_again(pool, reader, browser):
    entitle(reader)
    assert "ALPHA" not in text(browser.get("/account/benefits/"))
    for _click in range(2):
        answer = browser.post(f"/account/benefits/{pool.pk}/claim/", follow=True)
        assert "ALPHA" in text(answer)
        assert "BRAVO" not in text(answer)
    assert PartnerClaim.objects.count() == 1
    assert "https://filmhaus.example/code" in text(browser.get("/account/benefits/"))
    assert [*checks.everything()] == []


def test_only_a_post_claims_and_only_who_signed_in(pool, reader, browser):
    entitle(reader)
    address = f"/account/benefits/{pool.pk}/claim/"
    assert browser.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader, backend=BACKEND)
    assert strict.post(address).status_code == 403
    assert Client().post(address).status_code == 302
    assert not PartnerClaim.objects.exists()


def test_without_the_plan_the_page_shows_the_way_to_the_plans(pool, reader, browser):
    answer = browser.post(f"/account/benefits/{pool.pk}/claim/", follow=True)
    assert text(answer).count("This benefit comes with a subscription.") == 2
    assert 'href="/subscribe/"' in text(answer)
    assert not PartnerClaim.objects.exists()


def test_with_another_plan_it_says_that_the_plan_lacks_it(pool, reader, browser):
    Grant.objects.create(reader=reader, entitlement="unlimited")
    assert "does not come with your plan" in text(browser.get("/account/benefits/"))


def test_it_rests_with_the_subscription(till, plan, pool, reader, browser):
    bought = buy(till, reader, plan).settled.subscription
    Subscription.objects.filter(pk=bought.pk).update(state=Subscription.PAUSED)
    Grant.objects.filter(reader=reader).update(revoked_at=clock.now())
    said = text(browser.get("/account/benefits/"))
    assert "It rests with your subscription and is back when you go on." in said
    assert "does not come with your plan" not in said
    with pytest.raises(Refusal, match="It rests with your subscription"):
        actions.claim(reader, pool)


def test_without_benefits_the_page_says_so(reader, browser):
    assert "There are no partner benefits at the moment." in text(browser.get("/account/benefits/"))


def test_what_does_not_run_cannot_be_claimed(pool, reader):
    entitle(reader)
    now = clock.now()
    wrong = (
        {"active": False},
        {"active": True, "valid_until": now},
        {"valid_from": now + timedelta(1), "valid_until": None},
    )
    for facts in wrong:
        PartnerBenefit.objects.filter(pk=pool.pk).update(**facts)
        with pytest.raises(Refusal):
            actions.claim(reader, pool)
        assert benefits_of(reader, now) == ()


def test_it_ends_with_the_subscription_and_comes_back_with_the_same_code(
    till, plan, pool, travel, reader
):
    subscription = buy(till, reader, plan).settled.subscription
    code = actions.claim(reader, pool).code
    Mail.objects.all().delete()
    subscription.end(subscription.CANCELLED)
    subscription.save()
    subscription.periods.update(refunded_at=clock.now())
    sync_grants(subscription)
    claim = PartnerClaim.objects.get()
    assert claim.ended_at == clock.now()
    assert "A month of films has ended" in [mail.subject for mail in Mail.objects.all()]
    assert code.code not in text_of(reader)
    entitle(reader)
    assert actions.claim(reader, pool).code == code
    assert PartnerClaim.objects.get().ended_at is None


def test_it_ends_when_a_cancelled_subscription_does_by_the_clock(till, plan, pool, travel, reader):
    subscription = buy(till, reader, plan).settled.subscription
    code = actions.claim(reader, pool).code
    cancelled = actions.set_renewal(subscription, renews=False)
    actions.tell_gateway(till, cancelled)
    Mail.objects.all().delete()
    travel.move_to(subscription.paid_until() - timedelta(minutes=1))
    assert (actions.end_due(), actions.end_claims()) == (0, 0)
    assert PartnerClaim.objects.get().ended_at is None
    travel.shift(timedelta(minutes=2))
    assert actions.end_due() == 1
    actions.end_claims()
    assert PartnerClaim.objects.get().ended_at == clock.now()
    ended = Mail.objects.get(subject="A month of films has ended")
    assert (ended.to, ended.sent_at) == (reader.email, None)
    assert code.code not in text_of(reader)
    assert actions.end_claims() == 0
    assert [*checks.everything()] == []


def text_of(reader):
    return "".join(view.code for view in benefits_of(reader, clock.now()))


def test_a_grant_that_is_revoked_or_deleted_ends_the_claim(pool, reader):
    grant = entitle(reader)
    actions.claim(reader, pool)
    grant.revoked_at = clock.now()
    grant.save()
    assert PartnerClaim.objects.get().ended_at is not None
    again = entitle(reader)
    actions.claim(reader, pool)
    again.delete()
    assert PartnerClaim.objects.get().ended_at is not None


def test_a_right_that_another_grant_still_gives_does_not_end_it(pool, reader):
    first = entitle(reader)
    entitle(reader)
    actions.claim(reader, pool)
    first.delete()
    assert PartnerClaim.objects.get().ended_at is None
    assert actions.end_claims() == 0


def test_a_grant_that_runs_out_by_the_clock_ends_the_claim_once(pool, travel, reader):
    entitle(reader, valid_until=clock.now() + timedelta(days=3))
    actions.claim(reader, pool)
    travel.shift(timedelta(days=2))
    assert actions.end_claims() == 0
    travel.shift(timedelta(days=1))
    assert text_of(reader) == ""
    assert actions.end_claims() == 1
    assert actions.end_claims() == 0
    assert Mail.objects.filter(subject__contains="has ended").count() == 1


def test_the_wish_to_be_told_is_kept_once_and_told_once(paper, reader, browser):
    cache.clear()
    empty = make()
    entitle(reader)
    assert "All codes are taken" in text(browser.get("/account/benefits/"))
    with pytest.raises(Refusal, match="taken"):
        actions.claim(reader, empty)
    for _click in range(2):
        browser.post(f"/account/benefits/{empty.pk}/wish/")
    assert PartnerWish.objects.count() == 1
    assert actions.fill_pool(empty, ["ALPHA"]) == 1
    assert actions.fill_pool(empty, ["BRAVO"]) == 1
    assert Mail.objects.get().subject == "New codes for A month of films"
    assert not PartnerWish.objects.exists()


def test_a_wish_can_be_taken_back_and_lapses_with_the_plan(paper, reader, browser):
    cache.clear()
    empty = make()
    grant = entitle(reader)
    browser.post(f"/account/benefits/{empty.pk}/wish/")
    browser.post(f"/account/benefits/{empty.pk}/wish/end/")
    assert not PartnerWish.objects.exists()
    actions.wish(reader, empty)
    grant.delete()
    actions.fill_pool(empty, ["ALPHA"])
    assert not Mail.objects.exists()


def test_nobody_wishes_while_there_are_codes(pool, reader):
    entitle(reader)
    with pytest.raises(Refusal, match="There are codes now"):
        actions.wish(reader, pool)


def test_an_erased_reader_leaves_the_code_spent(pool, reader):
    entitle(reader)
    subject = actions.claim(reader, pool).subject
    assert actions.ask_to_erase(reader)
    claim = PartnerClaim.objects.get()
    assert (claim.reader, claim.code.code) == (None, "ALPHA")
    assert claim.subject != subject
    other = User.objects.create_user("eve@lantern.example")
    entitle(other)
    assert actions.claim(other, pool).code.code == "BRAVO"


def test_the_export_has_claim_and_wish(pool, reader):
    entitle(reader)
    actions.claim(reader, pool)
    told_kinds = {kind.name: [*kind.rows(reader)] for kind in KINDS if "partner" in kind.name}
    assert told_kinds["partner-benefits"][0]["code_code"] == "ALPHA"
    assert told_kinds["partner-wishes"] == []


def test_the_page_asks_as_often_for_one_benefit_as_for_many(pool, reader, browser):
    entitle(reader)
    browser.get("/account/benefits/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/account/benefits/")
    for number in range(5):
        more = make(title=f"Film {number}")
        actions.fill_pool(more, ["X"])
        actions.claim(reader, more)
    with CaptureQueriesContext(connection) as many:
        browser.get("/account/benefits/")
    assert len(many) == len(one)


@pytest.mark.django_db(transaction=True)
def test_two_readers_and_the_last_code(paper):
    found = make()
    actions.fill_pool(found, ["LAST"])
    readers = [User.objects.create_user(f"r{n}@lantern.example") for n in range(4)]
    for one in readers:
        entitle(one)

    def take(one):
        try:
            return actions.claim(one, found).code.code
        except Refusal:
            return None

    taken = at_once(*[lambda one=one: take(one) for one in readers])
    assert sorted(map(str, taken)) == ["LAST", "None", "None", "None"]
    assert PartnerClaim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_takes_one_code(paper):
    found = make()
    actions.fill_pool(found, ["A", "B", "C"])
    one = User.objects.create_user("r@lantern.example")
    entitle(one)
    taken = at_once(*[lambda: actions.claim(one, found).code.code] * 3)
    assert taken == ["A"] * 3
    assert PartnerCode.objects.filter(claim=None).count() == 2


def test_the_desk_fills_a_pool_and_says_what_stood_twice(pool):
    desk = publisher()
    address = f"/desk/business/benefits/{pool.pk}/"
    answer = desk.post(address, {"codes": " ALPHA\nDELTA\r\nDELTA\n\nECHO"}, follow=True)
    said = text(answer)
    assert "2 codes added." in said
    assert "1 was in the pool already." in said
    assert "Stood twice, taken once: DELTA" in said
    assert pool.codes.count() == 4
    refused = desk.post(address, {"codes": "FINE\nnot a code"})
    assert "nothing was added: not a code" in text(refused)
    assert pool.codes.count() == 4


def test_the_desk_lists_pools_and_says_which_run_dry(pool, reader):
    entitle(reader)
    actions.claim(reader, pool)
    said = text(publisher().get("/desk/partner_benefits/"))
    assert "1 of 2: add codes" in said
    assert [f.text for f in doctor_partners.pools()] == [
        "Filmhaus: A month of films: 1 codes are left."
    ]


def test_the_desk_makes_a_benefit_and_keeps_one_that_is_used(pool):
    desk = publisher()
    form = {
        "partner": "Radio", "title": "Concerts", "gives": "Tickets.", "terms": "",
        "link": "https://radio.example/", "entitlement": "premium", "kind": "codes",
        "redirects": "", "valid_from": "2026-01-01 00:00", "valid_until": "", "warn_below": "5",
        "active": "on",
    }  # fmt: skip
    desk.post("/desk/partner_benefits/new/", form)
    assert PartnerBenefit.objects.filter(partner="Radio").exists() is False  # No such right yet.
    actions.make_entitlements()
    desk.post("/desk/partner_benefits/new/", form)
    assert PartnerBenefit.objects.get(partner="Radio").client is None
    desk.post(f"/desk/partner_benefits/delete/{pool.pk}/")
    assert PartnerBenefit.objects.filter(pk=pool.pk).exists()


def test_readers_do_not_see_the_desk_of_benefits(pool, browser):
    assert browser.get(f"/desk/business/benefits/{pool.pk}/").status_code in (302, 403)


@given(st.text(max_size=400))
def test_what_is_typed_is_taken_once_or_refused(typed):
    found = typed_codes(typed, 20)
    assert len(set(found.codes)) == len(found.codes)
    assert set(found.twice) <= set(found.codes)
    assert not set(found.codes) & set(found.wrong)
    assert all(code == code.strip() and len(code) <= 20 for code in found.codes)
    lines = {line.strip() for line in typed.splitlines() if line.strip()}
    assert lines == {*found.codes, *found.wrong}


@pytest.mark.parametrize(
    "address",
    [
        "http://films.example/back", "https://*.films.example/", "https://films.example/#a",
        "https:///x", "javascript:alert(1)", "https://u:p@films.example/", "//films.example/",
        "https://a b.example/",
    ],
)  # fmt: skip
def test_addresses_a_partner_cannot_have(address):
    assert refused_redirects([address]) == [address]
    assert refused_redirects(["https://films.example/back?x=1", "http://127.0.0.1:9/back"]) == []


@given(st.lists(st.none() | st.datetimes(timezones=st.just(clock.now().tzinfo))), st.booleans())
def test_what_a_partner_is_told(ends, running):
    claims = told(ends, running=running)
    assert claims["entitled"] is (running and bool(ends))
    assert (claims["until"] is None) == (not claims["entitled"] or None in ends)
