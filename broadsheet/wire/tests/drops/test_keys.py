"""Signing in by SFTP with a private key: pinned host, key never sent, faults told in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest

from broadsheet.wire.tests.drops.servers import USER, Place, sftp_serving
from broadsheet.wire.transports import Collected, FeedState, sftp
from broadsheet.wire.transports.base import Credential

WHOLE = b"<rss><channel><title>Harbour wire</title></channel></rss>\n"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def collected(place: Place, secret: str, host_key: str | None = None) -> Collected:
    pinned = place.fingerprint if host_key is None else host_key
    return sftp.collect(
        place.url("/out"),
        FeedState(host_key=pinned),
        allow_hosts=place.listed,
        now=NOW,
        credential=Credential("basic", USER, secret),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "srv" / "out").mkdir(parents=True)
    (tmp_path / "srv" / "out" / "a.xml").write_bytes(WHOLE)
    return tmp_path / "srv"


def pair(kind: str) -> tuple[str, str]:
    key = asyncssh.generate_private_key(kind)
    return key.export_private_key().decode(), key.export_public_key().decode()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_a_private_key_signs_in(folder: Path, kind: str) -> None:
    private, public = pair(kind)
    with sftp_serving(folder, public) as place:
        found = collected(place, private)
    assert (found.problem, [arrival.data for arrival in found.arrivals]) == ("", [WHOLE])


def test_another_key_is_refused_and_not_told(folder: Path) -> None:
    other, (_, public) = pair("ssh-ed25519")[0], pair("ssh-ed25519")
    with sftp_serving(folder, public) as place:
        found = collected(place, other)
    assert "does not let the paper in" in found.problem
    assert other.splitlines()[1] not in found.problem


def test_a_key_is_not_used_before_the_host_is_trusted(folder: Path) -> None:
    private, public = pair("ssh-ed25519")
    with sftp_serving(folder, public) as place:
        found = collected(place, private, host_key="SHA256:" + "a" * 43)
    assert "not the accepted one" in found.problem
    assert found.arrivals == ()


@pytest.mark.parametrize("damage", ["cut", "passphrase"])
def test_a_key_that_cannot_be_read_says_what_to_do(folder: Path, damage: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    text = key.export_private_key().decode().replace("b3Bl", "b3B", 1)
    if damage == "passphrase":
        text = key.export_private_key("pkcs8-pem", passphrase="tides").decode()
    with sftp_serving(folder, key.export_public_key().decode()) as place:
        found = collected(place, text)
    assert "cannot be read" in found.problem
    assert "ssh-keygen" in found.problem
