"""Fetching from the internet without being led astray: addresses, sizes, times and credentials.

Everything the paper asks for by URL (feeds, pictures, enclosures) goes through `fetch`, because a
URL in a feed is text that somebody else wrote.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from broadsheet.kit.connect import Deadline, JudgingBackend, trust
from broadsheet.kit.decoding import Body, too_large
from broadsheet.kit.fetch_errors import (
    AddressRefused,
    FetchError,
    NotReached,
    TooLarge,
    TooManyRedirects,
    TooSlow,
)

__all__ = [
    "AddressRefused",
    "FetchError",
    "Fetched",
    "Limits",
    "NotReached",
    "TooLarge",
    "TooManyRedirects",
    "TooSlow",
    "fetch",
    "post",
]

USER_AGENT = "Broadsheet/0.1 (+news wire reader)"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may follow to another host: all that is not listed here counts as a credential.
_HARMLESS = frozenset(
    {"accept", "accept-language", "if-modified-since", "if-none-match", "user-agent"}
)
# Set by the fetch itself: a caller's value would contradict the connection.
_OURS = frozenset({"host", "accept-encoding", "connection", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting, for one read and for the whole fetch; bytes; number of redirects."""

    connect: float = 5
    read: float = 10
    total: float = 30
    decoded_bytes: int = 15 * 2**20
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of any status, decoded.

    `url` is the address that gave it, `headers` have lower-case names (repeated ones are joined
    by a comma, RFC 9110, 5.3), `redirects` are the (status, address pointed to) on the way.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    url: httpx.URL
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    allow_hosts: Collection[str] = (),
    limits: Limits = Limits(),
) -> Fetched:
    """Ask `url` with GET and follow its redirects, within `limits`.

    Every address a name resolves to must be public, at each hop, unless "host:port" stands in
    `allow_hosts`. `headers` other than the harmless ones (Accept, User-Agent, validators) never
    reach another host. Any status is returned, 304 and 500 too. Raises FetchError.
    """
    deadline = Deadline(limits.total)
    backend = JudgingBackend(allow_hosts, deadline)
    request = _Request(_checked(url), _own_headers(headers or {}))
    redirects: list[tuple[int, str]] = []
    visited = {str(request.url)}
    while True:
        answer = _ask(request, backend, deadline, limits)
        if not _is_redirect(answer):
            return Fetched(answer.url, answer.status, answer.headers, answer.body, tuple(redirects))
        request = _redirected(request, answer)
        _refuse_circle(str(request.url), visited, limits)
        redirects.append((answer.status, str(request.url)))


def post(
    url: str,
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    allow_hosts: Collection[str] = (),
    limits: Limits = Limits(),
) -> Fetched:
    """Send `body` to `url`, under the same guard as `fetch`. Redirects are not followed: they are
    answers like any other, since what is sent was meant for this address. Raises FetchError.
    """
    deadline = Deadline(limits.total)
    sent = _own_headers({**(headers or {}), "content-type": content_type})
    request = _Request(_checked(url), sent, "POST", body)
    return _ask(request, JudgingBackend(allow_hosts, deadline), deadline, limits)


def _checked(address: str | httpx.URL) -> httpx.URL:
    try:
        url = httpx.URL(address.strip() if isinstance(address, str) else address)
    except httpx.InvalidURL:
        raise AddressRefused("This is not a valid web address; check how it is written.") from None
    if url.scheme not in _PORTS or not url.host:
        raise AddressRefused(
            f'An address of the kind "{url.scheme}:" cannot be fetched; '
            "it must begin with http:// or https:// and name a host."
        )
    if url.port is not None and not 0 < url.port < 65536:
        raise AddressRefused(f"There is no port {url.port}; check the address at {url.host}.")
    if url.userinfo:
        raise AddressRefused(
            f"The address at {url.host} has a name or password before the @; "
            "take it out and set it as a credential of the source."
        )
    return url.copy_with(fragment=None)


def _own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    asked = {name.lower(): value for name, value in headers.items()}
    kept = {name: value for name, value in asked.items() if name not in _OURS}
    return {"user-agent": USER_AGENT, "accept": "*/*", **kept}


