"""Readers see what was counted, with an account and without one, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as conf
from django.test import Client

from broadsheet.desk.models import Section
from broadsheet.gate.passes import new_reader_id, reader_key, sign_reader_id
from broadsheet.subscriptions.codes import shown_code
from broadsheet.subscriptions.models import Entitlement, FreeLimit, Grant, MeterPolicy
from broadsheet.subscriptions.tests.desk_cast import queries
from broadsheet.subscriptions.tests.journal_cast import AT, SECONDS, code, line, report, told
from tests.cast import ben

WHERE = "/account/reading/"
MINE, THEIRS = new_reader_id(), new_reader_id()


@pytest.fixture
def now(paper):
    with time_machine.travel(AT + timedelta(hours=1), tick=False) as traveller:
        yield traveller


def browser(*cookies, user=None):
    """A browser that sends these values as its reader id."""
    field = "; ".join(f"reader={value}" for value in cookies)
    headers = {"x-forwarded-for": "127.0.0.1"} | ({"cookie": field} if cookies else {})
    if user is None:
        return Client(headers=headers)
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if cookies:
        client.cookies["reader"] = cookies[0]
    return client


def signed(reader_id):
    return sign_reader_id(reader_id, reader_key(conf.SECRET_KEY.encode()))


def seen(client):
    answer = client.get(WHERE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_sees_what_was_counted_and_the_code_to_quote(now):
    one, other = report("Cranes by night"), report("Trams by day")
    told(
        line(f"a{MINE}", one.pk, at=SECONDS - 86_400),
        line(f"a{MINE}", one.pk, at=SECONDS - 60),
        line(f"a{MINE}", 99, at=SECONDS - 50, reads=2),
        line(f"a{MINE}", 98, "stop", reads=3),
        line(f"a{THEIRS}", other.pk),
    )
    text = seen(browser(signed(MINE)))
    assert "2 of 3 free articles opened this month." in text
    assert f'<a href="{one.path}">Cranes by night</a>' in text
    assert "21 November 2026, 15:00" in text, "when it was first opened, in the paper's zone"
    assert text.count("Cranes by night") == 1
    assert "A report that can no longer be read" in text
    assert "Trams by day" not in text
    assert shown_code(code(f"a{MINE}")) in text
    assert MINE not in text


def test_the_answer_is_for_this_reader_alone(now):
    answer = browser(signed(MINE)).get(WHERE)
    assert {"private", "no-store"} <= set(answer["Cache-Control"].replace(" ", "").split(","))
    assert "Set-Cookie" not in answer
    text = answer.content.decode()
    assert '<meta name="robots" content="noindex">' in text
    assert "https://" not in text.replace("https://www.w3.org", "")
    assert browser().post(WHERE).status_code == 405


@pytest.mark.parametrize(
    "cookies",
    [(), ("x" * 22,), (f"{MINE}.AAAA",), ("signed", "signed"), ("é",), (MINE,)],
)
def test_a_cookie_that_the_gate_would_not_take_shows_nothing(now, cookies):
    told(line(f"a{MINE}", report("Cranes by night").pk))
    text = seen(browser(*(signed(MINE) if value == "signed" else value for value in cookies)))
    assert "Your browser sends no cookie of ours" in text
    assert "Cranes by night" not in text
    assert code(f"a{MINE}")[:4] not in text


def test_an_account_sees_what_was_read_before_it_signed_in_as_well(now):
    reader = ben()
    reports = [report(f"Report {n}") for n in range(4)]
    told(
        line(f"a{THEIRS}", reports[0].pk, at=SECONDS - 90),
        line(f"u{reader.pk}", 0, "merge:a" + THEIRS, at=SECONDS - 80),
        line(f"u{reader.pk}", reports[1].pk, reads=2, limit=5),
        line(f"a{MINE}", reports[2].pk),
    )
    text = seen(browser(user=reader))
    assert "2 of 5 free articles opened this month." in text
    assert "Report 0" in text
    assert "Report 2" not in text
    assert shown_code(code(f"u{reader.pk}")) in text
    assert "3 of 5 free articles" in seen(browser(signed(MINE), user=reader))


def test_a_subscriber_is_told_that_nothing_is_counted(now):
    reader = ben()
    Grant.objects.create(reader=reader, entitlement="unlimited", valid_from=AT - timedelta(days=1))
    text = seen(browser(user=reader))
    assert "Your subscription opens reports without counting them." in text
    assert "free articles opened" not in text


def test_a_withdrawn_report_has_no_title_there(now):
    gone = report("Never to be read again", withdrawn_at=AT)
    held = report("Being checked", held=True)
    told(line(f"a{MINE}", gone.pk), line(f"a{MINE}", held.pk))
    text = seen(browser(signed(MINE)))
    assert "Never to be read again" not in text
    assert "Being checked" not in text
    assert "2 of 3 free articles" in text


def test_the_month_begins_at_midnight_in_the_papers_zone(now):
    midnight = int(datetime(2026, 10, 31, 18, 30, tzinfo=UTC).timestamp())
    told(
        line(f"a{MINE}", report("October's last").pk, at=midnight - 1),
        line(f"a{MINE}", report("November's first").pk, at=midnight),
    )
    text = seen(browser(signed(MINE)))
    assert "November&#x27;s first" in text
    assert "October" not in text
    assert "1 of 3 free articles" in text


def test_a_week_and_days_count_their_own(now):
    told(
        line(f"a{MINE}", report("Sunday's").pk, at=SECONDS - 7200),
        line(f"a{MINE}", report("Last Friday's").pk, at=SECONDS - 9 * 86_400),
    )
    MeterPolicy.objects.update(period="week")
    assert "1 of 3 free articles opened this week." in seen(browser(signed(MINE)))
    MeterPolicy.objects.update(period="days", days=10)
    text = seen(browser(signed(MINE)))
    assert "2 of 3 free articles opened within the last 10 days." in text


def test_what_is_listed_is_what_the_gate_counts(now):
    hours = (7 * 24 - 2, 7 * 24 + 12)
    told(*(line(f"a{MINE}", report(f"{h} h").pk, at=SECONDS - h * 3600) for h in hours))
    MeterPolicy.objects.update(period="days", days=7)
    text = seen(browser(signed(MINE)))
    assert "1 of 3 free articles opened within the last 7 days." in text
    assert "166 h" in text and "180 h" not in text


def test_reads_too_old_to_be_kept_are_said_to_count(now):
    told(line(f"a{MINE}", report().pk))
    said = "no longer listed here, but still counts."
    assert said not in seen(browser(signed(MINE)))
    MeterPolicy.objects.update(period="days", days=31)
    assert said in seen(browser(signed(MINE)))


def test_each_allowance_is_counted_by_itself(now):
    markets = Section.objects.get(slug="markets")
    world = Section.objects.get(slug="world")
    FreeLimit.objects.create(kind="anonymous", section=markets, limit=1)
    told(
        line(f"a{MINE}", report().pk, section=world.pk),
        line(f"a{MINE}", report("Shares", section=markets).pk, section=markets.pk, limit=1),
    )
    text = seen(browser(signed(MINE)))
    assert "Markets: 1 of 1 free articles opened this month." in text
    assert "<p>1 of 3 free articles opened this month.</p>" in text
    right = Entitlement.objects.create(name="patron", title="Patron")
    FreeLimit.objects.create(entitlement=right, limit=None)
    reader = ben()
    Grant.objects.create(reader=reader, entitlement="patron", valid_from=AT - timedelta(days=1))
    assert "Free without an end" in seen(browser(user=reader))


def test_queries_do_not_grow_with_what_was_read(now):
    counts = []
    for upto in (2, 20):
        told(*(line(f"a{MINE}", report(f"Report {n}").pk, at=SECONDS - n) for n in range(upto)))
        counts.append(queries(browser(signed(MINE)), WHERE))
    assert counts[0] == counts[1]
