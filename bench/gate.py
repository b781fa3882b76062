"""The gate beside nginx: the same gzip bytes, the same core, the same load, in turns.

Run `python -m bench.gate`: `--brief` for the ratios alone, `--full` for longer runs. The servers
share core 0, wrk has core 1. In the first table each row is the gate's requests per second as a
ratio to nginx sending a file, under the same wrk script, at 64 connections; "cost" is processor
time a request, nginx / gate, with the ratio by it, which other work on the machine disturbs least.
In the second the gate alone, at 1, 64 and 256 connections, idle and with a busy process on its
core: a Python that never waits, as nice as newsroom and worker are.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.load import (
    DONE,
    LUA,
    Load,
    Run,
    Server,
    busy,
    free_port,
    measure,
    missing,
    serving,
    serving_files,
)
from broadsheet.config.processes import NICENESS
from broadsheet.gate import passes
from broadsheet.gate.policy import Allowance, Policy, policy_text
from broadsheet.gate.pressed import (
    WALL_MARK,
    Page,
    compressed,
    etag_of,
    event,
    open_store,
    store_path,
)

ARTICLES = 1_000
READERS = 20_000
CONNECTIONS = 64
DISTRIBUTION = (1, 64, 256)
SECRET = b"a key for measuring only"
WALL = '<div class="paywall">Subscribe to read the full story.</div>'


def html(number: int) -> str:
    """An article of about 5.5 KB, 2.1 KB when compressed."""
    words = random.Random(number)
    letters = "etaoinshrdlucm"
    vocabulary = ["".join(words.choices(letters, k=words.randint(2, 9))) for _ in range(330)]
    text = " ".join(words.choices(vocabulary, k=900))
    return f"<!doctype html><html><title>{number}</title><p>{text}</p></html>"


def make_paper(home: Path) -> None:
    """Metered and premium articles, and the same bytes as files for nginx."""
    store = open_store(store_path(home))
    with event(store) as run:
        run.set_fact("policy", policy_text(Policy((Allowance("anonymous", 1_000_000),))))
        run.put_fragment("premium", WALL)
        for number in range(1, ARTICLES + 1):
            text = html(number)
            for offset, access in enumerate(("metered", "premium")):
                path = f"/{access}/{number}"
                facts = {"access": access, "article": number + offset * ARTICLES}
                run.put(Page(path, "full", compressed(text), etag_of(text), **facts))  # type: ignore[arg-type]
                teaser = text[:1700] + WALL_MARK
                run.put(Page(path, "teaser", compressed(teaser), etag_of(teaser), **facts))  # type: ignore[arg-type]
                sent = teaser.replace(WALL_MARK, WALL) if access == "premium" else text
                write_file(home / "files" / access, number, sent)
    store.close()


def write_file(folder: Path, number: int, text: str) -> None:
    """A file and its compressed twin, for `gzip_static`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(number)).write_text(text)
    (folder / f"{number}.gz").write_bytes(compressed(text))


def write_cookies(home: Path) -> None:
    """Readers without an account, and subscribers whose passes are fresh for 15 minutes."""
    key = passes.reader_key(SECRET)
    signed = (passes.sign_reader_id(passes.new_reader_id(), key) for _ in range(READERS))
    (home / "readers").write_text("".join(f"reader={value}\n" for value in signed))
    key, now, rights = passes.pass_key(SECRET), time.time(), frozenset(("unlimited",))
    given = (passes.Pass(number, rights, now) for number in range(1, READERS + 1))
    lines = (f"pass={passes.sign_pass(one, key)}\n" for one in given)
    (home / "subscribers").write_text("".join(lines))


def loads(home: Path) -> list[Load]:
    """The rows, each with its script for wrk."""
    any_article = f"math.random(1, {ARTICLES})"
    scripts = {
        "stranger": "",
        "subscriber": lua(home, "subscribers", READERS, any_article),
        "again": lua(home, "readers", 200, "(reader % 3) + 1"),
        "new": lua(home, "readers", READERS, any_article),
    }
    for name, text in scripts.items():
        (home / f"{name}.lua").write_text(text + DONE)
    return [
        Load("teaser, a stranger", 0.45, "/premium/1", home / "stranger.lua"),
        Load("full, a subscriber", 0.40, "/", home / "subscriber.lua"),
        Load("metered, read before", 0.35, "/", home / "again.lua"),
        Load("metered, a new read", 0.30, "/", home / "new.lua"),
    ]