def _ask(request: _Request, backend: JudgingBackend, deadline: Deadline, limits: Limits) -> Fetched:
    url = request.url
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read}
    with (
        _errors_in_words(url.host, deadline),
        httpcore.HTTPConnection(target.origin, trust(), network_backend=backend) as connection,
        connection.stream(
            request.method,
            target,
            headers=_on_the_line(request),
            content=request.body or None,
            extensions={"timeout": timeout},
        ) as response,
    ):
        answer = Fetched(str(url), response.status, _readable(response.headers), b"")
        if _is_redirect(answer):
            return answer
        body = _received(response, answer, deadline, limits)
    return Fetched(answer.url, answer.status, answer.headers, body)


def _on_the_line(request: _Request) -> list[tuple[bytes, bytes]]:
    headers = {"host": request.url.netloc.decode("ascii"), **request.headers}
    headers |= {"accept-encoding": "gzip, deflate", "connection": "close"}
    if request.method == "POST":
        headers["content-length"] = str(len(request.body))
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    except UnicodeEncodeError:
        raise FetchError(
            "A header of this source has characters that cannot be sent; set it again."
        ) from None


def _readable(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _received(
    response: httpcore.Response, answer: Fetched, deadline: Deadline, limits: Limits
) -> bytes:
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.decoded_bytes:
        raise too_large(limits.decoded_bytes)
    body = Body(answer.headers.get("content-encoding", ""), limits.decoded_bytes)
    for chunk in response.iter_stream():
        deadline.left()
        body.take(chunk)
    return body.whole()


@contextmanager
def _errors_in_words(host: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException:
        deadline.left()
        raise TooSlow(
            f"{host} did not answer in time; try again later, or ask the agency why it is slow."
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as problem:
        raise NotReached(_not_reached(host, problem)) from problem


def _not_reached(host: str, problem: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return f"The TLS certificate of {host} is not valid; ask the agency to renew it."
    if isinstance(problem, httpcore.LocalProtocolError):
        return f"The request to {host} cannot be sent; check the headers set for this source."
    if isinstance(problem, httpcore.RemoteProtocolError):
        return f"{host} broke off or does not speak HTTP here; check the address and its port."
    return f"No connection to {host} could be made ({problem}); check the address and its port."


def _is_redirect(answer: Fetched) -> bool:
    return answer.status in _REDIRECTS and bool(answer.headers.get("location"))


def _redirected(request: _Request, answer: Fetched) -> _Request:
    try:
        url = _checked(request.url.join(_as_utf8(answer.headers["location"])))
    except httpx.InvalidURL:
        raise AddressRefused(
            f"{request.url.host} redirects to something that is not a valid web address; "
            "ask the agency for the right one."
        ) from None
    secret = set(request.headers) - _HARMLESS
    if secret and request.url.scheme == "https" and url.scheme == "http":
        raise AddressRefused(
            f"{request.url.host} redirects from https to http, where credentials would be "
            "readable; ask the agency for the https address."
        )
    if _same_host(request.url, url):
        return _Request(url, request.headers)
    return _Request(url, {n: v for n, v in request.headers.items() if n in _HARMLESS})


def _as_utf8(value: str) -> str:
    """Location values with raw UTF-8 are common, though RFC 9110 gives them no meaning."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _same_host(old: httpx.URL, new: httpx.URL) -> bool:
    """The same scheme, host and port, or the step from http to https on their usual ports."""
    if old.host != new.host:
        return False
    ports = (old.port or _PORTS[old.scheme], new.port or _PORTS[new.scheme])
    return (old.scheme == new.scheme and ports[0] == ports[1]) or ports == (80, 443)


def _refuse_circle(url: str, visited: set[str], limits: Limits) -> None:
    if url in visited:
        raise TooManyRedirects("The redirects go in a circle; ask the agency for the address.")
    if len(visited) > limits.redirects:
        raise TooManyRedirects(
            f"There are more than {limits.redirects} redirects; ask the agency for the address "
            "at the end of them."
        )
    visited.add(url)
