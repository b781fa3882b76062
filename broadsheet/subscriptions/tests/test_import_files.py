"""Lists of subscribers as other systems write them: the same rows, or a sentence that helps."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.imports import MOST_BYTES, read, reading

NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)

GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
    "deleted_at,labels,tiers\r\n"
    '65a1,Vera@Lantern.Example,"Blum, Vera",,true,false,cus_1,2024-05-01T09:30:00.000Z,,,Gold\r\n'
    "65a2,walt@lantern.example,,,true,true,,2024-05-01T09:30:00.000Z,,friend,\r\n"
    "65a3,free@lantern.example,Fritz,,false,false,,2024-05-01T09:30:00.000Z,,,\r\n"
    "65a4,gone@lantern.example,,,false,false,,2024-05-01T09:30:00.000Z,2025-01-01T00:00:00Z,,\r\n"
)
STRIPE = (
    "id,Customer ID,Customer Description,Customer Email,Plan,Product,Quantity,Currency,Interval,"
    "Amount,Status,Created (UTC),Start (UTC),Current Period Start (UTC),Current Period End (UTC),"
    "Trial Start (UTC),Trial End (UTC),Application Fee Percent,Coupon,Tax Percent,"
    "Canceled At (UTC),Cancel At Period End,Ended At (UTC)\n"
    "sub_1,cus_1,,vera@lantern.example,price_1,prod_1,1,inr,month,900.00,active,2024-05-01 09:30,"
    "2024-05-01 09:30,2026-03-01 09:30,2026-04-01 09:30,,,,,,,false,\n"
    "sub_2,cus_2,,walt@lantern.example,price_1,prod_1,1,inr,month,900.00,past_due,"
    "2024-05-01 09:30,2024-05-01 09:30,2026-03-20 09:30,2026-04-20 09:30,,,,,,,false,\n"
    "sub_3,cus_3,,xena@lantern.example,price_2,prod_1,1,inr,year,900.00,active,2024-05-01 09:30,"
    "2024-05-01 09:30,2025-05-01 09:30,2026-05-01 09:30,,,,,,2026-01-01 09:30,true,\n"
    "sub_4,cus_4,,yara@lantern.example,price_2,prod_1,1,inr,year,900.00,canceled,2024-05-01 09:30,"
    "2024-05-01 09:30,2025-05-01 09:30,2026-05-01 09:30,,,,,,2026-01-01 09:30,false,"
    "2026-01-02 09:30\n"
    "sub_5,cus_5,,zoe@lantern.example,price_2,prod_1,1,inr,year,900.00,incomplete,"
    "2024-05-01 09:30,2024-05-01 09:30,,,,,,,,,false,\n"
)


def taken(data, format="", now=NOW):
    raw = data if isinstance(data, bytes) else data.encode()
    return read(raw, format, zone="Asia/Kolkata", now=now)


def told(data, format=""):
    with pytest.raises(Refusal) as refused:
        taken(data, format)
    return str(refused.value)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_ghosts_members_are_read():
    listing = taken(GHOST)
    assert (listing.format, listing.source, listing.problems) == ("ghost", "ghost", ())
    vera, walt, fritz = listing.rows
    assert (vera.line, vera.foreign, vera.email) == (2, "65a1", "vera@lantern.example")
    assert (vera.name, vera.plan, vera.gateway) == ("Blum, Vera", "Gold", "cus_1")
    assert vera.is_undated
    assert (walt.plan, walt.complimentary, walt.is_undated) == ("complimentary", True, False)
    assert (fritz.plan, fritz.until) == ("", None)
    assert listing.plans(NOW) == {"Gold": 1, "complimentary": 1}


def test_stripes_subscriptions_are_open_until_what_was_paid():
    listing = taken(STRIPE)
    assert listing.format == "stripe_subscriptions"
    until = {row.foreign: (row.until, row.cancelled) for row in listing.rows}
    assert until == {
        "sub_1": (at(2026, 4, 1, 9, 30), False),
        "sub_2": (at(2026, 3, 20, 9, 30), False),  # Overdue: this period was not paid.
        "sub_3": (at(2026, 5, 1, 9, 30), True),
        "sub_4": (at(2026, 1, 2, 9, 30), True),
    }


def test_stripes_customers_are_accounts_and_those_who_pay_lack_a_day():
    head = "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status\n"
    lines = "cus_1,,vera@lantern.example,Vera,2024-05-01 09:30,false,price_1,active\n"
    listing = taken(head + lines + "cus_2,,walt@lantern.example,,2024-05-01 09:30,false,,\n")
    assert listing.format == "stripe_customers"
    assert [(row.plan, row.is_undated) for row in listing.rows] == [("price_1", True), ("", False)]


def test_a_plain_list_needs_no_more_than_addresses():
    listing = taken("email\nvera@lantern.example\n")
    assert [(row.email, row.plan) for row in listing.rows] == [("vera@lantern.example", "")]


def test_a_day_is_open_to_its_end_in_the_papers_zone():
    listing = taken("email;paid_until\nvera@lantern.example;2026-12-31\n")
    (row,) = listing.rows
    assert row.until == at(2026, 12, 31, 18, 30)
    assert row.plan == "unnamed"


@pytest.mark.parametrize("day", ["31.12.2026", "12/31/2026", "2026-13-01", "soon", "0001-01-01"])
def test_a_day_that_is_not_sure_is_refused(day):
    listing = taken(f"email,paid_until\nvera@lantern.example,{day}\n")
    assert listing.rows == ()
    assert listing.problems[0].line == 2
    assert "2027-12-31" in listing.problems[0].remedy or "ten years" in listing.problems[0].remedy


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("=cmd|x,Vera", "formula"),
        ("vera@lantern.example,@SUM(A1)", "formula"),
        ("vera@lantern.example,Ve\x07ra", "no text"),
        ("vera,Vera", "no e-mail address"),
        (",Vera", "No e-mail address"),
        ("vera@lantern.example,Blum, Vera", "3 cells"),
        ("vera@lantern.example", "1 cells"),
        (f"vera@lantern.example,{'V' * 151}", "longer"),
    ],
)
def test_a_bad_line_is_told_and_the_next_is_taken(line, wrong):
    listing = taken(f"email,name\n{line}\nwalt@lantern.example,Walt\n")
    assert [row.email for row in listing.rows] == ["walt@lantern.example"]
    assert (listing.problems[0].line, wrong in listing.problems[0].wrong) == (2, True)
    assert "vera@" not in listing.problems[0].wrong


def test_an_address_twice_is_one_whatever_its_capitals():
    listing = taken("email,name\nVera@lantern.example,\n\nvera@LANTERN.example,\n")
    assert [row.line for row in listing.rows] == [2]
    assert [(one.line, "line 2" in one.wrong) for one in listing.problems] == [(4, True)]


def test_lines_are_counted_as_an_editor_shows_them():
    listing = taken('email,name\r\nvera@lantern.example,"Ve\nra"\r\nwalt,\r\n')
    assert listing.rows[0].name == "Ve ra"
    assert listing.problems[0].line == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("email,name\njosé@lantern.example,José\n".encode("latin-1"), "CSV UTF-8"),
        ("email\nvera@lantern.example\n".encode("utf-16"), "UTF-16"),
        (b"", "names no columns"),
        (b"name,plan\nVera,Gold\n", "names no columns"),
        (b"email,email\na@b.example,c@d.example\n", "there twice"),
        (b'email,name\nvera@lantern.example,"Vera\n', "quotation mark"),
        (b"email\n" + b"x" * MOST_BYTES, "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data, words):
    assert words in told(data)


def test_a_file_in_latin_1_names_the_line():
    assert "line 3" in told("email,name\na@b.example,A\nb@b.example,José\n".encode("latin-1"))


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    lines = "".join(f"r{n}@lantern.example\n" for n in range(3))
    assert "more than 2 lines" in told(f"email\n{lines}")


def test_a_format_that_does_not_fit_names_what_is_missing():
    assert "customer id" in told("email\nvera@lantern.example\n", "stripe_subscriptions")
    assert "ghost" in told("email\nvera@lantern.example\n", "substack")


CELL = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
NAMES = st.lists(CELL, min_size=1, max_size=6)


@given(
    NAMES,
    st.sampled_from(reading.DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
)
def test_however_it_is_written_the_rows_are_the_same(names, delimiter, ending, quoting, marked):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow(["email", "name"])
    for number, name in enumerate(names):
        writer.writerow([f"R{number}@Lantern.example", name])
    data = out.getvalue().encode("utf-8-sig" if marked else "utf-8")
    listing = taken(data)
    words = [" ".join(name.split()) for name in names]
    fine = [name for name in words if not name.startswith(("=", "+", "-", "@"))]
    assert [row.name for row in listing.rows] == fine
    assert len(listing.problems) == len(names) - len(fine)


@given(st.binary(max_size=200), st.sampled_from(["", *reading.FORMATS]))
def test_no_bytes_do_more_than_be_refused(data, format):
    try:
        taken(b"email,paid_until,complimentary,name\n" + data, format)
    except Refusal as refusal:
        assert refusal.remedy