def lua(home: Path, cookies: str, readers: int, article: str) -> str:
    return LUA.format(cookies=home / cookies, readers=readers, article=article, folder="/metered/")


def compare(home: Path, reference: Server, gate: Server, seconds: int, rounds: int) -> None:
    """Measure every row in turns and print the table of ratios."""
    runs: dict[Load, list[tuple[Run, Run]]] = {load: [] for load in loads(home)}
    for _ in range(rounds):
        for load, pairs in runs.items():
            write_cookies(home)
            servers = (reference, gate)
            pairs.append(tuple(measure(s, load, seconds, CONNECTIONS) for s in servers))  # type: ignore[arg-type]
    heads = f"{'':22}{'nginx':>9}{'gate':>9}{'ratio':>7}{'aim':>6}"
    print(f"{heads}{'cost':>18}{'by cost':>9}{'p99':>11}{'not 200':>9}")
    for load, pairs in runs.items():
        print(row(load, pairs))


def row(load: Load, pairs: list[tuple[Run, Run]]) -> str:
    """Medians of a row; the ratio is the median of the rounds' ratios."""
    reference = median(nginx.rate for nginx, _ in pairs)
    rate = median(gate.rate for _, gate in pairs)
    ratio = median(gate.rate / nginx.rate for nginx, gate in pairs)
    p99 = median(gate.p99 for _, gate in pairs)
    failed = sum(nginx.failed + gate.failed for nginx, gate in pairs)
    costs = [median(pair[place].cost for pair in pairs) for place in (0, 1)]
    cost = f"{costs[0]:.1f} / {costs[1]:.1f} us"
    rates = f"{load.name:22}{reference:9,.0f}{rate:9,.0f}{ratio:7.2f}{load.aim:6.2f}"
    return f"{rates}{cost:>18}{costs[0] / costs[1]:9.2f}{p99:8.2f} ms{failed:9}"


def distribute(home: Path, gate: Server, seconds: int) -> None:
    """Print the gate's distribution of times, idle and busy."""
    print(f"\n{'':22}{'':6}{'clients':>8}{'requests/s':>12}{'p50':>9}{'p99':>9}{'p99.9':>9}  ms")
    for load in loads(home):
        for state in ("idle", "busy"):
            with ExitStack() as stack:
                if state == "busy":
                    stack.enter_context(busy(NICENESS))
                for connections in DISTRIBUTION:
                    write_cookies(home)
                    run = measure(gate, load, seconds, connections)
                    times = f"{run.p50:9.2f}{run.p99:9.2f}{run.p999:9.2f}"
                    print(f"{load.name:22}{state:6}{connections:8}{run.rate:12,.0f}{times}")


def main() -> int:
    """Print the tables, or what is missing."""
    parser = argparse.ArgumentParser(prog="bench.gate", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="the ratios alone")
    parser.add_argument("--full", action="store_true", help="five rounds, ten seconds each")
    options = parser.parse_args()
    if lacking := missing():
        print(
            f"Not measured: {', '.join(lacking)} not found. Install nginx-light, wrk, util-linux."
        )
        return 0
    if (os.cpu_count() or 1) < 2:
        print("Not measured: two cores are needed, one for the servers and one for wrk.")
        return 0
    seconds, rounds, short = (10, 5, 10) if options.full else (4, 3, 2)
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder, ExitStack() as stack:
        home, port = Path(folder), free_port()
        home.chmod(0o755)
        make_paper(home)
        gate = [sys.executable, "-m", "broadsheet.gate", "--port", str(port)]
        environ = {"BROADSHEET_HOME": folder, "BROADSHEET_SECRET_KEY": SECRET.decode()}
        write_cookies(home)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        reference = stack.enter_context(serving_files(home))
        measured = stack.enter_context(serving(gate, port, **environ))
        compare(home, reference, measured, seconds, rounds)
        if not options.brief:
            distribute(home, measured, short)
        print(f"load of the machine after: {os.getloadavg()[0]:.1f}, our own two included")
    return 0


if __name__ == "__main__":
    sys.exit(main())
