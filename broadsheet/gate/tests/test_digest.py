"""A start by the digest and the lines after it knows exactly what all lines say."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.gate import digest
from broadsheet.gate.digest import (
    FORMAT,
    KEPT,
    NAME,
    UNFINISHED,
    Found,
    forget_digest,
    read_digest,
    write_digest,
)
from broadsheet.gate.digesting import RENEWED_EACH, TAIL_BYTES, renew
from broadsheet.gate.journal import Journal, Record, read_segment, segments
from broadsheet.gate.replay import taken_up
from broadsheet.gate.rules import Read
from broadsheet.kit.clock import DAY

NOON = 1_795_348_800
READERS = ["a" + letter * 22 for letter in "xyz"] + ["u7"]


class Line(NamedTuple):
    """A line that a gate appends, at the clock's moment."""

    gate: int
    key: str
    article: int
    kind: str = "read"


class Torn(NamedTuple):
    """A gate is killed within a line, and started again."""

    gate: int
    bytes: int


class Later(NamedTuple):
    """The clock goes on, or is set back."""

    seconds: int


class Digested(NamedTuple):
    """The digest is renewed, and killed after so many writes to the disk; 99 for not at all."""

    steps: int = 99


class Deleted(NamedTuple):
    """The newsroom deletes the oldest segment, when all in it is old enough."""


Step = Line | Torn | Later | Digested | Deleted

lines = st.builds(
    Line,
    st.integers(0, 1),
    st.sampled_from(READERS),
    st.integers(1, 4),
    st.sampled_from(["read", "read", "read", "merge", "stop", "open", "gift"]),
)
steps = st.lists(
    st.one_of(
        lines,
        lines,
        lines,
        lines,
        st.builds(Later, st.sampled_from([1, 60, 3600, DAY, 3 * DAY, 14 * DAY, -1, -3600, -DAY])),
        st.builds(Digested, st.sampled_from([99, 99, 99, 0, 1, 2, 3])),
        st.builds(Torn, st.integers(0, 1), st.integers(1, 60)),
        st.just(Deleted()),
    ),
    min_size=5,
    max_size=60,
)


class Killed(BaseException):
    """kill -9 in the middle of writing."""


