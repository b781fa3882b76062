"""The dated table has no gaps; what a sale owes follows from places and day; a price divides."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.ledger.rules import fiscal_year, number_text
from broadsheet.ledger.taxes import numbers, table
from broadsheet.ledger.taxes.rules import (
    OUTSIDE,
    REVERSE,
    UNKNOWN,
    Levy,
    Party,
    divided,
    parts_back,
    taxation,
)

DAY = date(2026, 11, 22)
GST, VAT = Levy("GST", 1800), Levy("VAT", 700)
MUMBAI = Party("IN", "27", "27AAPFU0939F1ZV")
BERLIN = Party("DE", "", "DE136695976")
HALVES = (Levy("CGST", 900), Levy("SGST", 900))
minor = st.integers(1, 10**12)
levies = st.lists(st.builds(Levy, st.just("T"), st.integers(0, 3000)), max_size=3).map(tuple)


def runs():
    found = {}
    for rate in table.rates():
        found.setdefault((rate.country, rate.kind), []).append(rate)
    return found


@pytest.mark.parametrize("run", runs().values(), ids=str)
def test_rates_follow_one_another_without_gap_or_overlap(run):
    for rate, after in pairwise(run):
        assert rate.starts < rate.until == after.starts
    assert run[-1].until is None


def test_every_rate_is_in_ten_thousandths_and_has_its_source():
    for rate in table.rates():
        assert 0 <= rate.rate <= 3000
        assert rate.kind in table.KINDS
        assert table.system_of(rate.country)
        assert len(rate.source) > 20
        assert rate.lead.endswith(".")
        assert rate.verified or rate.kind == "news"


@given(st.dates(date(2017, 7, 1), date(2040, 1, 1)))
def test_on_every_day_each_country_has_one_rate(day):
    for country in {rate.country for rate in table.rates()}:
        found = [rate for rate in table.rates() if rate.country == country]
        assert table.rate_at(country, day) in found
        for kind in table.KINDS:
            assert sum(rate.kind == kind and rate.is_in_force(day) for rate in found) <= 1


def test_rates_change_on_their_day():
    for day, rate in ((date(2020, 6, 30), 700), (date(2020, 7, 1), 500), (date(2021, 1, 1), 700)):
        assert table.rate_at("DE", day).rate == rate
    assert table.rate_at("EE", date(2024, 12, 31)).rate == 500
    assert table.rate_at("HU", DAY).rate == 2700
    assert table.rate_at("IN", DAY).rate == 1800
    assert table.rate_at("US", DAY) is None


def test_a_reader_in_the_state_of_the_seller_pays_two_halves():
    due = taxation(MUMBAI, Party("IN", "27"), GST, DAY, oss=False)
    assert due.levies == HALVES
    assert (due.country, due.region) == ("IN", "27")
    assert taxation(MUMBAI, UNKNOWN, GST, DAY, oss=False) == due


@pytest.mark.parametrize("buyer", [Party("IN", "29"), Party("US"), Party("DE", "", "DE136695976")])
def test_elsewhere_the_tax_is_integrated(buyer):
    due = taxation(MUMBAI, buyer, GST, DAY, oss=False)
    assert due.levies == (Levy("IGST", 1800),)
    assert (due.country, due.region) == (buyer.country, buyer.region)


def test_a_union_territory_has_its_own_name_for_the_half():
    due = taxation(Party("IN", "04"), Party("IN", "04"), Levy("GST", 501), DAY, oss=False)
    assert due.levies == (Levy("CGST", 251), Levy("UTGST", 250))


def test_vat_is_the_sellers_until_the_seller_is_registered_for_all():
    vienna = Party("AT")
    assert taxation(BERLIN, vienna, VAT, DAY, oss=False).levies == (VAT,)
    assert taxation(BERLIN, vienna, VAT, DAY, oss=False).country == "DE"
    there = taxation(BERLIN, vienna, VAT, DAY, oss=True)
    assert (there.levies, there.country) == ((Levy("VAT", 2000),), "AT")
    before = taxation(BERLIN, Party("EE"), VAT, date(2025, 6, 30), oss=True)
    assert before.levies == (Levy("VAT", 2200),)
    assert taxation(BERLIN, Party("EE"), VAT, DAY, oss=True).levies == (Levy("VAT", 2400),)


def test_in_the_one_stop_shop_a_rate_counts_only_when_it_is_verified(monkeypatch):
    assert table.rate_at("DK", DAY).rate == 0
    assert taxation(BERLIN, Party("DK"), VAT, DAY, oss=True).levies == (Levy("VAT", 2500),)
    sure = tuple(rate._replace(verified=True) for rate in table.rates())
    monkeypatch.setattr(table, "rates", lambda: sure)
    assert taxation(BERLIN, Party("DK"), VAT, DAY, oss=True).levies == ()


@given(st.dates(date(2017, 7, 1), date(2040, 1, 1)))
def test_on_every_day_each_country_has_a_verified_rate(day):
    for country in {rate.country for rate in table.rates()}:
        assert table.verified_at(country, day).verified


def test_a_business_of_another_member_state_accounts_for_its_vat():
    firm = Party("AT", "", "ATU13585627")
    due = taxation(BERLIN, firm, VAT, DAY, oss=True)
    assert (due.levies, due.ground, due.country) == ((), REVERSE, "AT")
    at_home = taxation(BERLIN, Party("DE", "", "DE136695976"), VAT, DAY, oss=True)
    assert at_home.levies == (VAT,)
    unregistered = taxation(Party("DE"), firm, VAT, DAY, oss=False)
    assert unregistered.levies == (VAT,)


def test_a_reader_outside_the_union_owes_no_vat():
    due = taxation(BERLIN, Party("US"), VAT, DAY, oss=False)
    assert (due.levies, due.ground) == ((), OUTSIDE)


@pytest.mark.parametrize("seller", [UNKNOWN, Party("US"), Party("JP")])
def test_without_a_table_the_plan_decides(seller):
    due = taxation(seller, Party("FR"), VAT, DAY, oss=True)
    assert (due.levies, due.country, due.ground) == ((VAT,), "", "")
    assert taxation(seller, UNKNOWN, Levy("", 0), DAY, oss=False).levies == ()


def test_case_26_nine_hundred_rupees_with_two_halves_need_a_paisa_of_rounding():
    assert divided(90000, HALVES) == (76271, (6864, 6864), 1)
    assert divided(90000, (Levy("IGST", 1800),)) == (76271, (13729,), 0)


@given(minor, levies)
@example(90000, HALVES)
def test_the_parts_are_the_whole(total, charged):
    parts = divided(total, charged)
    assert parts.net + sum(parts.taxes) + parts.rounding == total
    assert abs(parts.rounding) <= len(charged)
    assert parts.net > 0
    assert all(tax >= 0 for tax in parts.taxes)
    if len(charged) < 2:
        assert parts.rounding == 0


@given(minor, levies, st.data())
def test_what_goes_back_in_pieces_is_what_was_charged(total, charged, data):
    whole = divided(total, charged)
    parts = {str(n): tax for n, tax in enumerate(whole.taxes)} | {"rounding": whole.rounding}
    cuts = sorted(data.draw(st.sets(st.integers(1, total), max_size=6)) | {total})
    before, given_back = 0, dict.fromkeys(parts, 0)
    for cut in cuts:
        back = parts_back(parts, given_back, before, cut - before, total)
        assert all(piece >= 0 for name, piece in back.items() if name != "rounding")
        for name, piece in back.items():
            given_back[name] += piece
        before = cut
    assert given_back == parts


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 12))
def test_a_fiscal_year_begins_on_the_first_of_its_month(day, begins):
    first = date(day.year if day.month >= begins else day.year - 1, begins, 1)
    year = fiscal_year(day, begins)
    assert year == fiscal_year(first, begins)
    assert year != fiscal_year(first - timedelta(days=1), begins)
    assert year.startswith(str(first.year))
    label = f"ABC-{number_text(year, 999_999)}"
    assert len(label) <= 16, "CGST Rules 2017, rule 46(b)"


def test_years_of_account_are_written_by_both_their_years():
    assert fiscal_year(date(2027, 3, 31), 4) == "2026-27"
    assert fiscal_year(date(2099, 4, 1), 4) == "2099-00"
    assert number_text("2026-27", 7) == "26-27-7"
    assert number_text("2026", 7) == "2026-000007"


@pytest.mark.parametrize(
    ("country", "typed", "whole"),
    [
        ("IN", " 27aapfu0939f1zv ", "27AAPFU0939F1ZV"),
        ("DE", "136 695 976", "DE136695976"),
        ("DE", "DE 136695976", "DE136695976"),
        ("GR", "094259216", "EL094259216"),
        ("AT", "ATU13585627", "ATU13585627"),
        ("US", " 12-3456789 ", "12-3456789"),
        ("", "29ABC", "29ABC"),
        ("IN", "", ""),
    ],
)
def test_tax_numbers_are_put_into_one_form(country, typed, whole):
    assert numbers.checked(country, typed) == whole


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("IN", "27AAPFU0939F1ZW"), ("IN", "DE136695976"), ("DE", "136695977"),
        ("DE", "ATU13585627"), ("FR", "DE136695976"), ("GR", "GR"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_right_is_refused(country, typed):
    with pytest.raises(ValueError, match=r"no tax number|another country"):
        numbers.checked(country, typed)


def test_the_state_is_in_the_number():
    assert numbers.region_of("IN", "27AAPFU0939F1ZV") == "27"
    assert numbers.region_of("DE", "DE136695976") == ""


def test_the_right_to_withdraw_has_its_first_day():
    assert table.withdrawing_at("FR", date(2026, 6, 18)) is None
    assert table.withdrawing_at("FR", date(2026, 6, 19)).days == 14
    assert table.withdrawing_at("IN", DAY) is None
    assert table.withdrawing_at("", DAY) is None
