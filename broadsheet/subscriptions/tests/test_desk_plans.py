"""Plans in the desk: one form for plan and terms, a new version only for new terms."""

import pytest
from django.urls import reverse

from broadsheet.press_log.models import Entry
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Coupon, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.tests.conftest import terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, said, subscriber

FORM = {
    "name": "Quarterly", "slug": "quarterly", "description": "", "note": "", "on_sale": "on",
    "order": "100", "price": "900.00", "currency": "INR", "count": "3", "unit": "month",
    "tax_name": "GST", "tax_rate": "18", "tax_included": "on",
    "entitlements": ["unlimited", "premium", "ad_free"],
}  # fmt: skip


@pytest.fixture
def client(plan):
    return publisher()


def save(client, plan, **changes):
    return client.post(reverse("business_plan", args=[plan.pk]), FORM | changes, follow=True)


def add(client, **changes):
    facts = FORM | {"name": "Weekly", "slug": "weekly"} | changes
    return client.post(reverse("business_plan_add"), facts, follow=True)


def test_a_plan_is_added_with_its_terms(client):
    answer = add(client, price="2.5", currency="eur", count="1", unit="week", tax_rate="5.5")
    assert "Weekly can be subscribed to." in said(answer)
    version = Plan.objects.get(slug="weekly").current
    assert (version.price, version.currency, version.unit, version.count) == (250, "EUR", "week", 1)
    assert (version.tax_rate, version.tax_included) == (550, True)
    assert version.entitlements == ["unlimited", "premium", "ad_free"]


def test_saving_the_same_terms_makes_no_version(client, plan):
    shuffled = ["ad_free", "unlimited", "premium"]
    answer = save(client, plan, name="Three months", price=" 900 ", entitlements=shuffled)
    assert "The terms are as they were." in said(answer)
    assert PlanVersion.objects.count() == 1
    assert Plan.objects.get().name == "Three months"


@pytest.mark.parametrize(
    "change",
    [
        {"price": "950"}, {"currency": "EUR"}, {"count": "4"}, {"unit": "year"},
        {"tax_name": "VAT"}, {"tax_rate": "12.5"}, {"tax_included": ""},
        {"entitlements": ["unlimited"]},
    ],
)  # fmt: skip
def test_other_terms_are_a_new_version(client, plan, change):
    save(client, plan, **change)
    assert plan.current.number == 2
    assert PlanVersion.objects.get(number=1).price == 90000


def test_the_page_says_who_keeps_the_old_price(client, plan, till, travel):
    for name in ("rosa", "sami"):
        subscriber(till, plan, f"{name}@lantern.example")
    answer = save(client, plan, price="950")
    assert "2 subscribers keep the old price." in said(answer)
    text = answer.content.decode()
    assert "₹900" in text
    assert "₹950" in text


def test_new_terms_nobody_had_keep_nobody(client, plan):
    assert "nobody had the old ones" in said(save(client, plan, price="950"))


