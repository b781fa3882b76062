"""The nginx of docs/operating.md, as it stands there, before the gate of the tests."""

import datetime
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from broadsheet.gate.tests.conftest import Paper, free_port
from tests.waiting import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NEEDED = ("http_ssl_module", "http_v2_module")
DOCUMENT = Path(__file__).parents[3] / "docs" / "operating.md"
HOST = "paper.example"

AROUND = """
daemon off; worker_processes 1; user {user}; pid {home}/nginx.pid; error_log {home}/nginx.log;
events {{ worker_connections 256; }}
http {{
  log_format asked '$status $request_method $request_uri $upstream_cache_status $server_protocol';
  access_log {home}/asked.log asked;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  {documented}
}}
"""
"""What stands around a site's configuration in every nginx.conf."""


def lacking() -> str:
    """Why the nginx of the document cannot be tried here, "" when it can."""
    if NGINX is None:
        return "nginx is not installed"
    built = subprocess.run([NGINX, "-V"], capture_output=True, text=True, check=True).stderr
    missing = [name for name in NEEDED if name not in built]
    return f"nginx was built without {', '.join(missing)}" if missing else ""


@dataclass
class Proxy:
    """An nginx that is running."""

    home: Path
    port: int

    def client(self, *, http2: bool = True) -> httpx.Client:
        """A browser that believes our certificate. It asks for no coding unless told to."""
        fields = {"host": HOST, "accept-encoding": "identity"}
        return httpx.Client(
            base_url=f"https://localhost:{self.port}", http2=http2, headers=fields, verify=False
        )  # fmt: skip

    def kept(self) -> dict[str, list[bytes]]:
        """What is in the cache: the files by the key that nginx wrote into them."""
        found: dict[str, list[bytes]] = {}
        for path in (self.home / "cache").rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                key = re.search(rb"\nKEY: ([^\n]+)\n", data)
                assert key
                found.setdefault(key[1].decode().replace(HOST, " "), []).append(data)
        return found

    def outcomes(self, path: str, asked: int) -> list[str]:
        """What the cache was good for, each of the times that a path was asked: MISS,
        REVALIDATED, BYPASS. nginx writes its log after the answer is out: it is waited for."""
        wait_until(lambda: len(self._logged(path)) >= asked, what="nginx writes its log")
        return self._logged(path)

    def _logged(self, path: str) -> list[str]:
        # A line without its end is being written.
        lines = (self.home / "asked.log").read_text().rpartition("\n")[0].splitlines()
        return [words[3] for words in map(str.split, lines) if words[2] == path]


def documented() -> str:
    """The configuration in the document."""
    found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    return found[1]


def adapted(text: str, changes: dict[str, str]) -> str:
    """The document's own places replaced by the test's; each must be there."""
    for place, other in changes.items():
        assert place in text, place
        text = text.replace(place, other)
    return text


def write_certificate(home: Path) -> None:
    """A certificate for the paper, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (home / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (home / "privkey.pem").write_bytes(private)


@contextmanager
def behind_nginx(paper: Paper, home: Path) -> Iterator[Proxy]:
    """The nginx of the document before a gate that is running."""
    home.mkdir()
    write_certificate(home)
    port = free_port()
    changes = {
        "127.0.0.1:8000": f"127.0.0.1:{paper.port}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "/etc/letsencrypt/live/paper.example": str(home),
        "/var/cache/nginx/paper": str(home / "cache"),
    }
    text = adapted(documented(), changes)
    # Started by root, its worker would be somebody who may not write here.
    user = "root" if os.getuid() == 0 else "nobody"
    (home / "nginx.conf").write_text(AROUND.format(home=home, documented=text, user=user))
    command = [str(NGINX), "-c", str(home / "nginx.conf"), "-e", str(home / "nginx.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(process, port, home), what="nginx listens")
        yield Proxy(home, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def listens(process: subprocess.Popen[bytes], port: int, home: Path) -> bool:
    """Whether nginx listens; its own words when it ended."""
    assert process.poll() is None, (home / "nginx.log").read_text()
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
