"""A read that could not be recorded leaves a line as soon as lines can be written again."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broadsheet.gate.app import Gate
from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.policy import Policy, policy_text
from broadsheet.gate.pressed import event, open_store, store_path
from broadsheet.gate.tests.asking import Clock, asked
from broadsheet.gate.tests.conftest import SECRET, page
from broadsheet.gate.tests.test_meter import full_disk

NOON = 1_795_348_800.0


def gate_at(home: Path, *, open_when_down: bool) -> Gate:
    store = open_store(store_path(home))
    with event(store) as run:
        run.set_fact("policy", policy_text(Policy(open_when_down=open_when_down)))
        for number in (1, 2):
            facts = {"access": "metered", "article": number, "section": 4}
            run.put(page(f"/s{number}", "All of it.", "full", **facts))
            run.put(page(f"/s{number}", "<!--wall-->", "teaser", **facts))
    store.close()
    return Gate(home, SECRET, clock=Clock(NOON))


@contextmanager
def unwritable(gate: Gate) -> Iterator[None]:
    """What is noted is written only after the disk has room again."""
    with full_disk():
        yield
    gate._door.tick()


def lines(home: Path) -> list[Record]:
    return [record for path in segments(home / "journal") for record in read_segment(path)[0]]


@pytest.mark.parametrize(
    ("chosen", "outcome", "said"), [(False, "stop", "close"), (True, "open", "are open, uncounted")]
)
def test_it_is_noted_as_what_came_of_it_and_the_log_says_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, chosen: bool, outcome: str, said: str
) -> None:
    gate = gate_at(tmp_path, open_when_down=chosen)
    assert b"All of it." in asked(gate, "/s1", accept_encoding="identity").body
    with caplog.at_level(logging.ERROR), unwritable(gate):
        answer = asked(gate, "/s2", accept_encoding="identity")
    assert (b"All of it." in answer.body) == chosen
    found = lines(tmp_path)[1:]
    assert [(one.article, one.outcome, one.section, one.rule) for one in found] == [
        (2, outcome, 4, "unrecorded")
    ]
    assert found[0].limit == (0 if chosen else 3)
    assert f"metered articles {said}" in caplog.text
    assert ("close" in caplog.text) != chosen
