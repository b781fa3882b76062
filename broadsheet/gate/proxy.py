"""Passes a request on to the newsroom and its answer back, streaming both ways."""

from collections.abc import AsyncIterator, Container

import httpcore

from broadsheet.gate.clients import Clients
from broadsheet.gate.fields import cookie_field
from broadsheet.gate.newsroom import BROKEN, Newsroom, NewsroomSilent, RawFields, raw_target
from broadsheet.gate.rsgi import Exchange, Fields, Scope

MOST_UPLOADED = 25 * 1024 * 1024
"""Bytes of a request's body."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Meant for one connection only (RFC 9110, 7.6.1)."""

OURS = frozenset({"host", "cookie", "forwarded", "x-real-ip", "expect", "x-broadsheet-gate"})
"""Not taken from the client: the gate says it itself, or it would be believed."""

NO_BODY = (204, 304)
BODILESS = ("GET", "HEAD", "OPTIONS", "TRACE", "DELETE")


class TooMuch(Exception):
    """The body of the request is larger than MOST_UPLOADED."""


def is_proxied(path: str, first: Container[str]) -> bool:
    """Whether an address is the newsroom's, whose first segments are given."""
    segments = path.split("/")
    known = len(segments) > 1 and segments[0] == "" and segments[1] in first
    # The newsroom must see the same first segment as the gate does.
    return known and "." not in segments and ".." not in segments


def request_fields(scope: Scope, host: str, scheme: str, clients: Clients) -> RawFields:
    """The fields the newsroom gets.

    Names with an underscore are left out: a WSGI server cannot tell `X_Forwarded_For` from
    `X-Forwarded-For`.
    """
    items = scope.headers.items()
    named = {n.strip().lower() for k, v in items if k == "connection" for n in v.split(",")}
    dropped = HOP_BY_HOP | OURS | named
    kept = [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, value in items
        if name not in dropped and not name.startswith("x-forwarded-") and "_" not in name
    ]
    fields = [(b"host", host.encode()), *kept]
    if cookies := cookie_field(scope.headers):
        # In HTTP/2 a cookie may come in crumbs, which HTTP/1 does not know (RFC 9113, 8.2.3).
        fields.append((b"cookie", cookies.encode("latin-1", "replace")))
    if is_chunked(scope):
        fields = [field for field in fields if field[0] != b"content-length"]
        fields.append((b"transfer-encoding", b"chunked"))
    forwarded = [value for name, value in items if name == "x-forwarded-for"]
    fields.append((b"x-forwarded-for", clients.address(scope.client, forwarded).encode()))
    fields.append((b"x-forwarded-proto", scheme.encode()))
    fields.append((b"x-forwarded-host", host.encode()))
    return fields


def is_chunked(scope: Scope) -> bool:
    """Whether a body comes of which nobody says how long it is.

    HTTP/2 has no Transfer-Encoding: whatever is no mere question may have a body (RFC 9113, 8.1).
    """
    if scope.headers.get("transfer-encoding") is not None:
        return True
    untold = scope.headers.get("content-length") is None
    return untold and scope.http_version == "2" and scope.method not in BODILESS


def answer_fields(response: httpcore.Response) -> Fields:
    """The fields the client gets; every Set-Cookie stays a field of its own."""
    fields = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in response.headers]
    named = {n.strip().lower() for k, v in fields if k == "connection" for n in v.split(",")}
    dropped = HOP_BY_HOP | named | {"server"}
    return [(name, value) for name, value in fields if name not in dropped]


async def upload(proto: Exchange) -> AsyncIterator[bytes]:
    """The request's body in pieces. Raises TooMuch."""
    seen = 0
    async for piece in proto:
        seen += len(piece)
        if seen > MOST_UPLOADED:
            raise TooMuch
        yield piece


async def pass_on(
    newsroom: Newsroom,
    scope: Scope,
    proto: Exchange,
    *,
    host: str,
    scheme: str,
    clients: Clients,
) -> None:
    """Let the newsroom answer. Raises NewsroomSilent or TooMuch while nothing has been sent."""
    length = scope.headers.get("content-length")
    if length and length.isdigit() and int(length) > MOST_UPLOADED:
        raise TooMuch
    has_body = (length or "0") != "0" or is_chunked(scope)
    fields = request_fields(scope, host, scheme, clients)
    target = raw_target(scope.path, scope.query_string)
    body = upload(proto) if has_body else None
    await newsroom.arrived()
    async with newsroom.answering(scope.method, target, fields, body) as response:
        await _send_back(response, proto, head=scope.method == "HEAD")


async def _send_back(response: httpcore.Response, proto: Exchange, *, head: bool) -> None:
    fields = answer_fields(response)
    if head or response.status in NO_BODY:
        proto.response_empty(response.status, fields)
        return
    pieces = response.aiter_stream()
    try:
        first = await anext(pieces, b"")
    except BROKEN as error:
        raise NewsroomSilent(str(error)) from error
    stream = proto.response_stream(response.status, fields)
    if first:
        await stream.send_bytes(first)
    async for piece in pieces:
        await stream.send_bytes(piece)
