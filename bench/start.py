"""How long a gate takes to start, by the lines that its journal holds.

Run `python -m bench.start [LINES …]`. A gate process is started with a journal of so many reads, by
three readers in ten lines, a segment a day: with its digest, and without. Seconds from the start of
the process, the best of three, to the answer of an open front, and to a metered article for
somebody who read it before by the journal. "Waited" says that this answer was not yet by the reads,
but what is sent when reads cannot be counted.
"""

import argparse
import http.client
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.gate import SECRET
from bench.load import free_port
from broadsheet.gate import passes
from broadsheet.gate.digest import NAME
from broadsheet.gate.digesting import renew
from broadsheet.gate.journal import Record
from broadsheet.gate.pressed import Page, compressed, etag_of, event, open_store, store_path
from broadsheet.kit.clock import DAY

USUAL = (10_000, 300_000, 1_000_000)
DAYS, SERIES = 25, 3
READ, ARTICLES = 7, 900
"""The article that is asked for, and how many there are."""

FULL, TEASER = "<p>The whole report.</p>", "<p>The first lines.</p>"


def make_paper(home: Path) -> None:
    """A front, and one metered article."""
    store = open_store(store_path(home))
    with event(store) as run:
        run.put(Page("/", "plain", compressed("<h1>Front</h1>"), etag_of("front")))
        for variant, text in (("full", FULL), ("teaser", TEASER)):
            facts = {"access": "metered", "article": READ}
            run.put(Page("/read", variant, compressed(text), etag_of(text), **facts))  # type: ignore[arg-type]
    store.close()


def write_journal(folder: Path, lines: int, known: str) -> None:
    """Reads of the last days, and three of `known`, an anonymous reader's id."""
    readers = [passes.new_reader_id() for _ in range(max(1, lines * 3 // 10))]
    chosen, first = random.Random(1), int(time.time()) - DAYS * DAY
    folder.mkdir()
    for day in range(DAYS):
        begin = first + day * DAY
        month = time.strftime("%Y-%m", time.gmtime(begin))
        some = [
            Record(begin + n % DAY, month, f"a{chosen.choice(readers)}", n % ARTICLES + 1, "read")
            for n in range(lines // DAYS)
        ]
        if day == DAYS - 1:
            numbers = range(READ, READ + 3)
            some += [Record(begin, month, f"a{known}", number, "read") for number in numbers]
        data = b"".join(record.line() for record in some)
        (folder / f"{month}.{day + 1:06}.journal").write_bytes(data)


@contextmanager
def started(home: Path, port: int) -> Iterator[float]:
    """A gate process; the moment at which it was started."""
    environ = {"BROADSHEET_HOME": str(home), "BROADSHEET_SECRET_KEY": SECRET.decode()}
    command = [sys.executable, "-m", "broadsheet.gate", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL, cwd=Path.cwd())
    try:
        yield began
    finally:
        process.kill()
        process.wait()


def ask(port: int, path: str, cookie: str = "") -> bytes:
    """The body of an answer, as soon as somebody answers."""
    fields = {"Host": "localhost", "Accept-Encoding": "identity", "Cookie": cookie}
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=fields)
            return connection.getresponse().read()
        except ConnectionError:
            time.sleep(0.002)
        finally:
            connection.close()


def seconds(home: Path, cookie: str, *, digested: bool) -> tuple[float, float, bool]:
    """Until the front, until the metered article, and whether that was by the reads."""
    digest = home / "journal" / NAME
    port = free_port()
    digest.unlink(missing_ok=True)
    if digested:
        renew(digest.parent, time.time())
    with started(home, port) as began:
        ask(port, "/")
        front = time.perf_counter() - began
        body = ask(port, "/read", cookie)
        return front, time.perf_counter() - began, body.decode() == FULL


def print_starts(lines: int) -> None:
    """Two rows for a journal of so many lines."""
    known = passes.new_reader_id()
    cookie = f"reader={passes.sign_reader_id(known, passes.reader_key(SECRET))}"
    with tempfile.TemporaryDirectory(prefix="broadsheet-start-") as folder:
        home = Path(folder)
        make_paper(home)
        write_journal(home / "journal", lines, known)
        for digested in (True, False):
            runs = [seconds(home, cookie, digested=digested) for _ in range(SERIES)]
            front, metered, is_known = min(runs)
            name = "with its digest" if digested else "without"
            told = "" if is_known else "  waited"
            print(f"{lines:>10,} lines, {name:16}{front:6.2f} s{metered:8.2f} s{told}", flush=True)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.start", description=__doc__)
    parser.add_argument("lines", type=int, nargs="*", default=USUAL)
    print(f"{'start':35}{'front':>8}{'metered':>10}")
    for lines in parser.parse_args().lines:
        print_starts(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
