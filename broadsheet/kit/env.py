"""The settings of a paper: the environment and nothing else, every name `BROADSHEET_*`.

One frozen dataclass; each field has a type, a default and a sentence. An unknown `BROADSHEET_*`
name is an error, because a misspelt setting that is silently ignored is worse than none.
"""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from broadsheet.kit.named_secrets import named_secrets
from broadsheet.kit.resolver import check_server
from broadsheet.kit.say import Refusal
from broadsheet.kit.sign_in_with import issuers
from broadsheet.kit.signing import read_keys

PREFIX = "BROADSHEET_"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
DEFAULT_ORIGIN = "http://localhost:8000"
"""Where a paper is that was told no address: the default port on this machine."""
SUPERVISOR = "SUPERVISED_BY"
"""Set by `broadsheet serve` for the processes it starts; no setting of the paper."""


def _setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True, slots=True)
class Env:
    """What is in force. Read once per process by `read_env`."""

    home: Path = _setting(Path("var"), "Folder of the paper: database, pictures, pressed pages.")
    url: str = _setting("", "The paper's only origin, such as https://paper.example, no path.")
    database_url: str = _setting("", "PostgreSQL address; empty: SQLite in the home.", secret=True)
    mail_url: str = _setting(
        "", "smtp+tls://user:password@host:587; empty: mail stays in the outbox.", secret=True
    )
    mail_from: str = _setting("", "Sender of the paper's mail; empty: news@ the host of the URL.")
    secret_key: str = _setting("", "Signs cookies; empty: made once in the home.", secret=True)
    signing_key: str = _setting(
        "", "RSA keys in PEM for partners, the first signs; empty: one made in the home.",
        secret=True,
    )  # fmt: skip
    payments_url: str = _setting(
        "", "Payment gateway, such as stripe://KEY:WEBHOOK_SECRET@; empty: none.", secret=True
    )
    meter_url: str = _setting(
        "", "Valkey or Redis that several gates share, such as redis://host:6379/0; empty: none.",
        secret=True,
    )  # fmt: skip
    gates: int = _setting(1, "Gate processes on this machine; above 1 they share METER_URL.")
    wire_allow_hosts: str = _setting("", "Private host:port addresses feeds may use, by comma.")
    wire_secrets: str = _setting(
        "", "Secrets of feeds, a line 'name = secret' each; a feed names the one it uses.",
        secret=True,
    )  # fmt: skip
    wire_keep_days: int = _setting(30, "Days for which the wire's raw documents are kept.")
    websub_hub: str = _setting(
        "", "WebSub hub that is told of changed feeds, such as https://hub.example/; empty: none."
    )
    trusted_proxies: str = _setting(
        "", "Networks of proxies before the gate, by comma, such as 127.0.0.1/32,10.0.0.0/8."
    )
    resolver: str = _setting(
        "", "DNS server that crawlers are verified with, such as 127.0.0.1:53; empty: the system's."
    )
    sign_in_with: str = _setting(
        "", "Accounts elsewhere, a line 'id | name shown | issuer URL | client id | secret' each.",
        secret=True,
    )  # fmt: skip
    free_articles: int = _setting(3, "Free articles a month; read by `init` only.")
    free_articles_registered: int = _setting(
        5, "Free articles a month with an account; read by `init` only."
    )

    @property
    def origin_host(self) -> str:
        """Host, with its port when one is given, of `url`; empty when no URL is set."""
        return self.url.partition("://")[2].partition("/")[0]

    @property
    def proxies(self) -> tuple[Network, ...]:
        """`trusted_proxies` as networks."""
        return _networks(self.trusted_proxies)

    @property
    def secrets(self) -> Mapping[str, str]:
        """`wire_secrets` by name; from a file as it is now, so that a new one needs no restart.

        A file that cannot be read while it is being written leaves what was read at the start.
        """
        name = f"{PREFIX}WIRE_SECRETS_FILE"
        if path := os.environ.get(name):
            try:
                return named_secrets(_secret_file(name, path))
            except Refusal:
                pass
        return named_secrets(self.wire_secrets)

    @property
    def allow_hosts(self) -> tuple[str, ...]:
        """`wire_allow_hosts` as a tuple."""
        return tuple(part.strip() for part in self.wire_allow_hosts.split(",") if part.strip())


