"""Which internet addresses a fetch may connect to: the public ones, and those the publisher listed.

The judgement is made on resolved addresses only, so that every spelling of a private address
(decimal, octal, hexadecimal, a name such as `127.0.0.1.nip.io`) is judged by what it means.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# RFC 4291 section 2.4 and the IANA registry: all global unicast addresses in use lie in here.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# RFC 6052 section 2.1: a translator turns these into the IPv4 address in the last 32 bits.
_NAT64 = IPv6Network("64:ff9b::/96")
# Special-purpose blocks (RFC 6890 and the IANA registries) that some Python releases call global.
_SPECIAL_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_SPECIAL_V6 = (IPv6Network("2001::/23"), IPv6Network("3fff::/20"))
# A cloud's metadata service that sits on an address which is formally global (Azure WireServer).
_METADATA = frozenset({IPv4Address("168.63.129.16")})


def why_refused(address: Address) -> str:
    """The reason why `address` may not be asked ("a loopback address"), or "" when it is public.

    Addresses that carry an IPv4 address inside (IPv4-mapped RFC 4291, 6to4 RFC 3056, NAT64
    RFC 6052) are judged by the inner one too.
    """
    if isinstance(address, IPv4Address):
        return _why_refused_v4(address)
    if address.ipv4_mapped is not None:
        return _why_refused_v4(address.ipv4_mapped)
    if address.sixtofour is not None:
        return _why_refused_v4(address.sixtofour)
    if address in _NAT64:
        return _why_refused_v4(IPv4Address(int(address) & 0xFFFFFFFF))
    is_special = any(address in block for block in _SPECIAL_V6)
    if address in _GLOBAL_UNICAST and address.is_global and not is_special:
        return ""
    return _kind(address)


def _why_refused_v4(address: IPv4Address) -> str:
    if address in _METADATA:
        return "a cloud metadata address"
    is_special = any(address in block for block in _SPECIAL_V4)
    if address.is_global and not (is_special or address.is_multicast or address.is_reserved):
        return ""
    return _kind(address)


def _kind(address: Address) -> str:
    kinds = (
        (address.is_unspecified, "the unspecified address"),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address.is_reserved, "a reserved address"),
    )
    return next((words for applies, words in kinds if applies), "a private address")


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this machine by its name alone: nothing is asked, and what is sent
    there never leaves it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_and_port(host: str, port: int) -> str:
    """ "host:port" as it is written in a URL and in the list of allowed hosts."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_listed(host: str, address: Address, port: int, allow_hosts: Collection[str]) -> bool:
    """Whether the publisher listed this port of the name in the URL, or of the address itself."""
    listed = {entry.strip().lower() for entry in allow_hosts}
    wanted = {host_and_port(host.lower(), port), host_and_port(str(address), port)}
    return not wanted.isdisjoint(listed)


def resolve(host: str, port: int, *, within: float) -> tuple[Address, ...]:
    """Every address of `host`, in the order in which the system would try them.

    Raises OSError when the name is unknown and TimeoutError after `within` seconds. The system's
    resolver knows no deadline, so it runs on a thread that is left behind when it is late.
    """
    answers: queue.SimpleQueue[tuple[Address, ...] | OSError] = queue.SimpleQueue()
    thread = threading.Thread(
        target=lambda: answers.put(_looked_up(host, port)), name="resolve", daemon=True
    )
    thread.start()
    try:
        answer = answers.get(timeout=within)
    except queue.Empty:
        raise TimeoutError(f"{host} was not resolved within {within:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _looked_up(host: str, port: int) -> tuple[Address, ...] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        # Python's own encoding of names refuses labels over 63 characters this way.
        return socket.gaierror(socket.EAI_NONAME, "not a valid name")
    except OSError as problem:
        return problem
    return tuple(dict.fromkeys(ip_address(place[4][0]) for place in found))
