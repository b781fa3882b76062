"""Deliveries: events leave the outbox by POST, signed anew at each try, until they are taken.

One at a time: within the process an event is never on its way twice at once. After `kill -9` the
one that was on its way is sent again, because nobody knows whether it arrived.
"""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx

from broadsheet.ledger.providers.fakepay.agreements import moment
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.calling import new_caller
from broadsheet.ledger.providers.fakepay.events import mode
from broadsheet.ledger.providers.fakepay.signing import HEADER, sign

PAUSES = (1, 2, 5, 10, 30, 60, 300, 1800, 7200, 21_600, 86_400)
"""Seconds of real time before the next try; the last one is repeated."""

POLL_SECONDS = 0.1
ANSWER_SECONDS = 5.0

WRONG = ("nobody's secret",)
"""What a missigned event is signed with."""

log = logging.getLogger("fakepay")


class Deliveries:
    """The outbox of one gateway and where it goes. Without a `url` everything waits."""

    def __init__(self, book: Book, url: str, secrets: Sequence[str]) -> None:
        self._book = book
        self._url = url
        self._secrets = secrets
        self._turn = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)
        self._http = new_caller(ANSWER_SECONDS)

    def start(self) -> None:
        """Deliver from now on. What waits for a later try is tried at once."""
        self._book.run("UPDATE event SET next_try = 0 WHERE copies > 0")
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery under way."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(ANSWER_SECONDS + 1)
        self._http.close()

    def deliver(self, ref: str = "") -> None:
        """Deliver what is due now, of one agreement when named, and come back when it is done."""
        if not self._url:
            return
        for row in self._due(ref):
            with self._turn:
                self._send_all(row["serial"])

    def _run(self) -> None:
        while not self._ending.wait(POLL_SECONDS):
            try:
                if mode(self._book) not in ("held", "never"):
                    self.deliver()
            except sqlite3.Error:
                log.exception("the outbox could not be read; it is tried again")

    def _due(self, ref: str) -> list[sqlite3.Row]:
        sql = "SELECT serial FROM event WHERE copies > 0 AND next_try <= ?"
        order = "serial DESC" if mode(self._book) == "reversed" else "serial"
        if ref:
            return self._book.rows(f"{sql} AND ref = ? ORDER BY {order}", time.time(), ref)
        return self._book.rows(f"{sql} ORDER BY {order} LIMIT 100", time.time())

    def _send_all(self, serial: int) -> None:
        # Read again: another thread may have had its turn with this event.
        while not self._ending.is_set():
            event = self._book.row(
                "SELECT * FROM event WHERE serial = ? AND copies > 0 AND next_try <= ?",
                *(serial, time.time()),
            )
            if event is None:
                return
            self._send(event)

    def _send(self, event: sqlite3.Row) -> None:
        outcome, taken = self._post(event)
        if taken:
            self._book.run(
                "UPDATE event SET copies = copies - 1, tries = tries + 1, outcome = ?"
                " WHERE serial = ?",
                *(outcome, event["serial"]),
            )
            return
        pause = PAUSES[min(event["tries"], len(PAUSES) - 1)]
        log.info("webhook %s: %s; again in %d s", event["id"], outcome, pause)
        self._book.run(
            "UPDATE event SET tries = tries + 1, outcome = ?, next_try = ? WHERE serial = ?",
            *(outcome, time.time() + pause, event["serial"]),
        )

    def _post(self, event: sqlite3.Row) -> tuple[str, bool]:
        wrongly = mode(self._book) == "missigned" and not event["tries"]
        secrets = WRONG if wrongly else self._secrets
        body = json.dumps(event_json(event)).encode()
        headers = {
            "Content-Type": "application/json",
            HEADER: sign(secrets, body, int(time.time())),
        }
        try:
            answer = self._http.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.is_success


def event_json(event: sqlite3.Row) -> dict[str, Any]:
    """An event as it is told."""
    return {
        "id": event["id"],
        "type": event["kind"],
        "ref": event["ref"],
        "created": moment(event["created"]).isoformat(),
    }
