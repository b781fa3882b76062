"""Files are kept by their content, whole, and only inside their root."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.kit.blobs import BadKey, BlobDamaged, Blobs

OF_EMPTY = "e3/b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=2000), suffix=st.sampled_from(["", ".xml", ".jpg"]))
def test_what_was_put_is_what_one_gets(tmp_path: Path, data: bytes, suffix: str) -> None:
    blobs = Blobs(tmp_path / "blobs")
    key = blobs.put(data, suffix)
    assert blobs.get(key) == data
    assert blobs.path(key).read_bytes() == data
    assert key.endswith(suffix)


def test_the_key_is_the_digest(tmp_path: Path) -> None:
    assert Blobs(tmp_path).put(b"", ".xml") == OF_EMPTY + ".xml"


def test_putting_again_only_renews_its_time(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    key = blobs.put(b"news")
    os.utime(blobs.path(key), (0, 0))
    before = blobs.path(key).stat()
    assert not blobs.is_fresh(key)
    assert blobs.put(b"news") == key
    assert before.st_ino == blobs.path(key).stat().st_ino
    assert blobs.is_fresh(key)


def test_nothing_half_written_stays_behind(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    threads = [threading.Thread(target=blobs.put, args=(b"news" * 9999,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_file_cut_short_by_the_disk_is_written_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    key = blobs.put(b"news")
    blobs.path(key).write_bytes(b"ne")
    with pytest.raises(BlobDamaged):
        blobs.get(key)
    blobs.put(b"news")
    assert blobs.get(key) == b"news"


def test_deleting_twice_is_no_error(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    key = blobs.put(b"news")
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)


@pytest.mark.parametrize(
    "key",
    ["", "../secret", "/etc/passwd", "e3/../../x", OF_EMPTY + "/..", OF_EMPTY + ".../x",
     OF_EMPTY + "\n", OF_EMPTY.upper(), "e3/" + "a" * 61, OF_EMPTY + "\0"],
)  # fmt: skip
def test_a_key_that_would_leave_the_root_is_refused(tmp_path: Path, key: str) -> None:
    blobs = Blobs(tmp_path)
    for use in (blobs.get, blobs.path, blobs.delete):
        with pytest.raises(BadKey):
            use(key)


@pytest.mark.parametrize("suffix", ["xml", "/x", "../x", ".X", ".", ".tar.gz", ".verylongsuffix"])
def test_a_suffix_that_could_not_be_in_a_key_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(BadKey):
        Blobs(tmp_path).put(b"news", suffix)
