"""A picture that an item names is read from the feed's folder, and from nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broadsheet.wire.transports.folder import PictureRefused, open_picture

PICTURE = b"\x89PNG harbour"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    (folder / "pictures").mkdir(parents=True)
    (folder / "ferry at noon.png").write_bytes(PICTURE)
    (folder / "pictures" / "tide.JPG").write_bytes(PICTURE)
    (folder / "feed.xml").write_bytes(b"<rss/>")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    return folder


@pytest.mark.parametrize(
    "name",
    ["ferry at noon.png", "ferry%20at%20noon.png", "./pictures/tide.JPG",
     "pictures/../pictures/tide.JPG"],
)  # fmt: skip
def test_a_picture_in_the_folder_is_read(drop: Path, name: str) -> None:
    assert open_picture(drop, name) == PICTURE


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "..%2fsecret.png", "pictures/../../secret.png", "out.png", "/etc/passwd",
     "feed.xml", "missing.png", "", ".", "pictures", "\0.png", "%00.png", "x" * 5000 + ".png"],
)  # fmt: skip
def test_nothing_else_is_read(drop: Path, name: str) -> None:
    with pytest.raises(PictureRefused):
        open_picture(drop, name)


def test_an_absolute_name_outside_the_folder_is_refused(drop: Path) -> None:
    with pytest.raises(PictureRefused):
        open_picture(drop, str(drop.parent / "secret.png"))


def test_a_pipe_does_not_block(drop: Path) -> None:
    os.mkfifo(drop / "pipe.png")
    with pytest.raises(PictureRefused):
        open_picture(drop, "pipe.png")


def test_a_picture_over_20_megabytes_is_refused(drop: Path) -> None:
    with (drop / "huge.png").open("wb") as huge:
        huge.truncate(20 * 2**20 + 1)
    with pytest.raises(PictureRefused, match="20 MiB"):
        open_picture(drop, "huge.png")
