"""CPU of a poll round: 100 feeds of 50 reports each on 100 hosts, in a paper of its own.

`python -m bench.polling`. Two kinds of round: 2 feeds of 100 have a new report and the others
answer 304; and each feed has one changed report among its 50. Beside it, in the same run and
process, the reference: the same addresses asked with plain httpx, the same bytes read with
feedparser.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

FEEDS, REPORTS, ROUNDS = 100, 50, 3
FEW, EACH = "2 of 100 feeds have a new report", "1 of 50 reports changed in each feed"
BODY = "The harbour office told the paper what the crews had seen, and when they came back. " * 12
START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


class Agencies(BaseHTTPRequestHandler):
    """A hundred feeds, told apart by the host that is asked; knows conditional requests."""

    protocol_version = "HTTP/1.1"
    states: tuple[list[int], list[int]] = ([0] * FEEDS, [0] * FEEDS)

    def do_GET(self) -> None:
        if self.path.startswith("/turn/"):
            turn(self.path.removeprefix("/turn/"), self.states)
            return self._send(200, b"", "")
        feed = int(self.headers["Host"].split(":")[0].rpartition(".")[2]) - 1
        new, changed = (state[feed] for state in self.states)
        tag = f'"{new}-{changed}"'
        if self.headers.get("If-None-Match") == tag:
            return self._send(304, b"", tag)
        self._send(200, document(feed, new, changed), tag)
        return None

    def _send(self, status: int, body: bytes, tag: str) -> None:
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def turn(kind: str, states: tuple[list[int], list[int]]) -> None:
    """A round later: what has changed meanwhile."""
    new, changed = states
    if kind == "few":
        first = sum(new) % FEEDS
        for feed in (first, (first + 1) % FEEDS):
            new[feed] += 1
    else:
        changed[:] = [number + 1 for number in changed]


def document(feed: int, new: int, changed: int) -> bytes:
    """The newest 50 reports of a feed, one of them in its latest wording."""
    return "".join(
        [
            "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel>",
            f"<title>Agency {feed}</title><link>http://agency-{feed}.example/</link>",
            *(_item(feed, n, changed if n == new + 7 else 0) for n in range(new, new + REPORTS)),
            "</channel></rss>",
        ]
    ).encode()


def _item(feed: int, number: int, wording: int) -> str:
    at = format_datetime(START + timedelta(minutes=number))
    return (
        f"<item><guid isPermaLink='false'>urn:{feed}:{number}</guid>"
        f"<title>Report {number} of agency {feed}</title><pubDate>{at}</pubDate>"
        f"<link>http://agency-{feed}.example/{number}</link>"
        f"<description>&lt;p&gt;Wording {wording}. {BODY}&lt;/p&gt;</description></item>"
    )


def serve() -> int:
    """The agencies' process: its work is not ours and is not measured. Ends when it is ended."""
    listener = ThreadingHTTPServer(("0.0.0.0", 0), Agencies)
    listener.daemon_threads = True
    print(listener.server_address[1], flush=True)
    listener.serve_forever()
    return 0


def main() -> int:
    """Print CPU seconds for each kind of round, ours and the reference's, and their ratio."""
    agencies = subprocess.Popen(
        [sys.executable, "-m", "bench.polling", "agencies"], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(agencies.stdout.readline() if agencies.stdout else 0)
        hosts = [f"127.0.0.{n}:{port}" for n in range(1, FEEDS + 1)]
        with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
            _open_paper(Path(folder) / "var", hosts)
            _measure(hosts)
    finally:
        agencies.terminate()
        agencies.wait(10)
    return 0


def _open_paper(home: Path, hosts: list[str]) -> None:
    os.environ |= {
        "BROADSHEET_HOME": str(home),
        "BROADSHEET_WIRE_ALLOW_HOSTS": ",".join(hosts),
        "DJANGO_SETTINGS_MODULE": "broadsheet.config.settings",
    }
    home.mkdir(parents=True)
    import django

    django.setup()
    from broadsheet.config import init
    from broadsheet.wire import actions as wire

    init.make_paper(pressed=False)
    for number, host in enumerate(hosts):
        wire.add_feed(f"agency-{number}", f"http://{host}/", agency=f"Agency {number}")


def _measure(hosts: list[str]) -> None:
    first = _cpu(_round)
    print(f"{FEEDS} feeds of {REPORTS} reports, CPU seconds of a round (median of {ROUNDS})")
    print(f"  the first round, when all {FEEDS * REPORTS} reports are new: {first:.2f}")
    for kind, label in (("few", FEW), ("each", EACH)):
        ours, reference = [], []
        for _ in range(ROUNDS):
            urlopen(f"http://{hosts[0]}/turn/{kind}", timeout=5).close()
            ours.append(_cpu(_round))
            reference.append(_cpu(lambda: _reference(hosts)))
        mine, theirs = statistics.median(ours), statistics.median(reference)
        print(
            f"  {label}: {mine:.2f}; httpx and feedparser {theirs:.2f}; ratio {mine / theirs:.2f}"
        )


def _cpu(work: object) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()  # type: ignore[operator]
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _round() -> None:
    """What the worker does until every feed has been asked and taken in."""
    from broadsheet.wire import actions as wire
    from broadsheet.wire.models import Feed

    Feed.objects.update(next_at=START)
    asking, answered = wire.Asking(), 0
    while answered < FEEDS:
        asking.start_due()
        answered += asking.take_finished()
        time.sleep(0.01)
    wrong = Feed.objects.exclude(problem="").first()
    if wrong is not None:
        raise RuntimeError(f"{wrong}: {wrong.problem}")


def _reference(hosts: list[str]) -> None:
    import feedparser
    import httpx

    with httpx.Client() as client:
        for host in hosts:
            body = client.get(f"http://{host}/").content
            if len(feedparser.parse(body).entries) != REPORTS:
                raise RuntimeError(f"{host} sent something else.")


if __name__ == "__main__":
    sys.exit(serve() if "agencies" in sys.argv else main())
