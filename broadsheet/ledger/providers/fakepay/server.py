"""The gateway's process: `python -m broadsheet.ledger.providers.fakepay.server --port 8100 …`.

The API key and the webhook secret come from the environment, FAKEPAY_API_KEY and
FAKEPAY_WEBHOOK_SECRET, because every user of a machine may read arguments. While a secret is
being exchanged FAKEPAY_WEBHOOK_SECRET holds both, by comma.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from broadsheet.kit.env import supervisor
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.http import Counter
from broadsheet.ledger.providers.fakepay.listening import Listener
from broadsheet.ledger.providers.fakepay.webhooks import Deliveries

DUE_SECONDS = 0.5
PARENT_SECONDS = 0.25
GRACE_SECONDS = 1.0

log = logging.getLogger("fakepay")


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is run. `port` 0 takes any; `url` is the address payers use, if another."""

    host: str
    port: int
    database: Path
    webhook: str
    api_key: str
    webhook_secrets: tuple[str, ...]
    url: str = ""


class Server:
    """A running gateway: engine, HTTP, deliveries and the thread that runs what falls due."""

    def __init__(self, options: Options) -> None:
        """Listen, without answering yet. Raises Refusal when the port is taken."""
        self._ending = threading.Event()
        try:
            self._listener = Listener((options.host, options.port))
        except OSError as error:
            problem = f"{options.host} port {options.port}: {error.strerror}."
            raise Refusal(problem, "Stop what uses it, or name another with --port.") from None
        self.url = options.url or f"http://{options.host}:{self._listener.server_port}"
        self.gateway = Gateway(options.database, url=self.url)
        self._deliveries = Deliveries(self.gateway.book, options.webhook, options.webhook_secrets)
        self._listener.counter = Counter(self.gateway, self._deliveries, options.api_key)
        self._threads = [
            threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._keep_charging, daemon=True),
        ]

    def start(self) -> None:
        """Answer, charge and deliver, in threads."""
        self.gateway.run_due()
        self._deliveries.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more requests, end what runs and close the file."""
        self._ending.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._deliveries.stop()
        for thread in self._threads:
            thread.join(2)
        self.gateway.close()

    def _keep_charging(self) -> None:
        while not self._ending.wait(DUE_SECONDS):
            try:
                self.gateway.run_due()
            except Exception:
                log.exception("what is due could not be run; it is tried again")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the end of the parent. Returns 0, or 2 when it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s fakepay: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Asked first: a parent that ends while the server starts would never be missed.
    parent, stopping = supervisor(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        server = Server(_options(argv))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 2
    server.start()
    print(f"fakepay listens at {server.url}", flush=True)  # noqa: T201
    while os.getppid() == parent and not stopping.wait(PARENT_SECONDS):
        pass
    # A delivery under way may hang for seconds; what was committed is safe without waiting.
    ending = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    ending.daemon = True
    ending.start()
    server.stop()
    return 0


def _options(argv: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="fakepay", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--webhook", default="", help="where events go; empty: they wait")
    parser.add_argument("--url", default="", help="address payers use, when it is another")
    given = parser.parse_args(argv)
    return Options(
        host=given.host,
        port=given.port,
        database=given.database,
        webhook=given.webhook,
        url=given.url,
        api_key=_secret("FAKEPAY_API_KEY"),
        webhook_secrets=tuple(_secret("FAKEPAY_WEBHOOK_SECRET").split(",")),
    )


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Refusal(f"{name} is not set.", "Set it in the environment.")
    return value


if __name__ == "__main__":
    sys.exit(main())