def read_env(environ: Mapping[str, str] | None = None) -> Env:
    """Read the settings.

    Raises Refusal for an unknown name, a number that is none or is negative, a URL with a path,
    a secret given both as value and as file, or several gates that share no meter.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {"home": Path("var").absolute()}
    for name, text in environ.items():
        if name.startswith(PREFIX):
            field_name, value = _read(name, text, environ)
            values[field_name] = value
    env = Env(**values)
    if env.gates > 1 and not env.meter_url:
        raise Refusal(
            f"{PREFIX}GATES is {env.gates}, and gates that count each for itself give too much.",
            f"Set {PREFIX}METER_URL to a Valkey or Redis, such as redis://127.0.0.1:6379/0.",
        )
    return env


def _read(name: str, text: str, environ: Mapping[str, str]) -> tuple[str, Any]:
    known = {f.name: f for f in fields(Env)}
    wanted = name.removeprefix(PREFIX).lower()
    from_file = wanted not in known
    target = wanted.removesuffix("_file") if from_file else wanted
    if target not in known or (from_file and not known[target].metadata["secret"]):
        names = ", ".join(PREFIX + n.upper() for n in known)
        raise Refusal(f"{name} is not a setting of Broadsheet.", f"Correct or unset it: {names}.")
    if from_file:
        if PREFIX + target.upper() in environ:
            raise Refusal(f"{name} is given twice, as value and as file.", "Keep one of the two.")
        text = _secret_file(name, text)
    return target, _typed(target, known[target].default, text)


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise Refusal(f"{name}: {error}.", "Name a readable file.") from None


def _typed(name: str, default: Any, text: str) -> Any:
    if isinstance(default, Path):
        return Path(text).absolute()
    if isinstance(default, int):
        if not text.strip().isdigit():
            raise Refusal(f"{PREFIX}{name.upper()} is '{text}'.", "Give a whole number, 0 or more.")
        if name == "gates" and int(text) < 1:
            raise Refusal(f"{PREFIX}GATES is {text}.", "Give 1 or more: the paper needs a gate.")
        return int(text)
    if name == "mail_url":
        return _mail(text)
    if name == "trusted_proxies":
        _networks(text)
    if name == "resolver":
        check_server(text, PREFIX + "RESOLVER")
    if name == "wire_secrets":
        named_secrets(text)
    if name == "signing_key" and text:
        read_keys(text, PREFIX + "SIGNING_KEY")
    if name == "sign_in_with":
        issuers(text)
    if name == "payments_url":
        return _gateway(text)
    if name == "websub_hub":
        return _hub(text)
    if name == "meter_url":
        return _tally(text)
    return _origin(text) if name == "url" else text


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
"""Mail schemes and their usual ports: plain, STARTTLS (RFC 3207), TLS from the start (RFC 8314)."""


def _mail(text: str) -> str:
    scheme = text.partition("://")[0]
    if text and (scheme not in MAIL_PORTS or "://" not in text):
        raise Refusal(
            f"{PREFIX}MAIL_URL does not begin with a known scheme.",
            "Give smtp+tls://user:password@host:587 or smtps://user:password@host:465.",
        )
    return text


METERS = ("redis", "rediss", "valkey", "valkeys")
"""Schemes of BROADSHEET_METER_URL; those with an s at the end speak TLS."""


def _tally(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.scheme in METERS and parts.hostname and parts.port != 0
        number = parts.path.strip("/")
    except ValueError:
        known, number = None, ""
    if text and not (known and (not number or number.isdigit())):
        raise Refusal(
            f"{PREFIX}METER_URL names no Valkey or Redis.",
            "Give redis://[user:password@]host[:6379][/number], or rediss:// for TLS.",
        )
    return text


GATEWAYS = {
    "fakepay": "fakepay://KEY:SECRET@host:port",
    "razorpay": "razorpay://KEY_ID:KEY_SECRET@api.razorpay.com?webhook=SECRET",
    "stripe": "stripe://SECRET_KEY:WEBHOOK_SECRET@",
}
"""Schemes of BROADSHEET_PAYMENTS_URL, each the name of a provider, and how it is written."""

HOSTED = frozenset({"stripe"})
"""Gateways with an address of their own, which need not be given."""


def _gateway(text: str) -> str:
    if text and not _names_gateway(text):
        raise Refusal(
            f"{PREFIX}PAYMENTS_URL names no gateway of ours, or its keys are missing.",
            f"Give {' or '.join(GATEWAYS.values())}.",
        )
    return text


def _names_gateway(text: str) -> bool:
    try:
        parts = urlsplit(text)
        placed = parts.port != 0 and bool(parts.hostname or parts.scheme in HOSTED)
    except ValueError:
        return False
    keys = bool(parts.username and parts.password)
    if parts.scheme == "razorpay":
        keys = keys and all(",".join(parse_qs(parts.query).get("webhook", [""])).split(","))
    return parts.scheme in GATEWAYS and placed and keys


def _hub(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
        raise Refusal(
            f"{PREFIX}WEBSUB_HUB is '{text}'.", "Give the hub's address, such as https://host/path."
        )
    # It stands in a header field between < and >.
    if text != quote(text, safe=":/?&=%+~-._@,;"):
        raise Refusal(f"{PREFIX}WEBSUB_HUB is '{text}'.", "Percent-encode what is no plain letter.")
    return text


def _networks(text: str) -> tuple[Network, ...]:
    try:
        parts = (part.strip() for part in text.split(","))
        return tuple(ipaddress.ip_network(part) for part in parts if part)
    except ValueError as error:
        raise Refusal(
            f"{PREFIX}TRUSTED_PROXIES: {error}.", "Give networks such as 127.0.0.1/32,10.0.0.0/8."
        ) from None


def _origin(text: str) -> str:
    origin = text.rstrip("/")
    scheme, separator, rest = origin.partition("://")
    if origin and (scheme not in ("http", "https") or not separator or not rest or "/" in rest):
        raise Refusal(f"{PREFIX}URL is '{text}'.", "Give http(s)://host[:port] without a path.")
    return origin


def secret_key(env: Env) -> bytes:
    """The key that signs cookies; made once in `home/secret_key`, readable by its owner only."""
    if env.secret_key:
        return env.secret_key.encode()
    path = env.home / "secret_key"
    if not path.exists():
        _make_key(path)
    return path.read_bytes()


def _make_key(path: Path) -> None:
    # Written aside and linked, so that two processes starting at once never see half a key.
    aside = path.with_name(f".secret_key.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_urlsafe(48).encode())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def is_supervised() -> bool:
    """Whether `broadsheet serve` started this process, and the others with it."""
    return SUPERVISOR in os.environ


def supervisor() -> int:
    """Number of the process this one must not outlive: who started it.

    Told rather than asked, because a parent that died during the start can no longer be seen.
    Taken out of the environment, because what this process starts has another parent.
    """
    return int(os.environ.pop(SUPERVISOR, "") or os.getppid())