def test_the_month_is_shown_as_readers_will_see_it(client, plan):
    SalesPolicy.objects.update_or_create(pk=1, defaults={"rounding": "down"})
    text = save(client, plan, price="1000", count="3").content.decode()
    assert "₹333/Month" in text
    assert "18% GST included" in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"price": ""}, "This field is required"),
        ({"price": "0"}, "more than nothing"),
        ({"price": "-900"}, "more than nothing"),
        ({"price": "900.005"}, "INR has 2 decimals"),
        ({"price": "1.000"}, "INR has 2 decimals"),
        ({"price": "900.5", "currency": "JPY"}, "JPY has 0 decimals"),
        ({"price": "1,000"}, "This is no amount"),
        ({"price": "ninehundred"}, "This is no amount"),
        ({"price": "9" * 19}, "This is no amount"),
        ({"price": "٩٠٠"}, "This is no amount"),
        ({"currency": "XYZ"}, "is no currency"),
        ({"currency": ""}, "This field is required"),
        ({"count": "0"}, "greater than or equal to 1"),
        ({"count": "-3"}, "greater than or equal to 1"),
        ({"count": "9000", "unit": "year"}, "longer than ten years"),
        ({"unit": "fortnight"}, "Select a valid choice"),
        ({"tax_rate": "18.255"}, "2 decimal places"),
        ({"tax_rate": "101"}, "less than or equal to 100"),
        ({"tax_rate": "-1"}, "greater than or equal to 0"),
        ({"entitlements": []}, "Choose at least one"),
        ({"entitlements": ["everything"]}, "Select a valid choice"),
        ({"slug": "return"}, "is an address of the paper itself"),
        ({"slug": "left"}, "is an address of the paper itself"),
        ({"slug": "no spaces"}, "valid"),
        ({"name": "Now {{ price }}"}, "price"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_changes(client, plan, change, sentence):
    for answer in (save(client, plan, **change), add(client, **change)):
        text = answer.content.decode()
        assert "Nothing was saved." in text
        assert sentence in text
    assert Plan.objects.count() == PlanVersion.objects.count() == 1
    assert (Plan.objects.get().name, Plan.objects.get().slug) == ("Quarterly", "quarterly")


def test_two_plans_cannot_share_an_address(client, plan):
    text = add(client, slug="quarterly").content.decode()
    assert "already exists" in text
    assert Plan.objects.count() == 1


def test_a_new_plan_starts_with_the_currency_and_tax_of_the_last(client, plan):
    text = page(client, reverse("business_plan_add"))
    assert 'value="INR"' in text
    assert 'value="GST"' in text
    assert 'value="900' not in text


def test_a_plan_that_readers_chose_is_taken_off_sale_instead_of_deleted(client, plan, till, travel):
    subscriber(till, plan, "rosa@lantern.example")
    delete = reverse("business_plan_delete", args=[plan.pk])
    assert "Take it off sale instead." in said(client.post(delete, follow=True))
    assert Plan.objects.get().current is not None
    save(client, plan, on_sale="")
    assert not Plan.objects.get().on_sale


def test_a_plan_nobody_chose_can_be_deleted(client, plan):
    delete = reverse("business_plan_delete", args=[plan.pk])
    assert client.get(delete).status_code == 405
    client.post(delete)
    assert not Plan.objects.exists()
    assert Entry.objects.filter(subject="wall").exists()


def test_a_plan_that_a_coupon_names_stays_lest_the_coupon_be_for_every_plan(client, plan):
    coupon = Coupon.objects.create(code="STUDENT", percent=100)
    coupon.plans.add(plan)
    answer = client.post(reverse("business_plan_delete", args=[plan.pk]), follow=True)
    assert "Quarterly is the only plan of these coupons: STUDENT." in said(answer)
    assert list(coupon.plans.all()) == [plan]
    assert plan.current is not None
    coupon.plans.add(Plan.objects.create(slug="weekly", name="Weekly"))
    client.post(reverse("business_plan_delete", args=[plan.pk]))
    assert [one.slug for one in coupon.plans.all()] == ["weekly"]


def test_a_tax_has_a_name_for_it_stands_on_every_invoice(client):
    answer = add(client, tax_name=" ", tax_rate="18")
    assert "Name the tax" in answer.content.decode()
    assert not Plan.objects.filter(slug="weekly").exists()
    add(client, tax_name="", tax_rate="0")
    assert Plan.objects.filter(slug="weekly").exists()


def test_the_list_needs_as_many_queries_for_many_plans_as_for_few(client, plan):
    counts = []
    for upto in (3, 30):
        for n in range(Plan.objects.count(), upto):
            made = Plan.objects.create(slug=f"plan-{n}", name=f"Plan {n}", order=200 - n)
            actions.set_terms(made, terms(price=1000 + n))
        counts.append(queries(client, reverse("business_plans")))
    assert counts[0] == counts[1]
    text = page(client, reverse("business_plans"))
    assert text.index("Plan 29") < text.index("Plan 3<"), "in the order of the price list"