@contextmanager
def killed_after(steps: int, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let so many pieces, syncs and renames happen; what was written before stays as it is."""
    left = steps

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def step(*args: object) -> None:
            nonlocal left
            if left <= 0:
                raise Killed
            left -= 1
            real(*args)

        return step

    def pieces(found: Found) -> Iterator[bytes]:
        nonlocal left
        for piece in whole(found):
            if left <= 0:
                yield piece[: len(piece) // 2]
                raise Killed
            left -= 1
            yield piece

    whole = digest._pieces
    with patch.context() as context:
        context.setattr(digest, "_pieces", pieces)
        context.setattr(digest.os, "fsync", counted(os.fsync))
        context.setattr(digest.os, "replace", counted(os.replace))
        try:
            yield
        except Killed:
            return


def old_reads(folder: Path, since: float) -> dict[str, set[tuple[int, int, int]]]:
    """All lines, one by one, as the journal's words define them."""
    found: dict[str, dict[int, Read]] = {}
    for path in segments(folder):
        for record in read_segment(path, most=1 << 30)[0]:
            more = (Read(record.article, record.at, record.section),)
            if record.outcome != "read":
                more = record.taken if record.merged else ()
            mine = found.setdefault(record.key, {})
            for read in more:
                if read.article not in mine or mine[read.article].at < read.at:
                    mine[read.article] = read
    young = {key: {tuple(r) for r in of.values() if r.at >= since} for key, of in found.items()}
    return {key: reads for key, reads in young.items() if reads}  # type: ignore[misc]


def old_openings(folder: Path, since: float) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for path in segments(folder):
        for one in read_segment(path, most=1 << 30)[0]:
            if one.outcome == "open" and one.limit and one.at >= since:
                found[one.rule, one.key] = max(one.at, found.get((one.rule, one.key), 0))
    return found


class Gates:
    """Two gates that write into one folder, and what renews its digest."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.now = folder, patch, NOON
        self.journals = [Journal(folder), Journal(folder)]

    def take(self, step: Step) -> None:
        if isinstance(step, Line):
            self.journals[step.gate].append(self.record(step))
        elif isinstance(step, Later):
            self.now += step.seconds
        elif isinstance(step, Torn):
            journal = self.journals[step.gate]
            record = self.record(Line(0, "u7", 2))
            journal.turn_to(record.month, self.now // DAY)
            os.write(journal._descriptor, record.line()[: step.bytes])
            self.journals[step.gate] = Journal(self.folder)
        elif isinstance(step, Deleted):
            for path in segments(self.folder)[:1]:
                if all(one.at < self.now - KEPT for one in read_segment(path)[0]):
                    path.unlink()
        elif self.folder.exists():
            if (self.folder / NAME).exists():
                os.utime(self.folder / NAME, (0, 0))
            with killed_after(step.steps, self.patch):
                assert renew(self.folder, self.now)

    def record(self, line: Line) -> Record:
        month = time.strftime("%Y-%m", time.gmtime(self.now))
        base = Record(self.now, month, line.key, line.article, line.kind, line.article)
        if line.kind == "merge":
            taken = (Read(line.article, self.now - 3600, line.article), Read(9, self.now - DAY, 9))
            return base._replace(key="u7", article=0, outcome=f"merge:{READERS[0]}", taken=taken)
        if line.kind in ("open", "gift"):
            bound = 10 if line.kind == "gift" else 0
            return base._replace(key="b" + "k" * 22, outcome="open", rule="gift:3", limit=bound)
        return base

    def check(self, since: float) -> None:
        found = taken_up(self.folder, since, since)
        reads = {key: set(reads) for key, reads in found.reads.items()}
        assert reads == old_reads(self.folder, since)
        assert found.opened == old_openings(self.folder, since)
        assert all(len({one[0] for one in some}) == len(some) for some in found.reads.values())


@settings(max_examples=100, deadline=None)
@given(steps, st.sampled_from([1, 7 * DAY, 31 * DAY, 32 * DAY, 45 * DAY]))
def test_whatever_was_digested_and_killed_when_the_same_reads_are_found(
    walk: list[Step], back: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        gates = Gates(Path(folder) / "journal", patch)
        for step in walk:
            gates.take(step)
            gates.check(gates.now - back)


def digested(folder: Path, number: int = 3) -> Path:
    """A journal with its digest."""
    journal = Journal(folder)
    for article in range(1, number + 1):
        journal.append(Record(NOON, "2026-11", READERS[0], article, "read"))
    journal.append(Record(NOON, "2026-11", "b" + "k" * 22, 1, "open", 0, "gift:3", 1, 10))
    journal.close()
    assert renew(folder, NOON)
    return folder / NAME


def digest_of(folder: Path) -> Found:
    return read_digest(folder, NOON - 30 * DAY, NOON - 30 * DAY)


def test_what_is_digested_is_not_read_again(tmp_path: Path) -> None:
    digested(tmp_path)
    found = taken_up(tmp_path, NOON - 30 * DAY, NOON - 30 * DAY)
    assert found.tail == 0 and len(found.reads[READERS[0]]) == 3
    assert found.opened == {("gift:3", "b" + "k" * 22): NOON}


def test_a_damaged_byte_anywhere_is_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = digested(tmp_path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        caplog.clear()
        assert not digest_of(tmp_path).covers
        assert len(caplog.records) == 1 and "journal itself is read" in caplog.text
    path.write_bytes(whole)
    assert digest_of(tmp_path).covers


def test_one_that_is_cut_off_or_goes_on_is_not_used(tmp_path: Path) -> None:
    path = digested(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert not digest_of(tmp_path).covers
    path.write_bytes(whole + b"\0")
    assert not digest_of(tmp_path).covers


def test_one_of_another_version_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = digested(tmp_path)
    path.write_bytes(path.read_bytes().replace(FORMAT, b"broadsheet digest 2\n", 1))
    assert not digest_of(tmp_path).covers
    assert "is of another version" in caplog.text


def test_one_of_another_journal_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    digested(tmp_path)
    (segment,) = segments(tmp_path)
    line = Record(NOON, "2026-11", READERS[1], 5, "read").line()
    segment.write_bytes(line * 9)
    found = taken_up(tmp_path, NOON - 30 * DAY, NOON - 30 * DAY)
    assert set(found.reads) == {READERS[1]} and "knows another 2026-11.000001" in caplog.text
    segment.unlink()
    assert not taken_up(tmp_path, NOON - 30 * DAY, NOON - 30 * DAY).reads


def test_a_period_that_looks_further_back_is_read_from_the_journal(tmp_path: Path) -> None:
    digested(tmp_path)
    found = taken_up(tmp_path, NOON - 45 * DAY, NOON - 45 * DAY)
    assert found.tail and len(found.reads[READERS[0]]) == 3


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    path = digested(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / UNFINISHED).exists()


def test_it_keeps_reads_no_longer_than_segments_are_kept(tmp_path: Path) -> None:
    path = digested(tmp_path)
    os.utime(path, (NOON, NOON))
    assert renew(tmp_path, NOON + KEPT + 1)
    assert READERS[0].encode() not in path.read_bytes()


def test_without_a_gate_that_renews_it_it_is_deleted(tmp_path: Path) -> None:
    path = digested(tmp_path)
    os.utime(path, (NOON, NOON))
    (tmp_path / UNFINISHED).write_bytes(b"half of it")
    os.utime(tmp_path / UNFINISHED, (NOON, NOON))
    forget_digest(tmp_path, NOON + DAY - 1)
    assert path.exists()
    forget_digest(tmp_path, NOON + DAY)
    assert [one.suffix for one in tmp_path.iterdir()] == [".journal"]


def test_one_that_was_just_renewed_is_left_alone(tmp_path: Path) -> None:
    path = digested(tmp_path)
    made = path.stat().st_mtime
    assert not renew(tmp_path, made + 1)
    assert renew(tmp_path, made + RENEWED_EACH / 2)
    journal = Journal(tmp_path)
    line = len(Record(int(made), "2026-12", READERS[0], 1, "read").line())
    for number in range(TAIL_BYTES // line // 2 + 1):
        journal.append(Record(int(made), "2026-12", READERS[0], number % 3 + 1, "read"))
    assert renew(tmp_path, made + 2)


def test_two_do_not_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digested(tmp_path)
    (tmp_path / NAME).unlink()

    def meanwhile(folder: Path, found: Found) -> None:
        assert not renew(folder, NOON)
        write_digest(folder, found)

    monkeypatch.setattr("broadsheet.gate.digesting.write_digest", meanwhile)
    assert renew(tmp_path, NOON)
    assert digest_of(tmp_path).covers


def test_a_digest_that_cannot_be_read_does_no_harm(tmp_path: Path) -> None:
    digested(tmp_path).unlink()
    (tmp_path / NAME).mkdir()
    assert len(taken_up(tmp_path, NOON - DAY, NOON - DAY).reads[READERS[0]]) == 3
