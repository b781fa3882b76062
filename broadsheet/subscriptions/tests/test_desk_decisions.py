"""Why was I stopped? The desk finds the decision and says it in words."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.html import escape
from wagtail.models import ModelLogEntry

from broadsheet.accounts.models import User
from broadsheet.desk.models import Redirect
from broadsheet.subscriptions.actions import forget_decisions, make_entitlements
from broadsheet.subscriptions.codes import shown_code
from broadsheet.subscriptions.models import LOOKED, GateDecision, Grant, MeterPolicy
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, page, publisher, queries
from broadsheet.subscriptions.tests.journal_cast import (
    AT,
    SECONDS,
    STRANGER,
    code,
    line,
    report,
    told,
)
from tests.cast import ada, ben

WHERE = "/desk/business/decisions/"


@pytest.fixture
def desk(paper):
    """The publisher's window; the paper is in Kolkata, five and a half hours ahead."""
    make_entitlements()
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield publisher()


def stopped_after_three(key=STRANGER, limit=3):
    """Three reports read, the fourth not."""
    reports = [report(f"Report {n} on cranes") for n in range(1, 5)]
    times = [SECONDS - 86_400 * (4 - n) for n in range(4)]
    read = [
        line(key, one.pk, at=at, reads=n, limit=limit, section=one.section_id)
        for n, (one, at) in enumerate(zip(reports[:3], times, strict=False), 1)
    ]
    stop = line(key, reports[3].pk, "stop", reads=3, limit=limit, section=reports[3].section_id)
    told(*read, stop)
    return reports


def looks():
    return ModelLogEntry.objects.filter(action=LOOKED)


def test_a_stranger_is_found_by_the_code_and_the_stop_is_told_in_words(desk):
    reports = stopped_after_three()
    text = page(desk, WHERE, q=shown_code(code(STRANGER)).lower())
    assert (
        "Stopped: 3 of 3 free articles were used, the newest on 20 November 2026 at"
        " 15:00; this would have been article 4." in text
    )
    assert "Opened: free article 1 of 3." in text
    assert "22 November 2026, 15:00:00" in text, "in the paper's zone"
    assert reports[3].path in text
    assert text.index("Report 4 on cranes") < text.index("Report 3 on cranes"), "newest first"
    assert "readers without an account" in text
    assert STRANGER not in text
    assert STRANGER[1:] not in text


def test_a_reader_is_found_by_address_with_what_was_read_before_signing_in(desk):
    reader = ben()
    first, second = report("Before the sign-in"), report("After the sign-in")
    told(
        line(article=first.pk, at=SECONDS - 60),
        line(f"u{reader.pk}", 0, "merge:" + STRANGER, at=SECONDS - 30),
        line(f"u{reader.pk}", second.pk, "stop", reads=1, limit=1),
    )
    text = page(desk, WHERE, q="BEN@lantern.example")
    assert "Before the sign-in" in text
    assert "Signed in: what was read without an account before" in text
    assert "1 of 1 free articles were used, the newest on 22 November 2026" in text
    assert "today 5 are free" in text
    assert "The reader had no “Unlimited reading”" in text


def test_a_newsletters_link_is_its_addressees_and_goes_with_the_account(desk):
    reader, key = ben(), "b" + "z" * 22
    told(line(key, report().pk, "open", rule=f"newsletter:12:{reader.pk}", reads=0, limit=0))
    told(line(key, report().pk, "open", rule="newsletter:12:999", reads=0, limit=0))
    text = page(desk, WHERE, q="ben@lantern.example")
    assert escape("Opened by the link in this reader's newsletter") in text
    reader.delete()
    assert not GateDecision.objects.exists(), "nor is there a line about an account that is none"


def test_the_grants_of_that_moment_say_what_to_do(desk):
    reader = ben()
    Grant.objects.create(
        reader=reader, entitlement="premium", valid_from=AT - timedelta(days=40),
        valid_until=AT - timedelta(days=2),
    )  # fmt: skip
    told(line(f"u{reader.pk}", report().pk, "stop", rule="premium", reads=0, limit=0))
    text = page(desk, WHERE, q="ben@lantern.example")
    assert "had ended on 20 November 2026 at 15:00." in text
    assert "<code>premium</code>" in text


def test_a_report_is_found_by_address_and_headline_and_time(desk):
    one, other = report("Cranes & gulls"), report("Trams at night")
    Redirect.objects.create(path="/old/cranes", to=one.path)
    told(
        line("-", one.pk, "stop", rule="premium", reads=0, limit=0),
        line("b" + "y" * 22, one.pk, "open", at=SECONDS - 3600, rule="gift:31", reads=2, limit=9),
        line(article=other.pk),
    )
    for about in (one.path, f"https://lantern.example{one.path}?from=mail", "/old/cranes", "gulls"):
        text = page(desk, WHERE, article=about)
        assert "2 decisions" in text, about
        assert escape("Cranes & gulls") in text
        assert "without a cookie" in text
        assert "It was browser 2 of 9" in text
        assert "readers without an account" not in text
        assert "Trams at night" not in text
    text = page(desk, WHERE, article="gulls", until="2026-11-22T14:59")
    assert "1 decision" in text
    assert "2 decisions" in page(desk, WHERE, article="gulls", until="2026-11-22T15:00")


