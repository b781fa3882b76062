"""The rules, over any input: each is asked once, a filter that is empty fits everything."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.desk.routing import UNMAPPED, Filters, Hours, Offered, Route, decide
from broadsheet.desk.rules import Candidate, ends_at
from broadsheet.wire.rules import INDEFINITE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = Candidate("usable", "", "news", "Fog", "<p>Thick.</p>", (), timedelta(hours=1), False)
OFFERED = Offered(
    GOOD, NOW, feed=1, source=2, categories=("World", "Sea"), topics=("medtop:04000000",),
    language="en-IN", urgency=3, text="Fog. Thick fog at the mole.", pictured=True, section=7,
)  # fmt: skip

FITTING = {
    "feed": 1, "source": 2, "category": "sea", "topic": "medtop:04", "language": "en",
    "urgency": 3, "headline": "fog", "words": "Mole thick", "pictured": True, "kind": "news",
    "hours": Hours(time(11), time(13), "UTC"),
}  # fmt: skip
OTHERS = {
    "feed": 9, "source": 9, "category": "land", "topic": "05", "language": "e", "urgency": 2,
    "headline": "tide", "words": "mol", "pictured": False, "kind": "teaser",
    "hours": Hours(time(13), time(11), "UTC"),
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(FITTING))), st.sets(st.sampled_from(sorted(OTHERS))))
def test_a_rule_fits_when_every_filter_that_is_filled_in_fits(fitting, others):
    filled = {name: FITTING[name] for name in fitting} | {name: OTHERS[name] for name in others}
    assert Filters(**filled).fit(OFFERED) == (not others)


@pytest.mark.parametrize("name", sorted(set(FITTING) - {"kind", "hours", "pictured", "source"}))
def test_what_an_item_does_not_state_fits_no_filter_that_asks_for_it(name):
    bare = Offered(replace(GOOD, headline=""), NOW)
    assert not Filters(**{name: FITTING[name]}).fit(bare)


@pytest.mark.parametrize(
    ("wanted", "stated", "fits"),
    [
        ("medtop:04000000", "medtop:20000350", True),
        ("medtop:20000344", "medtop:20000350", True),
        ("medtop:04000000", "subj:04008001", True),
        ("subj:04000000", "medtop:20000350", True),
        ("medtop:20000350", "medtop:04000000", False),
        ("quill:sea", "quill:seafood", True),
        ("medtop:15000000", "quill:1500", False),
    ],
)
def test_a_rule_for_a_topic_fits_what_belongs_to_it(wanted, stated, fits):
    assert Filters(topic=wanted).fit(replace(OFFERED, topics=(stated,))) == fits


def test_hours_may_pass_midnight_and_follow_their_zone():
    night = Hours(time(22), time(6), "Asia/Kolkata")
    assert night.hold(datetime(2026, 11, 20, 17, tzinfo=UTC))
    assert night.hold(datetime(2026, 11, 20, 0, 29, tzinfo=UTC))
    assert not night.hold(datetime(2026, 11, 20, 0, 30, tzinfo=UTC))
    assert not night.hold(datetime(2026, 11, 20, 12, tzinfo=UTC))


ROUTES = st.lists(
    st.builds(
        Route,
        name=st.sampled_from("abc"),
        action=st.sampled_from(["publish", "hold", "queue", "discard"]),
        filters=st.sampled_from([Filters(), Filters(feed=1), Filters(feed=9)]),
        section=st.none() | st.integers(1, 3),
        max_age=st.none() | st.just(timedelta(minutes=1)),
        queue=st.just("night"),
        stop=st.booleans(),
    ),
    max_size=8,
)
CANDIDATES = st.builds(
    replace,
    st.just(GOOD),
    status=st.sampled_from(["usable", "withheld"]),
    embargo=st.sampled_from([None, NOW + timedelta(hours=1), INDEFINITE]),
    copies=st.sampled_from([None, ("Fog", "Reed")]),
    recalled=st.booleans(),
    flags=st.sampled_from([(), ("reused-id",), ("damaged",)]),
    allowed=st.booleans(),
)


class Asked(list):
    """Rules that count how often they are asked."""

    def __init__(self, routes):
        super().__init__(routes)
        self.count = 0

    def __iter__(self):
        for route in super().__iter__():
            self.count += 1
            yield route


@given(ROUTES, CANDIDATES, st.none() | st.just(5))
def test_case_54_every_item_ends_somewhere_with_a_reason_and_no_rule_is_asked_twice(
    routes, candidate, section
):
    asked = Asked(routes)
    found = decide(replace(OFFERED, candidate=candidate, section=section), asked)
    assert asked.count <= len(routes)
    assert found.outcome in ("published", "held", "discarded")
    assert bool(found.reasons) == (found.outcome != "published")
    fitting = [route for route in routes if route.filters != Filters(feed=9)]
    assert (found.route is None) == (not fitting)
    if not fitting or (found.route.action == "publish" and found.section is None):
        assert found.queue == UNMAPPED


@given(ROUTES, CANDIDATES)
def test_what_is_published_has_a_section_and_nothing_against_it(routes, candidate):
    found = decide(replace(OFFERED, candidate=candidate), routes)
    if found.outcome == "published" or found.due:
        assert found.section is not None
        assert candidate.status == "usable" and candidate.allowed and not candidate.recalled
        assert candidate.copies is None and not candidate.flags
    assert not (found.outcome == "published" and candidate.embargo)
    assert found.due in (None, NOW + timedelta(hours=1))


@given(
    st.none() | st.integers(1, 40).map(lambda days: NOW + timedelta(days=days)),
    st.none() | st.integers(1, 40),
)
def test_a_report_ends_with_its_expiry_or_its_licence_whichever_is_first(expires, days):
    found = ends_at(expires, NOW, days)
    ends = [end for end in (expires, NOW + timedelta(days=days) if days else None) if end]
    assert found == (min(ends) if ends else None)
    assert ends_at(expires, None, days) == expires
