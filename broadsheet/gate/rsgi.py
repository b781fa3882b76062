"""What the gate needs of RSGI, the interface granian offers (RSGI specification 1.6)."""

from collections.abc import AsyncIterator
from typing import Protocol

Fields = list[tuple[str, str]]
"""Header fields in the order they are sent; names in lower case, a name may occur again."""


class Headers(Protocol):
    """Header fields of a request; names in lower case. Fields that are not text are left out."""

    def get(self, key: str, default: None = None) -> str | None: ...
    def get_all(self, key: str) -> list[str]: ...
    def keys(self) -> list[str]: ...
    def __contains__(self, key: str) -> bool: ...
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """One request. `path` is percent-decoded, `query_string` is raw, `client` is "host:port".

    `authority` is what HTTP/2 has in place of Host (RFC 9113, 8.3.1), None in HTTP/1.
    """

    proto: str
    http_version: str
    method: str
    path: str
    query_string: str
    client: str
    authority: str | None

    @property
    def headers(self) -> Headers: ...


class Stream(Protocol):
    """An answer that is sent in pieces."""

    async def send_bytes(self, data: bytes) -> None: ...


class Exchange(Protocol):
    """Where the answer goes. Iterating gives the body of the request in pieces."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_empty(self, status: int, headers: Fields) -> None: ...
    def response_bytes(self, status: int, headers: Fields, body: bytes) -> None: ...
    def response_file(self, status: int, headers: Fields, file: str) -> None: ...
    def response_stream(self, status: int, headers: Fields) -> Stream: ...


class Bodiless:
    """The way back for an answer to HEAD: everything but the body (RFC 9110, 9.3.2).

    In HTTP/1 the server leaves the body away by itself, in HTTP/2 it does not.
    """

    def __init__(self, proto: Exchange) -> None:
        self._proto = proto

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._proto.__aiter__()

    def response_empty(self, status: int, headers: Fields) -> None:
        self._proto.response_empty(status, headers)

    def response_bytes(self, status: int, headers: Fields, body: bytes) -> None:
        self._proto.response_empty(status, [*headers, ("content-length", str(len(body)))])

    def response_file(self, status: int, headers: Fields, file: str) -> None:
        self._proto.response_empty(status, headers)

    def response_stream(self, status: int, headers: Fields) -> Stream:
        return self._proto.response_stream(status, headers)
