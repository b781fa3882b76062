from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit import money
from broadsheet.kit.money import Money

AMOUNTS = st.integers(-(10**14), 10**14)
CURRENCIES = st.sampled_from(["INR", "EUR", "JPY", "KWD", "IQD", "RSD", "CLF"])
RATES = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("INR", 2),
        ("EUR", 2),
        ("HUF", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_money_case_24_minor_units_are_those_of_the_standard(currency: str, places: int) -> None:
    assert money.digits(currency) == places


@pytest.mark.parametrize("currency", ["", "XYZ", "inr", "₹", "Rupee"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="no currency"):
        money.digits(currency)
    with pytest.raises(ValueError, match="no currency"):
        money.parse("900", currency)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("900", "INR", 90_000),
        ("900.00", "INR", 90_000),
        (" 900.5 ", "INR", 90_050),
        ("900.", "INR", 90_000),
        ("0.01", "INR", 1),
        ("2700.5000000", "INR", 270_050),
        ("900", "JPY", 900),
        ("900.000", "JPY", 900),
        ("1.234", "KWD", 1_234),
        ("1.2", "KWD", 1_200),
        ("0", "EUR", 0),
        ("-5", "EUR", -500),
        ("-0.50", "EUR", -50),
        ("999999999999.99", "EUR", 99_999_999_999_999),
    ],
)
def test_what_was_typed_becomes_minor_units(text: str, currency: str, amount: int) -> None:
    assert money.parse(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("900.001", "INR"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("0.1000000000000000000000000000000001", "EUR"),
    ],
)
def test_more_exact_than_can_be_paid_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match="more exact"):
        money.parse(text, currency)


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "2,700", "900,00", "1 000", "1_000", "1e3", "1e999999", "NaN", "Infinity",
     "--5", "+5", ".", ".5", "1.2.3", "₹900", "9" * 13, "9" * 40, "9 00"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        money.parse(text, "INR")


@given(st.text())
def test_any_text_is_money_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(money.parse(text, "INR"), Money)
    except ValueError as error:
        assert str(error)


@given(AMOUNTS.filter(lambda amount: abs(amount) < 10**12), CURRENCIES)
def test_the_major_amount_is_read_back_as_it_is_written(amount: int, currency: str) -> None:
    made = Money(amount, currency)
    assert money.parse(f"{made.major:f}", currency) == made


@pytest.mark.parametrize(
    ("amount", "currency", "major", "whole"),
    [
        (90_000, "INR", "900.00", True),
        (90_001, "INR", "900.01", False),
        (900, "JPY", "900", True),
        (1_000, "KWD", "1.000", True),
        (1_010, "KWD", "1.010", False),
        (-150, "EUR", "-1.50", False),
        (0, "EUR", "0.00", True),
    ],
)
def test_the_major_amount_is_as_people_write_it(
    amount: int, currency: str, major: str, whole: bool
) -> None:
    made = Money(amount, currency)
    assert made.major == Decimal(major)
    assert made.is_whole is whole


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (30_000, "INR", "en", "₹300"),
        (270_000, "INR", "en", "₹2,700"),
        (12_345_600, "INR", "en-in", "₹1,23,456"),
        (16_250, "INR", "en", "₹162.50"),
        (16_205, "INR", "en", "₹162.05"),
        (1_999, "EUR", "de", "19,99\u00a0€"),
        (2_000, "EUR", "de", "20\u00a0€"),
        (900, "JPY", "en", "¥900"),
        (-5_010, "USD", "en", "−$50.10"),
        (150, "CHF", "de-ch", "CHF\u00a01.50"),
    ],
)
def test_a_price_is_shown_as_readers_expect_it(
    amount: int, currency: str, language: str, shown: str
) -> None:
    assert money.show(Money(amount, currency), language) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "figures"),
    [
        (150, "RSD", "1.50"),
        (1_500, "IQD", "1.500"),
        (12_345, "LAK", "123.45"),
        (1_500, "KWD", "1.500"),
    ],
)
def test_a_price_is_never_rounded_where_minor_units_are_seldom_used(
    amount: int, currency: str, figures: str
) -> None:
    assert figures in money.show(Money(amount, currency), "en")


@given(AMOUNTS, CURRENCIES)
def test_what_is_shown_is_the_whole_amount(amount: int, currency: str) -> None:
    shown = money.show(Money(amount, currency), "en")
    figures = "".join(sign for sign in shown.replace("−", "-") if sign in "0123456789.-")
    assert Decimal(figures) == Money(amount, currency).major


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [
        (90_000, 1_800, 13_729),
        (270_000, 1_800, 41_186),
        (390_000, 1_800, 59_492),
        (11_900, 1_900, 1_900),
        (100, 0, 0),
        (0, 1_800, 0),
        (1, 10_000, 1),
        (3, 10_000, 2),
    ],
)
def test_the_tax_inside_a_total(total: int, rate: int, tax: int) -> None:
    assert money.tax_within(total, rate) == tax


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [
        (76_271, 1_800, 13_729),
        (10_000, 1_900, 1_900),
        (50, 100, 1),
        (49, 100, 0),
        (150, 100, 2),
        (25, 1_800, 5),
        (100, 0, 0),
    ],
)
def test_the_tax_on_top_has_its_halves_rounded_upwards(net: int, rate: int, tax: int) -> None:
    assert money.tax_on_top(net, rate) == tax


@given(st.integers(0, 10**14), RATES)
def test_net_and_tax_add_up_to_the_total(total: int, rate: int) -> None:
    tax = money.tax_within(total, rate)
    net = total - tax
    assert 0 <= tax <= total
    assert abs(money.tax_on_top(net, rate) - tax) <= 1


@given(st.integers(0, 10**14), RATES)
def test_tax_put_on_top_is_found_inside_the_total_again(net: int, rate: int) -> None:
    tax = money.tax_on_top(net, rate)
    assert money.tax_within(net + tax, rate) == tax


@given(st.integers(0, 10**14), RATES)
def test_tax_is_within_half_a_minor_unit_of_the_exact_one(total: int, rate: int) -> None:
    exact = Decimal(total) * rate / (10_000 + rate)
    assert abs(money.tax_within(total, rate) - exact) <= Decimal("0.5")
