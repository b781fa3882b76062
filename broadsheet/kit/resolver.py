"""A DNS server by its address, as a setting names it."""

import ipaddress

from broadsheet.kit.say import Refusal


def check_server(text: str, setting: str) -> None:
    """Raise Refusal for what is no DNS server; nothing at all is the system's own."""
    try:
        if text:
            server_of(text)
    except ValueError:
        remedy = "Give an address such as 127.0.0.1:53 or [::1]:53."
        raise Refusal(f"{setting} is '{text}'.", remedy) from None


def server_of(text: str) -> tuple[str, int]:
    """Address and port of a DNS server; port 53 when none is given. Raises ValueError."""
    try:
        return str(ipaddress.ip_address(text.strip("[]"))), 53
    except ValueError:
        host, _, port = text.rpartition(":")
        return str(ipaddress.ip_address(host.strip("[]"))), int(port)
