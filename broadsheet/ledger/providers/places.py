"""What the addresses of gateways have in common: where they lead, and how they are told."""

from urllib.parse import SplitResult

from broadsheet.kit.addresses import is_loopback


def base_of(parts: SplitResult, usual: str) -> str:
    """The origin that a gateway is asked at; `usual` is its host where the address names none."""
    host = parts.hostname or usual
    place = f"[{host}]" if ":" in host else host
    place += f":{parts.port}" if parts.port else ""
    # Without TLS the key would be read on the way: only where there is no way.
    return f"http://{place}" if is_loopback(host) else f"https://{place}"


def told(name: str, mode: str, parts: SplitResult, usual: str) -> str:
    """ "Stripe, test mode": which gateway, whether it moves money (`mode` is "live" or "test"), and
    where when it is not its own address; no secrets."""
    place = "" if (parts.hostname or usual) == usual else f" at {parts.hostname}"
    return f"{name}, {mode} mode{place}"
