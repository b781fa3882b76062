"""Every decision of the gate has a sentence, with the right numbers, and a stop has an advice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.policy import Allowance, Policy, Turn
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose
from broadsheet.subscriptions.decisions import counted_rule, rule_of
from broadsheet.subscriptions.telling import Held, Names, Told, advice, allowance_words, sentence

TITLES = {"unlimited": "All reports", "premium": "Premium reports"}
NAMES = Names(TITLES, {2: "Markets"}, {7: "Lyceum"}, {"4": "Morning"}, Policy())
AT = datetime(2026, 11, 12, 9, 14, tzinfo=UTC)
RIGHTS = ("unlimited", "premium", "ad_free", "smart_investor", "partner:nyt", "gift", "budget")
classes = st.sampled_from(
    ["open", "registered", "metered", *RIGHTS, "", "Not A Word", "newsletter:x"]
)
rights = st.sampled_from(RIGHTS)
lent = st.dictionaries(rights, st.sampled_from([7, 99]), max_size=2)
readers = st.builds(Reader, st.booleans(), st.frozensets(rights), lent)
openings = st.sampled_from(
    ["", "gift:Zr0abc", "share:a-_b", "newsletter:weekly.5", "institution:7", "institution:99",
     "crawler:googlebot", "brand-new:thing", "brandnew"]
)  # fmt: skip
allowances = st.builds(
    Allowance,
    st.sampled_from(["anonymous", "registered", "smart_investor"]),
    st.none() | st.integers(0, 6),
    st.frozensets(st.integers(1, 3), max_size=2),
)
turns = st.builds(
    Turn, st.from_regex(r"[\w:.+-]{1,9}", fullmatch=True), classes, st.just(0.0), st.just(0.0)
)
policies = st.builds(
    Policy,
    st.lists(allowances, max_size=4).map(tuple),
    period=st.sampled_from(["month", "week", "days"]),
    days=st.integers(1, 31),
    register_after=st.none() | st.integers(0, 4),
    turns=st.lists(turns, max_size=1).map(tuple),
)
reads = st.lists(st.builds(Read, st.integers(1, 9), st.just(1), st.integers(1, 3)), max_size=7)


def told(decision: Decision, *, registered: bool, latest: datetime | None) -> Told:
    """As the journal would tell it; what it keeps no line of is told as well."""
    opened = "read" if decision.counted else "open"
    outcome = opened if decision.variant.startswith("full") else "stop"
    return Told(outcome, decision.rule, decision.reads, decision.limit, registered, latest)


@given(
    st.builds(Report, st.integers(1, 9), classes, st.integers(1, 3), st.just(1.0)),
    readers, policies, reads,
    st.builds(Asking, st.booleans(), st.booleans(), openings, st.booleans()),
    st.none() | st.just(AT), st.booleans(),
)  # fmt: skip
def test_whatever_the_gate_decides_has_a_sentence(
    report, reader, policy, had, asking, latest, unrecorded
):
    decision = choose(report, reader, policy, had, now=2.0, asking=asking)
    if unrecorded and decision.counted:
        decision = decision._replace(rule="unrecorded", counted=False)
    facts = told(decision, registered=reader.registered, latest=latest)
    names = NAMES._replace(policy=policy)
    words = sentence(facts, names)
    assert words.startswith(("Opened", "Stopped", "Not opened"))
    assert words.startswith("Opened") == decision.variant.startswith("full")
    assert "%" not in words
    if decision.limit and decision.rule.endswith("metered"):
        numbers = {int(number) for number in re.findall(r"\d+", words.partition(" The time")[0])}
        assert {decision.reads, decision.limit} <= numbers
    if decision.reason.startswith("limit_") and decision.limit:
        assert f"article {decision.reads + 1}." in words
    rule = rule_of(decision.rule)
    assert not rule.turn or f"“{NAMES.turns.get(rule.turn, rule.turn)}”" in words
    what_to_do = advice(facts, names, [], AT)
    assert bool(what_to_do) == (facts.outcome == "stop")
    assert all(allowance_words(one, names) for one in policy.allowances)


@given(st.text(max_size=30), st.sampled_from(["read", "open", "stop", "merge", "?"]))
def test_no_rule_is_without_words(rule, outcome):
    assert sentence(Told(outcome, rule), NAMES)
    advice(Told(outcome, rule), NAMES, [], AT)
    counted_rule(rule)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            Told("stop", "metered", 3, 3, latest=AT),
            "Stopped: 3 of 3 free articles were used, the newest on 12 November 2026"
            " at 09:14; this would have been article 4.",
        ),
        (Told("stop", "metered", 0, 0), "Stopped: no article is free for this kind of reader."),
        (Told("read", "metered", 2, 3), "Opened: free article 2 of 3."),
        (Told("stop", "premium"), "Stopped: the report needs “Premium reports”."),
        (Told("stop", "smart_investor"), "Stopped: the report needs “smart_investor”."),
        (Told("open", "institution:7"), "Opened for a network or address of Lyceum."),
        (Told("open", "crawler:googlebot"), "Opened for the verified crawler googlebot."),
        (
            Told("open", "gift:31", 2, 10),
            "Opened by a subscriber's gift link; nothing was counted. It was browser 2 of 10 that"
            " may use the link.",
        ),
        (
            Told("open", "newsletter:5"),
            "Opened by a link in a newsletter; nothing was counted.",
        ),
        (Told("open", "unlimited"), "Opened: the reader had “All reports”."),
        (
            Told("stop", "time:4+premium"),
            "Stopped: the report needs “Premium reports”. The time rule “Morning” was in force.",
        ),
        (
            Told("stop", "register_after", 2, 3),
            "Stopped: after 2 free articles readers are asked for an account; 3 are free in all.",
        ),
        (
            Told("stop", "register_after", 0, 3),
            "Stopped: readers are asked for an account before their first free article.",
        ),
    ],
)
def test_the_words(facts, words):
    assert sentence(facts, NAMES) == words


DAY = timedelta(days=1)
STOP = Told("stop", "metered", 5, 5, registered=True)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([], "The reader had no “All reports”: a subscription or a grant gives it."),
        ([Held("premium", AT - DAY)], "The reader had no “All reports”"),
        ([Held("unlimited", AT - DAY)], "“All reports” was in force: the browser had an old pass."),
        ([Held("unlimited", AT - 3 * DAY, AT)], "had ended on 12 November 2026 at 09:14."),
        (
            [Held("unlimited", AT - 9 * DAY, AT - n * DAY) for n in (2, 1, 3)],
            "had ended on 11 November 2026 at 09:14.",
        ),
        (
            [Held("unlimited", AT - 3 * DAY, AT + DAY, AT - DAY)],
            "was revoked on 11 November 2026 at 09:14.",
        ),
        ([Held("unlimited", AT - DAY, None, AT + DAY)], "was in force"),
        ([Held("unlimited", AT + DAY)], "began only on 13 November 2026 at 09:14."),
    ],
)  # fmt: skip
def test_what_to_do_follows_from_the_grants_of_that_moment(held, words):
    assert words in advice(STOP, NAMES, held, AT)


def test_both_causes_of_a_read_that_was_not_recorded_are_named():
    words = advice(Told("stop", "unrecorded", 0, 3), NAMES, [], AT)
    assert "disk" in words and "shared count" in words


def test_a_stranger_is_told_to_sign_in():
    assert "sign in" in advice(Told("stop", "premium"), NAMES, [], AT)
    assert "free account" in advice(Told("stop", "register_after", 1, 3), NAMES, [], AT)
    assert advice(Told("read", "metered", 1, 3), NAMES, [], AT) == ""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("metered", ("", "metered", "")),
        ("gift:Zr0-a_b", ("", "gift", "Zr0-a_b")),
        ("time:first day+gift:Zr0", ("first day", "gift", "Zr0")),
        ("time:a+b+open", ("a+b", "open", "")),
        ("partner:nyt", ("", "partner", "nyt")),
        ("", ("", "", "")),
    ],
)
def test_a_rule_is_taken_apart(text, rule):
    assert rule_of(text) == rule


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("time:late+gift:Zr0", "time:late+gift"),
        ("newsletter:weekly.77", "newsletter"),
        ("share:Zr0", "share"),
        ("institution:7", "institution:7"),
        ("partner:nyt", "partner:nyt"),
    ],
)
def test_what_is_counted_for_ever_leads_to_nobody(text, counted):
    assert counted_rule(text) == counted
