"""The gate beside nginx: the same gzip bytes, the same core, the same load, in turns.

Run `python -m bench.gate`. The servers share core 0, wrk has core 1; 64 connections. Each row is
the gate's requests per second as a ratio to nginx sending a file, under the same wrk script;
"cost" is processor time a request, nginx / gate.
"""

import argparse
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

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

ARTICLES = 200
READERS = 20_000
CONNECTIONS = 64
SECRET = b"a key for measuring only"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

NGINX_CONF = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type text/html; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  open_file_cache max=1000; gzip_static on; gzip_vary on;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {home}/files; }}
}}
"""

LUA = """
local cookies = {{}}
for line in io.lines("{cookies}") do cookies[#cookies + 1] = line end
math.randomseed(os.time())
request = function()
  local reader = math.random(1, {readers})
  local article = {article}
  local fields = {{ ["Host"] = "localhost", ["Accept-Encoding"] = "gzip",
                   ["Cookie"] = cookies[reader] }}
  return wrk.format("GET", "/metered/" .. article, fields)
end
"""


class Load(NamedTuple):
    """One row: a name, the address asked, and a Lua script or ""."""

    name: str
    path: str
    script: str = ""


class Run(NamedTuple):
    """What wrk says: requests per second, 99th percentile in ms, answers that were no 200; and
    the server's processor time in microseconds a request, the steadiest of them on a busy machine.
    """

    rate: float
    p99: float
    failed: int
    cost: float


class Server(NamedTuple):
    """A server that is running: its port and the number of its first process."""

    port: int
    process: int

    def seconds(self) -> float:
        """Processor seconds of the process and its children so far."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return sum(processor_seconds(number) for number in (str(self.process), *children))


def processor_seconds(process: str) -> float:
    """User and system time of a process (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def missing() -> list[str]:
    """What this measure needs and the machine does not have."""
    wanted = {"nginx": NGINX, "wrk": shutil.which("wrk"), "taskset": shutil.which("taskset")}
    return [name for name, found in wanted.items() if found is None]


def html(number: int) -> str:
    """An article of about 5.5 KB, 2.1 KB when compressed."""
    words = random.Random(number)
    letters = "etaoinshrdlucm"
    vocabulary = ["".join(words.choices(letters, k=words.randint(2, 9))) for _ in range(330)]
    text = " ".join(words.choices(vocabulary, k=900))
    return f"<!doctype html><html><title>{number}</title><p>{text}</p></html>"


def make_paper(home: Path) -> None:
    """200 open, metered and premium articles, and the same bytes as files for nginx."""
    store = open_store(store_path(home))
    with event(store) as run:
        run.set_fact("policy", policy_text(Policy((Allowance("anonymous", 100_000),))))
        run.put_fragment("premium", '<div class="paywall">Subscribe to read the full story.</div>')
        for number in range(1, ARTICLES + 1):
            text = html(number)
            for offset, access in enumerate(("open", "metered", "premium")):
                path = f"/{access}/{number}"
                article = number + offset * ARTICLES
                common = {"access": access, "article": article}
                run.put(Page(path, "full", compressed(text), etag_of(text), **common))  # type: ignore[arg-type]
                teaser = text[:1700] + WALL_MARK
                run.put(Page(path, "teaser", compressed(teaser), etag_of(teaser), **common))  # type: ignore[arg-type]
                write_file(home / "files" / access, number, text[:1700] if offset == 2 else text)
    store.close()
    key = passes.reader_key(SECRET)
    signed = (passes.sign_reader_id(passes.new_reader_id(), key) for _ in range(READERS))
    (home / "cookies").write_text("".join(f"reader={value}\n" for value in signed))


def write_file(folder: Path, number: int, text: str) -> None:
    """A file and its compressed twin, for `gzip_static`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(number)).write_text(text)
    (folder / f"{number}.gz").write_bytes(compressed(text))


