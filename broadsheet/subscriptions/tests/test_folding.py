"""The journal is folded into decisions and counts, once, and let go of in time."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from broadsheet.accounts.models import User
from broadsheet.gate.digest import NAME
from broadsheet.gate.digesting import renew
from broadsheet.gate.journal import segments
from broadsheet.gate.meter import Meter
from broadsheet.gate.rules import Decision, Reader, Report
from broadsheet.subscriptions.actions import fold_journal, folding, forget_decisions, forgetting
from broadsheet.subscriptions.models import DayCount, GateDecision, JournalCursor, ReadingCount
from broadsheet.subscriptions.tests.journal_cast import (
    AT,
    SECONDS,
    STRANGER,
    code,
    line,
    write,
)


@pytest.fixture
def now(paper):
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def counts():
    return {
        (row.month, row.article, row.kind, row.outcome, row.rule): row.number
        for row in ReadingCount.objects.all()
    }


def test_every_line_becomes_a_decision_and_a_count_once(home, now):
    ben = User.objects.create_user("ben@lantern.example")
    key = f"u{ben.pk}"
    write(
        home,
        line(),
        line(key, reads=2, limit=5),
        line(key, 0, "merge:" + STRANGER),
        line(STRANGER, 9, "stop", reads=3),
        line("-", 11, "stop", rule="premium", reads=0, limit=0),
        line("b" + "x" * 22, 12, "open", rule="gift:31", reads=2, limit=10),
    )
    assert fold_journal() == 6
    assert fold_journal() == 0
    names = ("code", "reader", "article", "section", "outcome", "rule", "reads", "limit")
    assert list(GateDecision.objects.order_by("pk").values_list(*names, "taken_over")) == [
        (code(STRANGER), None, 7, 2, "read", "metered", 1, 3, ""),
        (code(key), ben.pk, 7, 2, "read", "metered", 2, 5, ""),
        (code(key), ben.pk, 0, 0, "merge", "", 0, 0, code(STRANGER)),
        (code(STRANGER), None, 9, 2, "stop", "metered", 3, 3, ""),
        ("", None, 11, 2, "stop", "premium", 0, 0, ""),
        (code("b" + "x" * 22), None, 12, 2, "open", "gift:31", 2, 10, ""),
    ]
    assert {row.at for row in GateDecision.objects.all()} == {AT}
    assert counts() == {
        ("2026-11", 7, "anonymous", "read", "metered"): 1,
        ("2026-11", 7, "registered", "read", "metered"): 1,
        ("2026-11", 9, "anonymous", "stop", "metered"): 1,
        ("2026-11", 11, "unknown", "stop", "premium"): 1,
        ("2026-11", 12, "unknown", "open", "gift"): 1,
    }


def test_counts_grow_with_each_fold_and_know_the_depth_of_reading(home, now):
    for article in (7, 8, 7):
        write(home, line(article=article, reads=2), line("a" + "y" * 22, article, reads=2))
        fold_journal()
    assert counts()["2026-11", 7, "anonymous", "read", "metered"] == 4
    day = DayCount.objects.get()
    assert (day.day, day.reads, day.limit, day.number) == (date(2026, 11, 22), 2, 3, 6)


def test_what_leads_to_a_person_is_not_counted_by_name(home, now):
    write(
        home,
        line(outcome="open", rule="time:late+gift:Zr0abc", reads=0, limit=0),
        line(outcome="open", rule="newsletter:weekly.77", reads=0, limit=0),
        line(outcome="open", rule="institution:7", reads=0, limit=0),
    )
    fold_journal()
    rules = set(ReadingCount.objects.values_list("rule", flat=True))
    assert rules == {"time:late+gift", "newsletter", "institution:7"}
    assert set(DayCount.objects.values_list("rule", flat=True)) == rules


def test_a_line_of_an_older_version_is_a_metered_read(home, now):
    (home / "journal" / "2026-11.000001.journal").write_text(f"{SECONDS} 2026-11 u5 7 read\n")
    assert fold_journal() == 1
    assert counts() == {("2026-11", 7, "registered", "read", "metered"): 1}
    assert not GateDecision.objects.exists(), "there is no account 5"


def test_a_damaged_line_stops_none_that_follow(home, now):
    path = home / "journal" / "2026-11.000001.journal"
    path.write_text(
        f"99999999999999999999 2026-11 {STRANGER} 7 read 1 metered 1/3\n"
        f"{SECONDS} 2026-11 {STRANGER} 99999999999999999999999 read 1 metered 1/3\n"
        f"nonsense\n{SECONDS} 2026-11 u99999999999999999999999 7 read 1 metered 1/3\n"
        f"{SECONDS} 2026-11 {STRANGER} 7 read 1 {'r' * 300} 1/3\n{SECONDS} 2026"
    )
    fold_journal()
    kept = GateDecision.objects.values_list("article", "rule")
    assert list(kept) == [(7, "r" * 120)]


def test_a_fold_that_dies_leaves_nothing_behind_and_loses_nothing(home, now, monkeypatch):
    monkeypatch.setattr(folding, "PIECE", 200)
    write(home, *(line(article=number) for number in range(1, 101)))
    steps = ("_decisions", "_count", "_add")
    for number in range(12):
        name = steps[number % 3]
        whole = getattr(folding, name)
        monkeypatch.setattr(folding, name, dies_after(whole, number // 3))
        with pytest.raises(ZeroDivisionError):
            fold_journal()
        monkeypatch.setattr(folding, name, whole)
    fold_journal()
    assert GateDecision.objects.count() == 100
    assert sum(counts().values()) == 100
    assert sum(DayCount.objects.values_list("number", flat=True)) == 100


def dies_after(whole, calls):
    left = [calls]

    def inside(*args):
        left[0] -= 1
        result = whole(*args)
        assert left[0] >= 0 or 1 // 0
        return result

    return inside


def test_one_round_is_bounded_and_the_next_goes_on(home, now, monkeypatch):
    monkeypatch.setattr(folding, "PIECE", 400)
    write(home, *(line(article=number) for number in range(1, 41)))
    assert 0 < fold_journal(seconds=0) < 10
    while fold_journal(seconds=0):
        pass
    assert GateDecision.objects.count() == 40


def test_queries_do_not_grow_with_the_lines(home, now, django_assert_max_num_queries):
    write(home, *(line("a" + f"{n:022}", n % 80 + 1) for n in range(400)))
    with django_assert_max_num_queries(30):
        fold_journal()
    assert GateDecision.objects.count() == 400


def test_decisions_are_deleted_after_30_days_and_counts_stay(home, now):
    ends = AT + timedelta(days=30)
    write(home, line(at=SECONDS - 1), line(at=SECONDS + 1))
    fold_journal()
    now.move_to(ends)
    assert forget_decisions() == 1
    assert [row.at.timestamp() for row in GateDecision.objects.all()] == [SECONDS + 1]
    assert sum(counts().values()) == 2


def test_many_are_deleted_in_pieces(home, now, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 7)
    write(home, *(line(at=SECONDS + n) for n in range(30)))
    fold_journal()
    now.move_to(AT + timedelta(days=31))
    assert forget_decisions(seconds=0) == 0
    assert forget_decisions() == 30


def test_what_is_folded_too_late_is_counted_only(home, now):
    write(home, line())
    now.move_to(AT + timedelta(days=31))
    fold_journal()
    assert not GateDecision.objects.exists()
    assert sum(counts().values()) == 1


def test_a_segment_goes_32_days_after_its_last_line(home, now):
    write(home, line(), line(at=SECONDS + 60))
    write(home, line(at=SECONDS + 90_000))
    fold_journal()
    now.move_to(AT + timedelta(days=32, seconds=60))
    forget_decisions()
    assert len(segments(home / "journal")) == 2
    now.move_to(AT + timedelta(days=32, seconds=61))
    forget_decisions()
    assert [path.name for path in segments(home / "journal")] == ["2026-11.000002.journal"]
    assert JournalCursor.objects.filter(segment__endswith=".journal").count() == 1


def test_a_digest_that_no_gate_renews_goes_after_a_day(home, now):
    write(home, line())
    assert renew(home / "journal", SECONDS)
    os.utime(home / "journal" / NAME, (SECONDS, SECONDS))
    forget_decisions()
    assert (home / "journal" / NAME).exists()
    now.move_to(AT + timedelta(days=1))
    forget_decisions()
    assert not (home / "journal" / NAME).exists() and segments(home / "journal")


def test_a_segment_that_was_not_folded_stays(home, now):
    write(home, line())
    now.move_to(AT + timedelta(days=60))
    forget_decisions()
    assert segments(home / "journal")
    fold_journal()
    forget_decisions()
    assert not segments(home / "journal")


@pytest.mark.parametrize(
    "day", [datetime(2026, 12, 31, 18, 20, tzinfo=UTC), datetime(2027, 3, 29, 3, tzinfo=UTC)]
)
def test_a_gate_that_starts_finds_the_whole_month(home, now, day):
    first = day.replace(day=1, hour=0, minute=0)
    keys = ["a" + f"{n:022}" for n in range(3)]
    write(home, *(line(key, at=int(first.timestamp())) for key in keys))
    now.move_to(day)
    fold_journal()
    forget_decisions()
    meter = Meter(Path(home / "journal"), clock=lambda: day.timestamp())
    assert [meter.reads(key) for key in keys] == [(7,)] * 3


def test_the_line_that_the_gate_writes_is_the_one_that_is_folded(home, now):
    meter = Meter(home / "journal", clock=lambda: SECONDS)
    decision = Decision("teaser", "time:late+smart_investor", "smart_investor")
    meter.note("-", Report(41, "smart_investor", 3), decision)
    meter.flush()
    fold_journal()
    found = GateDecision.objects.get()
    assert (found.article, found.section, found.rule) == (41, 3, "time:late+smart_investor")
    assert Reader().kinds == {"anonymous"}


def test_an_erased_account_leaves_no_decision_behind(home, now):
    ben, ida = (User.objects.create_user(f"{name}@lantern.example") for name in ("ben", "ida"))
    other = "a" + "z" * 22
    write(
        home,
        line(),
        line(f"u{ben.pk}", 0, "merge:" + STRANGER),
        line(f"u{ben.pk}", 8),
        line(f"u{ida.pk}", 8),
        line(other, 9),
    )
    fold_journal()
    number = ben.pk
    write(home, line(f"u{number}", 10))
    ben.delete()
    fold_journal()
    assert set(GateDecision.objects.values_list("code", "reader")) == {
        (code(f"u{ida.pk}"), ida.pk),
        (code(other), None),
    }
    assert sum(counts().values()) == 5
