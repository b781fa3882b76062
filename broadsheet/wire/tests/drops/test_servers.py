"""Files on FTP, FTPS and SFTP servers: each complete one is taken once, and never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.wire.tests.drops.servers import PASSWORD, USER, Place, ftp_serving, sftp_serving
from broadsheet.wire.transports import Collected, FeedState, drop, transport_for
from broadsheet.wire.transports.base import Credential

WHOLE = b"<rss><channel><title>Harbour wire</title></channel></rss>\n"
HALF = WHOLE[:30]
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "srv"
    (folder / "out").mkdir(parents=True)
    return folder / "out"


@pytest.fixture(params=["ftp", "old ftp", "ftps", "sftp"])
def place(request: pytest.FixtureRequest, files: Path) -> Iterator[Place]:
    with serving(request, files.parent) as running:
        yield running


@contextmanager
def serving(request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    kind = request.param
    pem = request.getfixturevalue("trusted") if kind == "ftps" else None
    server = sftp_serving(folder) if kind == "sftp" else ftp_serving(
        folder, certificate=pem, old=kind == "old ftp"
    )  # fmt: skip
    with server as running:
        yield running


def look(
    place: Place,
    state: FeedState | None = None,
    *,
    at: float = 0,
    path: str = "/out",
    password: str = PASSWORD,
    key: str | None = None,
) -> Collected:
    state = replace(state or FeedState(), host_key=place.fingerprint if key is None else key)
    return transport_for(place.url()).collect(
        place.url(path),
        FeedState.from_json(state.to_json()) if state == FeedState() else state,
        allow_hosts=place.listed,
        now=NOW + timedelta(seconds=at),
        credential=Credential("basic", USER, password),
    )


def names(outcome: Collected) -> list[str]:
    assert outcome.problem == ""
    return [arrival.name for arrival in outcome.arrivals]


def put(folder: Path, name: str, data: bytes = WHOLE, modified: int = 1_790_000_000) -> Path:
    file = folder / name
    file.write_bytes(data)
    os.utime(file, (modified, modified))
    return file


def test_case_09_complete_files_are_taken_once_oldest_first(place, files):
    put(files, "b.xml", modified=1_790_000_000)
    put(files, "a.xml", modified=1_790_000_100)
    put(files, "größe 1.json", b'{"items": []}', modified=1_790_000_200)
    first = look(place)
    assert names(first) == ["b.xml", "a.xml", "größe 1.json"]
    assert first.arrivals[0].data == WHOLE
    assert first.arrivals[0].content_type == "application/xml"
    second = look(place, FeedState.from_json(first.state.to_json()))
    assert second.unchanged
    assert second.arrivals == ()


def test_case_09_a_half_written_file_waits_until_it_is_whole(place, files):
    put(files, "whole.xml")
    put(files, "half.xml", HALF)
    first = look(place)
    assert names(first) == ["whole.xml"]
    assert first.again_at == NOW + timedelta(seconds=2)
    second = look(place, first.state, at=2)
    assert names(second) == []
    put(files, "half.xml", WHOLE, modified=1_790_000_050)
    third = look(place, second.state, at=4)
    assert [arrival.data for arrival in third.arrivals] == [WHOLE]
    assert third.again_at is None


def test_case_09_a_file_that_has_no_end_is_taken_when_it_has_not_changed_for_long(place, files):
    put(files, "a.txt", b"The ferry left at noon.")
    state = look(place).state
    put(files, "a.txt", b"The ferry left at noon. It was full.", modified=1_790_000_010)
    state = look(place, state, at=29).state
    assert names(early := look(place, state, at=40)) == []
    assert early.again_at == NOW + timedelta(seconds=59)
    assert names(look(place, early.state, at=60)) == ["a.txt"]


def test_case_09_a_file_that_was_renamed_is_taken_at_once(place, files):
    part = put(files, "a.txt.part", b"The ferry left at noon.")
    first = look(place)
    assert names(first) == []
    part.rename(files / "a.txt")
    assert names(look(place, first.state, at=2)) == ["a.txt"]


def test_case_09_the_same_file_put_there_again_is_passed_over(place, files):
    put(files, "a.xml")
    first = look(place)
    put(files, "a.xml", modified=1_790_009_999)
    again = look(place, first.state, at=10)
    assert names(again) == []
    put(files, "a.xml", WHOLE.replace(b"wire", b"news"), modified=1_790_010_000)
    assert names(look(place, again.state, at=20)) == ["a.xml"]


def test_only_documents_are_taken(place, files):
    (files / "sub").mkdir()
    for name in (".hidden.xml", "a.tmp", "b.xml~", "c.jpg", "sub/deep.xml"):
        put(files, name)
    put(files, "good.xml")
    assert names(look(place)) == ["good.xml"]


def test_a_file_too_large_is_told_once_and_the_rest_go_on(place, files):
    with put(files, "huge.xml").open("ab") as huge:
        huge.truncate(15 * 2**20 + 1)
    put(files, "good.xml")
    first = look(place)
    assert [arrival.name for arrival in first.arrivals] == ["good.xml"]
    assert "huge.xml is over 15 MiB" in first.problem
    assert look(place, first.state).problem == ""


def test_a_file_that_vanishes_costs_only_itself(place, files, monkeypatch):
    put(files, "a.xml", modified=1_790_000_000)
    put(files, "b.xml", modified=1_790_000_100)
    real = drop._look

    def look_late(remote, file, *more):
        if file.name == "a.xml":
            (files / "a.xml").unlink()
        real(remote, file, *more)

    monkeypatch.setattr(drop, "_look", look_late)
    outcome = look(place)
    assert [arrival.name for arrival in outcome.arrivals] == ["b.xml"]
    assert "a.xml cannot be read" in outcome.problem


def test_a_wrong_password_is_told_and_forgets_nothing(place, files):
    state = FeedState(location=place.url("/out"), seen=frozenset({"a"}))
    outcome = look(place, state, password="guess")
    assert "check the user and the secret" in outcome.problem
    assert PASSWORD not in outcome.problem
    assert outcome.state.seen == state.seen


def test_a_folder_that_is_not_there_is_told(place, files):
    assert "heck the folder of this feed" in look(place, path="/elsewhere").problem


def test_private_addresses_are_refused_where_they_are_connected_to(place, files):
    put(files, "a.xml")
    outcome = transport_for(place.url()).collect(
        place.url("/out"),
        FeedState(host_key=place.fingerprint),
        allow_hosts=(),
        now=NOW,
        credential=Credential("basic", USER, PASSWORD),
    )
    assert "BROADSHEET_WIRE_ALLOW_HOSTS" in outcome.problem
    assert outcome.arrivals == ()


@pytest.mark.parametrize("place", ["sftp"], indirect=True)
def test_an_unknown_host_key_is_named_and_nothing_is_sent(place, files):
    put(files, "a.xml")
    unknown = look(place, key="")
    assert place.fingerprint in unknown.problem
    assert "broadsheet wire trust" in unknown.problem
    other = look(place, key="SHA256:somethingelse")
    assert "not the accepted one" in other.problem
    assert other.arrivals == unknown.arrivals == ()
    assert names(look(place, key=f"SHA256:other {place.fingerprint}")) == ["a.xml"]


@pytest.mark.parametrize("place", ["ftp"], indirect=True)
def test_a_server_without_tls_gets_no_password_when_tls_was_asked_for(place, files):
    tls = replace(place, scheme="ftps", host="localhost")
    outcome = look(tls)
    assert outcome.arrivals == ()
    assert outcome.problem


def test_a_certificate_that_nobody_vouches_for_is_refused(files, certificate):
    with ftp_serving(files.parent, certificate=certificate) as place:
        assert "certificate of localhost is not valid" in look(place).problem
