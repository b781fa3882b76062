"""What a server and a document say about how often to come is heard, within reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.transports.hints import (
    LONGEST_HINT,
    fresh_for,
    stated_pause,
    stated_rest,
    until,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER, SENT = "Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 09:30:00 GMT"


def rss(head: str) -> bytes:
    ttl_of_an_item = "<item><ttl>999</ttl></item>"
    return f"<rss><channel><title>Harbour</title>{head}{ttl_of_an_item}</channel></rss>".encode()


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl>999999</ttl>", LONGEST_HINT),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
         900),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
         3600),
        ("<sy:updatePeriod>often</sy:updatePeriod>", 0),
        ("<ttl>soon</ttl>", 0),
        ("", 0),
    ],
)  # fmt: skip
def test_a_document_states_its_pause(head: str, seconds: float) -> None:
    assert stated_pause(rss(head)) == seconds


def test_a_document_states_its_hours_of_rest() -> None:
    hours = "<skipHours><hour>0</hour><hour>1</hour> <hour>24</hour><hour> 5 </hour></skipHours>"
    assert stated_rest(rss(hours)) == {0, 1, 5}
    all_day = "".join(f"<hour>{n}</hour>" for n in range(24))
    assert stated_rest(rss(f"<skipHours>{all_day}</skipHours>")) == set()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'private, Max-Age="600"', "age": "100"}, 500),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "max-age=0", "expires": LATER}, 0),
        ({"expires": LATER, "date": SENT}, 1800),
        ({"expires": LATER}, 1800),
        ({"expires": "0"}, 0),
        ({"expires": "Mon, 02 Mar 2020 10:00:00 GMT"}, 0),
        ({"cache-control": "max-age=31536000"}, LONGEST_HINT),
        ({"cache-control": "max-age=soon"}, 0),
        ({}, 0),
    ],
)
def test_an_answer_states_how_long_it_is_fresh(headers: dict[str, str], seconds: float) -> None:
    assert fresh_for(headers, NOW) == seconds


def test_a_pause_does_not_end_in_hours_of_rest() -> None:
    assert NOW + timedelta(seconds=until(60, {9, 10}, NOW)) == NOW.replace(hour=11, minute=0)
    assert until(60, {11}, NOW) == 60
    assert until(0, frozenset(range(23)), NOW) == LONGEST_HINT


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(
    ["cache-control", "expires", "date", "age"]), st.text(max_size=40)))  # fmt: skip
def test_nonsense_is_no_hint(document: bytes, headers: dict[str, str]) -> None:
    assert 0 <= stated_pause(document) <= LONGEST_HINT
    assert 0 <= fresh_for(headers, NOW) <= LONGEST_HINT
    assert stated_rest(document) <= set(range(24))