def test_nothing_is_listed_that_nobody_asked_for(desk):
    stopped_after_three()
    text = page(desk, WHERE)
    assert "Report 4" not in text
    assert "Ask the reader for the address of the account" in text
    assert not looks().exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"q": "nobody@lantern.example"}, "No account has this address"),
        ({"q": "K7QF"}, "twelve letters and digits"),
        ({"q": "\0; DROP TABLE"}, "twelve letters and digits"),
        ({"article": "/2026/11/22/nowhere"}, "No report has this address"),
        ({"article": "http://[bad/"}, "No report has this address"),
        ({"article": "zzzz"}, "No report has this address"),
        ({"q": "0000-0000-0000", "until": "yesterday"}, "This is no time"),
        ({"q": "0000-0000-0000", "until": "0001-01-01T00:00"}, "This is no time"),
        ({"q": "0000-0000-0000", "until": "2026-02-30T00:00"}, "This is no time"),
        ({"q": "0000-0000-0000"}, "Nothing was decided about this reader then"),
        ({"article": "Unread"}, "Nobody was stopped at this report then"),
    ],
)
def test_what_cannot_be_found_is_said(desk, query, words):
    report("Unread by all")
    assert words in page(desk, WHERE, **query)
    assert not looks().exists()


def test_every_look_is_noted(desk):
    reader = ben()
    one = report()
    told(line(article=one.pk), line(f"u{reader.pk}", one.pk))
    for query in ({"q": "ben@lantern.example"}, {"q": code(STRANGER)}, {"article": one.path}):
        page(desk, WHERE, **query)
    entries = list(looks().order_by("pk"))
    assert [entry.user.email for entry in entries] == ["pia@lantern.example"] * 3
    assert [entry.label for entry in entries] == [str(reader), code(STRANGER), str(one)]
    assert entries[1].data == {"code": code(STRANGER), "articles": []}
    assert "Looked at decisions" in page(desk, reverse("wagtailadmin_reports:site_history"))
    reader.delete()
    assert "Ben" not in looks().order_by("pk").first().label


def test_whose_reads_were_looked_at_is_forgotten_in_time(desk):
    told(line(article=report().pk))
    page(desk, WHERE, q=code(STRANGER))
    with time_machine.travel(AT + timedelta(days=30), tick=False):
        forget_decisions()
        assert looks().get().data["code"] == code(STRANGER)
    with time_machine.travel(AT + timedelta(days=30, hours=2), tick=False):
        forget_decisions()
    look = looks().get()
    assert (look.data, look.label) == ({}, "decision of the gate")
    assert look.user.email == "pia@lantern.example"


def test_whose_reads_were_looked_at_is_forgotten_with_the_account(desk):
    reader, other = ben(), "a" + "z" * 22
    told(line(), line(other))
    page(desk, WHERE, q=code(STRANGER))
    page(desk, WHERE, q=code(other))
    told(line(f"u{reader.pk}", 0, "merge:" + STRANGER))
    page(desk, WHERE, q="ben@lantern.example")
    reader.delete()
    first, second, third = looks().order_by("pk")
    assert first.data == third.data == {} and code(STRANGER) not in first.label
    assert second.label == second.data["code"] == code(other)


def test_the_newest_read_is_one_of_the_period(desk):
    told(line(at=SECONDS - 25 * 86_400), line(article=8, outcome="stop", reads=3))
    text = page(desk, WHERE, q=code(STRANGER))
    assert "3 of 3 free articles were used; this would have been article 4." in text
    MeterPolicy.objects.update(period="days", days=26)
    assert "the newest on 28 October 2026" in page(desk, WHERE, q=code(STRANGER))


def test_it_is_a_right_of_its_own(desk):
    told(line())
    query = f"{WHERE}?q={code(STRANGER)}"
    for user in (ada(), ben()):
        assert at_desk(user).get(query).status_code in (302, 403)
    assert not looks().exists()
    client = clerk("subscriptions.view_gatedecision")
    assert "Opened: free article" in page(client, query)
    assert "Why stopped?" in page(client, "/desk/")
    for closed in ("business", "business_payments", "business_plans"):
        assert client.get(reverse(closed)).status_code in (302, 403)


def test_a_group_can_be_given_it_in_the_desk(desk):
    right = Permission.objects.get(codename="view_gatedecision")
    text = page(desk, reverse("wagtailusers_groups:add"))
    assert "decision of the gate" in text.lower()
    assert re.search(rf'<input[^>]*name="permissions"[^>]*value="{right.pk}"', text)


def test_it_has_pages_and_needs_no_more_queries_for_many(desk):
    counts = []
    for upto in (3, 45):
        for n in range(GateDecision.objects.count() // 3, upto):
            reader = User.objects.create_user(f"reader{n}@lantern.example")
            Grant.objects.create(reader=reader, entitlement="premium")
            one = report(f"Crane number {n}" if n < 15 else "Crane")
            told(
                line(f"u{reader.pk}", one.pk, at=SECONDS - 9),
                line(f"u{reader.pk}", 0, "merge:" + "a" + f"{n:022}", at=SECONDS - 5),
                line(f"u{reader.pk}", one.pk, "stop", reads=5, limit=5),
            )
        counts.append(queries(desk, f"{WHERE}?article=Crane"))
    assert counts[0] == counts[1]
    GateDecision.objects.update(article=one.pk)
    text = page(desk, f"{WHERE}?article={one.path}")
    assert "1 / 3" in text
    assert "p=2" in text
    assert "Opened" in page(desk, f"{WHERE}?article={one.path}&p=3")


def test_an_article_that_is_gone_leaves_its_decision_readable(desk):
    told(line(article=4711))
    assert "a report that is no longer here" in page(desk, WHERE, q=code(STRANGER))


def test_the_words_follow_the_publishers_period(desk):
    MeterPolicy.objects.update(free_anonymous=9)
    stopped_after_three()
    assert "today 9 are free" in page(desk, WHERE, q=code(STRANGER))
