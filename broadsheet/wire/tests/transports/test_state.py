"""What is remembered of a feed survives storage, and belongs to one location."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.wire.transports import FeedState, UnknownLocation, folder, http, transport_for

moments = st.none() | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC))
states = st.builds(
    FeedState,
    location=st.text(),
    etag=st.text(),
    last_modified=st.text(),
    whole_at=moments,
    retry_after=moments,
    seen=st.frozensets(st.text()),
    pending=st.frozensets(st.text()),
)


@settings(max_examples=30)
@given(states)
def test_a_state_comes_back_from_json_as_it_was(state: FeedState) -> None:
    assert FeedState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_new_feed_has_an_empty_state() -> None:
    assert FeedState.from_json({}) == FeedState()


def test_a_feed_that_moved_starts_afresh() -> None:
    state = FeedState(location="https://old.test/", etag='"7"', seen=frozenset({"a"}))
    assert state.at("https://old.test/") is state
    assert state.at("https://new.test/") == FeedState(location="https://new.test/")


@pytest.mark.parametrize(
    ("location", "module"),
    [("https://feeds.test/rss", http), ("HTTP://feeds.test/", http), ("/srv/drop", folder),
     ("drop", folder), ("file:///srv/drop", folder)],
)  # fmt: skip
def test_the_location_decides_the_transport(location: str, module: object) -> None:
    assert transport_for(location) is module


@pytest.mark.parametrize("location", ["ftq://feeds.test/", "gopher://x/", "http://[::1"])
def test_an_unknown_kind_of_location_is_refused(location: str) -> None:
    with pytest.raises(UnknownLocation, match="folder"):
        transport_for(location)
