import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.journal import Journal, Record, read_segment, segments

READER = "a" + "Q" * 22


def record(article: int, key: str = READER, month: str = "2026-11") -> Record:
    return Record(1_795_300_000, month, key, article, "read")


def read_all(folder: Path) -> list[Record]:
    return [one for path in segments(folder) for one in read_segment(path)[0]]


def test_records_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(1, 6):
        journal.append(record(number))
    assert [one.article for one in read_all(tmp_path)] == [1, 2, 3, 4, 5]


def test_each_start_and_each_month_begins_a_segment(tmp_path: Path) -> None:
    Journal(tmp_path).append(record(1))
    second = Journal(tmp_path)
    second.append(record(2))
    second.append(record(3, month="2026-12"))
    assert [path.name for path in segments(tmp_path)] == [
        "2026-11.000001.journal",
        "2026-11.000002.journal",
        "2026-12.000001.journal",
    ]


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=100)
    for number in range(1, 9):
        journal.append(record(number))
    assert len(segments(tmp_path)) > 2
    assert [one.article for one in read_all(tmp_path)] == list(range(1, 9))


def test_a_torn_line_is_not_consumed_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.000001.journal"
    line = record(2).line()
    path.write_bytes(record(1).line() + line[:9])
    records, offset = read_segment(path)
    assert [one.article for one in records] == [1]
    with path.open("ab") as file:
        file.write(line[9:])
    records, offset = read_segment(path, offset)
    assert [one.article for one in records] == [2]
    assert read_segment(path, offset) == ([], offset)


@given(st.integers(0, 200))
def test_a_segment_cut_anywhere_gives_whole_records_only(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "2026-11.000001.journal"
        lines = [record(number).line() for number in (1, 22, 333)]
        path.write_bytes(b"".join(lines)[:cut])
        whole = sum(1 for n in range(1, 4) if len(b"".join(lines[:n])) <= cut)
        assert [one.article for one in read_segment(path)[0]] == [1, 22, 333][:whole]


def test_what_a_full_disk_tore_is_never_merged_with_the_next_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(record(1))
    path = segments(tmp_path)[0]
    with path.open("ab") as file:
        file.write(record(2).line()[:-3])
    journal._torn = True
    journal.append(record(3))
    assert [one.article for one in read_all(tmp_path)] == [1, 3]


def test_lines_that_are_no_records_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.000001.journal"
    path.write_bytes(b"\x00\x00garbage\n" + record(4).line() + b"1 2026-11 zz 4 read\n")
    assert [one.article for one in read_segment(path)[0]] == [4]


def test_files_with_other_names_are_no_segments(tmp_path: Path) -> None:
    (tmp_path / "2026-11.x.journal").write_text("")
    (tmp_path / "2026-11.000001.journal.bak").write_text("")
    assert segments(tmp_path) == []


def test_segments_are_for_their_owner_only(tmp_path: Path) -> None:
    Journal(tmp_path).append(record(1))
    assert os.stat(segments(tmp_path)[0]).st_mode & 0o077 == 0


def test_a_merge_names_the_anonymous_reader() -> None:
    merged = Record(1, "2026-11", "u7", 0, f"merge:{READER}")
    assert merged.merged == READER
    assert record(3).merged == ""