def scripts(home: Path) -> tuple[str, str]:
    """Two wrk scripts: the same few reads again and again, and nearly always a new one."""
    made = []
    for name, readers, article in (
        ("again", 200, "(reader % 3) + 1"),
        ("new", READERS, f"math.random(1, {ARTICLES})"),
    ):
        path = home / f"{name}.lua"
        path.write_text(LUA.format(cookies=home / "cookies", readers=readers, article=article))
        made.append(str(path))
    return made[0], made[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, **environ: str) -> Iterator[Server]:
    """A server on core 0 for the time of the block."""
    process = subprocess.Popen(["taskset", "-c", "0", *command], env={**os.environ, **environ})
    try:
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def measure(server: Server, load: Load, seconds: int) -> Run:
    """One run of wrk on core 1."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-s", load.script] if load.script else []
    command += ["-H", "Host: localhost", "-H", "Accept-Encoding: gzip"]
    url = f"http://127.0.0.1:{server.port}{load.path}"
    before = server.seconds()
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = float(found[1]) if (found := re.search(r"Requests/sec:\s+([\d.]+)", text)) else 0.0
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    p99 = float(slow[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[slow[2]] if slow else 0.0
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    answered = int(found[1]) if (found := re.search(r"(\d+) requests in", text)) else 1
    cost = (server.seconds() - before) * 1e6 / answered
    return Run(rate, p99, int(failed[1]) if failed else 0, cost)


def compare(home: Path, seconds: int, rounds: int) -> None:
    """Measure every row in turns and print the table."""
    again, new = scripts(home)
    loads = [
        Load("open article", "/open/1"),
        Load("teaser", "/premium/1"),
        Load("metered, read before", "/metered/1", again),
        Load("metered, a new read", "/metered/1", new),
    ]
    nginx_port, gate_port = free_port(), free_port()
    (home / "nginx.conf").write_text(NGINX_CONF.format(home=home, port=nginx_port))
    nginx = [str(NGINX), "-c", str(home / "nginx.conf"), "-e", str(home / "nginx.log")]
    gate = [sys.executable, "-m", "broadsheet.gate", "--port", str(gate_port)]
    environ = {"BROADSHEET_HOME": str(home), "BROADSHEET_SECRET_KEY": SECRET.decode()}
    with (
        serving(nginx, nginx_port) as reference,
        serving(gate, gate_port, **environ) as measured,
    ):
        runs: dict[str, list[tuple[Run, Run]]] = {load.name: [] for load in loads}
        for _ in range(rounds):
            for load in loads:
                pair = (measure(reference, load, seconds), measure(measured, load, seconds))
                runs[load.name].append(pair)
    print(f"{'':22}{'nginx':>9}{'gate':>9}{'ratio':>7}{'p99':>9}{'cost':>17}{'not 200':>9}")
    for name, pairs in runs.items():
        print(row(name, pairs))


def row(name: str, pairs: list[tuple[Run, Run]]) -> str:
    """Medians of a row; the ratio is the median of the rounds' ratios."""
    reference = median(nginx.rate for nginx, _ in pairs)
    rate = median(gate.rate for _, gate in pairs)
    ratio = median(gate.rate / nginx.rate for nginx, gate in pairs)
    p99 = median(gate.p99 for _, gate in pairs)
    failed = sum(nginx.failed + gate.failed for nginx, gate in pairs)
    costs = [median(pair[place].cost for pair in pairs) for place in (0, 1)]
    cost = f"{costs[0]:.1f} / {costs[1]:.1f} us"
    return f"{name:22}{reference:9,.0f}{rate:9,.0f}{ratio:7.2f}{p99:6.2f} ms{cost:>17}{failed:9}"


def main() -> int:
    """Print the table, or what is missing."""
    parser = argparse.ArgumentParser(prog="bench.gate", description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if lacking := missing():
        print(
            f"Not measured: {', '.join(lacking)} not found. Install nginx-light, wrk, util-linux."
        )
        return 0
    if (os.cpu_count() or 1) < 2:
        print("Not measured: two cores are needed, one for the servers and one for wrk.")
        return 0
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        make_paper(Path(folder))
        Path(folder).chmod(0o755)
        compare(Path(folder), options.seconds, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
