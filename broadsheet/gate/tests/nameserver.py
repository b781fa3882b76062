"""A small DNS server on loopback: it speaks the protocol, and says what a test lets it say."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.reversename
import dns.rrset


class Asked(socketserver.BaseRequestHandler):
    """One question in a datagram."""

    def handle(self):
        data, line = self.request
        answer = self.server.answer(data)
        if answer is not None:
            line.sendto(answer, self.client_address)


class NameServer(socketserver.ThreadingUDPServer):
    """`records` are texts by name and kind ("A", "AAAA", "PTR"); `says` changes its manners:
    "records", "nothing" (a time-out), "failure" (SERVFAIL) or "noise" (no DNS at all)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.records = {}
        self.says = "records"
        self.asked = Counter()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def name(self, address: str, *names: str) -> None:
        """Whoever holds an address's reverse zone may give it any name."""
        self.records[dns.reversename.from_address(address).to_text(), "PTR"] = names

    def host(self, name: str, *addresses: str, kind: str = "A") -> None:
        """Whoever holds a name may give it any address."""
        self.records[f"{name}.", kind] = addresses

    def answer(self, data: bytes) -> bytes | None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        if self.says == "nothing":
            return None
        if self.says == "noise":
            return b"\x00" * 40
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if self.says == "failure":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif texts := self.records.get((name, kind)):
            absolute = [f"{text}." if kind == "PTR" else text for text in texts]
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *absolute))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


@contextmanager
def named() -> Iterator[NameServer]:
    """A server that answers until the test ends."""
    server = NameServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
