"""A watched folder gives each complete document once, and never half of one."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.wire.transports import Collected, FeedState, folder
from broadsheet.wire.transports.folder import collect

WHOLE = b"<rss><channel><title>Harbour wire</title></channel></rss>\n"
HALF = b"<rss><channel><title>Harbour wi"


def collected(drop: Path, state: FeedState | None = None, now: datetime | None = None) -> Collected:
    now = now or datetime.now(UTC)
    return collect(str(drop), state or FeedState(), allow_hosts=(), now=now)


def names(outcome: Collected) -> list[str]:
    return [arrival.name for arrival in outcome.arrivals]


def rename_in(drop: Path, name: str, data: bytes = WHOLE) -> Path:
    part = drop / f".{name}.tmp"
    part.write_bytes(data)
    return part.rename(drop / name)


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_renamed_file_is_taken_at_once(tmp_path: Path) -> None:
    for number in range(20):
        rename_in(tmp_path, f"{number:02}.xml")
    outcome = collected(tmp_path)
    assert names(outcome) == [f"{number:02}.xml" for number in range(20)]
    assert outcome.arrivals[0].data == WHOLE
    assert outcome.arrivals[0].content_type == "application/xml"


def test_a_renamed_file_is_taken_at_once_even_when_it_is_damaged(tmp_path: Path) -> None:
    part = tmp_path / ".a.tmp"
    part.write_bytes(HALF)
    wait_for_next_tick(part, tmp_path)
    part.rename(tmp_path / "a.xml")
    assert names(collected(tmp_path)) == ["a.xml"]


def wait_for_next_tick(file: Path, folder: Path) -> None:
    probe = folder / ".probe"
    while True:
        probe.touch()
        if probe.stat().st_mtime_ns - file.stat().st_mtime_ns > 2_000_000:
            return


def test_a_file_is_taken_once(tmp_path: Path) -> None:
    rename_in(tmp_path, "a.xml")
    first = collected(tmp_path)
    second = collected(tmp_path, FeedState.from_json(first.state.to_json()), later(60))
    assert second.unchanged
    assert second.arrivals == ()


def test_a_file_sent_again_with_another_text_is_taken_again(tmp_path: Path) -> None:
    rename_in(tmp_path, "a.xml")
    state = collected(tmp_path).state
    rename_in(tmp_path, "a.xml", WHOLE + b"<!-- 2 -->")
    assert names(collected(tmp_path, state)) == ["a.xml"]


def test_a_half_written_file_is_not_taken(tmp_path: Path) -> None:
    rename_in(tmp_path, "whole.xml")
    with (tmp_path / "half.xml").open("wb") as half:
        half.write(HALF)
        half.flush()
        first = collected(tmp_path)
        half.write(WHOLE[len(HALF) :])
    assert names(first) == ["whole.xml"]
    assert first.again_at is not None
    second = collected(tmp_path, first.state)
    assert [arrival.data for arrival in second.arrivals] == [WHOLE]
    assert second.again_at is None


def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    state = FeedState()
    with (tmp_path / "a.txt").open("wb") as growing:
        for _ in range(4):
            growing.write(b"The ferry left at noon. ")
            growing.flush()
            outcome = collected(tmp_path, state)
            state = outcome.state
            assert outcome.arrivals == ()
            assert outcome.unchanged
    assert names(collected(tmp_path, state)) == ["a.txt"]


def test_a_file_quiet_for_two_seconds_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(HALF)
    assert names(collected(tmp_path, now=later(1))) == []
    assert names(collected(tmp_path, now=later(2.1))) == ["a.xml"]


def test_a_copy_that_kept_its_old_time_is_taken(tmp_path: Path) -> None:
    copy = tmp_path / "a.xml"
    copy.write_bytes(HALF)
    os.utime(copy, (1_000_000_000, 1_000_000_000))
    assert names(collected(tmp_path)) == ["a.xml"]


def test_files_come_oldest_first_then_by_name(tmp_path: Path) -> None:
    for name, moment in (("b.xml", 200), ("c.xml", 100), ("a.xml", 200)):
        rename_in(tmp_path, name)
        os.utime(tmp_path / name, (moment, moment))
    assert names(collected(tmp_path)) == ["c.xml", "a.xml", "b.xml"]


def test_only_plain_documents_are_taken(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    (drop / "sub").mkdir(parents=True)
    (tmp_path / "secret.xml").write_bytes(WHOLE)
    for name in (".hidden.xml", "a.tmp", "a.part", "a.xml.swp", "a.xml~", "a.JPG", "b.png",
                 "c.webp", "d.gif", "e.svg", "f.jpeg", "sub/deep.xml"):  # fmt: skip
        (drop / name).write_bytes(WHOLE)
    (drop / "out.xml").symlink_to(tmp_path / "secret.xml")
    (drop / "loop.xml").symlink_to("loop.xml")
    (drop / "gone.xml").symlink_to("nowhere.xml")
    os.mkfifo(drop / "pipe.xml")
    rename_in(drop, "good.xml")
    (drop / "link.xml").symlink_to("good.xml")
    outcome = collected(drop, now=later(60))
    assert sorted(names(outcome)) == ["good.xml", "link.xml"]
    assert outcome.problem == ""


def test_a_file_too_large_is_told_once_and_the_rest_go_on(tmp_path: Path) -> None:
    with (tmp_path / "huge.xml").open("wb") as huge:
        huge.truncate(15 * 2**20 + 1)
    rename_in(tmp_path, "good.xml")
    first = collected(tmp_path)
    assert names(first) == ["good.xml"]
    assert "huge.xml" in first.problem
    assert "15 MiB" in first.problem
    assert collected(tmp_path, first.state).problem == ""


def test_more_than_fits_in_memory_comes_by_and_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LARGEST_COLLECT", 2 * len(WHOLE))
    for number in range(5):
        rename_in(tmp_path, f"{number}.xml")
    state, taken = FeedState(), []
    while True:
        outcome = collected(tmp_path, state)
        state = outcome.state
        taken += names(outcome)
        if outcome.again_at is None:
            break
    assert taken == [f"{number}.xml" for number in range(5)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_told_and_taken_when_it_has_one(tmp_path: Path) -> None:
    locked = rename_in(tmp_path, "a.xml")
    locked.chmod(0)
    first = collected(tmp_path)
    assert "permissions" in first.problem
    locked.chmod(0o600)
    assert names(collected(tmp_path, first.state)) == ["a.xml"]


def test_a_missing_folder_is_a_problem_and_forgets_nothing(tmp_path: Path) -> None:
    rename_in(tmp_path, "a.xml")
    state = collected(tmp_path).state
    away = tmp_path.rename(tmp_path.with_name("away"))
    outcome = collected(tmp_path, state)
    assert "does not exist" in outcome.problem
    assert outcome.state == state
    away.rename(tmp_path)
    assert collected(tmp_path, state).unchanged


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    assert "not a folder" in collected(rename_in(tmp_path, "a.xml")).problem


def test_files_that_were_cleared_away_are_forgotten(tmp_path: Path) -> None:
    file = rename_in(tmp_path, "a.xml")
    state = collected(tmp_path).state
    file.unlink()
    assert collected(tmp_path, state).state.seen == frozenset()


def test_a_name_that_is_no_text_can_be_stored(tmp_path: Path) -> None:
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9.xml")
    with open(odd, "wb") as file:
        file.write(WHOLE)
    (name,) = names(collected(tmp_path))
    assert name.encode() == "caf\ufffd.xml".encode()


def test_a_folder_may_be_given_as_a_file_address(tmp_path: Path) -> None:
    drop = tmp_path / "the drop"
    drop.mkdir()
    rename_in(drop, "a.xml")
    assert names(collect(drop.as_uri(), FeedState(), allow_hosts=(), now=later(0))) == ["a.xml"]
