"""The demo's payment gateway: Fakepay as one more process beside the paper's own."""

import os
import socket
import sys

from broadsheet.gate.passes import derived_key
from broadsheet.kit.env import Env, secret_key
from broadsheet.ledger.providers.fakepay import FILE


def demo_gateway(env: Env, port: int, address: str) -> list[str]:
    """The command of Fakepay for the paper at `address`; BROADSHEET_PAYMENTS_URL is set for those
    started next.

    It answers on the paper's port + 1, or on any free one when that is taken.
    """
    key, secret = (_secret(env, purpose) for purpose in ("fakepay key", "fakepay webhook"))
    own = _free(port + 1)
    os.environ["FAKEPAY_API_KEY"], os.environ["FAKEPAY_WEBHOOK_SECRET"] = key, secret
    os.environ["BROADSHEET_PAYMENTS_URL"] = f"fakepay://{key}:{secret}@127.0.0.1:{own}"
    words = [sys.executable, "-m", "broadsheet.ledger.providers.fakepay.server"]
    words += ["--port", str(own), "--url", f"http://localhost:{own}"]
    words += ["--database", str(database(env))]
    return [*words, "--webhook", f"{address}/webhooks/fakepay/"]


def database(env: Env) -> os.PathLike[str]:
    """Where the demo's gateway keeps what it knows."""
    return env.home / FILE


def _secret(env: Env, purpose: str) -> str:
    return derived_key(secret_key(env), purpose).hex()


def _free(wanted: int) -> int:
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as found:
                return int(found.getsockname()[1])
        except OSError:
            continue
    return wanted
