"""TLS is always verified against the name that was asked for."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadsheet.kit.connect import trust
from broadsheet.kit.fetch import AddressRefused, NotReached, fetch
from broadsheet.kit.tests.loopback import redirect, reply, serving


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `localhost` that signed itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "localhost.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return pem


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The certificate, as one the machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    trust.cache_clear()
    yield certificate
    trust.cache_clear()


def server_side(certificate: Path, names: list[str | None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    return context


def loopbacks(port: int) -> list[str]:
    return [f"127.0.0.1:{port}", f"[::1]:{port}"]


def test_an_unknown_certificate_is_refused(certificate: Path) -> None:
    with serving({"/": reply(200)}, tls=server_side(certificate, [])) as server:
        with pytest.raises(NotReached, match="certificate of localhost"):
            fetch(f"https://localhost:{server.port}/", allow_hosts=loopbacks(server.port))
    assert server.asked == []


def test_the_name_is_kept_in_the_handshake_and_in_the_host_header(trusted: Path) -> None:
    names: list[str | None] = []
    with serving({"/": reply(200, b"safe")}, tls=server_side(trusted, names)) as server:
        place = f"localhost:{server.port}"
        assert fetch(f"https://{place}/", allow_hosts=loopbacks(server.port)).body == b"safe"
    assert names[-1] == "localhost"
    assert server.asked[0][1]["Host"] == place


def test_a_certificate_of_another_name_is_refused(trusted: Path) -> None:
    with serving({"/": reply(200)}, tls=server_side(trusted, [])) as server:
        with pytest.raises(NotReached, match="certificate"):
            fetch(server.url(), allow_hosts=[server.place])
    assert server.asked == []


def test_credentials_do_not_go_on_without_encryption(trusted: Path) -> None:
    with serving({"/": reply(200)}) as plain:
        routes = {"/": redirect(f"http://localhost:{plain.port}/")}
        with serving(routes, tls=server_side(trusted, [])) as secure:
            url = f"https://localhost:{secure.port}/"
            allowed = loopbacks(secure.port) + loopbacks(plain.port)
            with pytest.raises(AddressRefused, match="https to http"):
                fetch(url, headers={"Authorization": "Bearer 7"}, allow_hosts=allowed)
            assert plain.asked == []
            assert fetch(url, allow_hosts=allowed).status == 200
