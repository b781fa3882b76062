"""Whose request it is: the address of the reader, also behind proxies that the publisher trusts."""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Host = ipaddress.IPv4Address | ipaddress.IPv6Address


class Clients:
    """Finds the reader's address. Without trusted networks it is always the connection's."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def address(self, client: str, forwarded: Iterable[str]) -> str:
        """The address behind the connection "host:port".

        `forwarded` are the values of X-Forwarded-For. They are read from the right, as long as
        whoever wrote them is trusted: what stands further left was written by the client.
        """
        found = _host(client.rpartition(":")[0].strip("[]")) or ipaddress.IPv4Address("127.0.0.1")
        hops = [hop for value in forwarded for hop in value.split(",")]
        while hops and self._trusts(found):
            nearer = _host(hops.pop().strip())
            if nearer is None:
                break
            found = nearer
        return str(found)

    def _trusts(self, host: Host) -> bool:
        return any(host in network for network in self._trusted)


def _host(text: str) -> Host | None:
    try:
        host = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(host, "ipv4_mapped", None)
    return mapped or host
