"""Servers on one core, wrk on the other: what every measure of the gate needs."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SERVERS, WRK = "0", "1"
"""Cores."""

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

NGINX_CONF = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type text/html; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  open_file_cache max=8000; gzip_static on; gzip_vary on;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {home}/files; }}
}}
"""

DONE = """
done = function(summary, latency)
  io.write(string.format("p50 %d p99 %d p999 %d\\n", latency:percentile(50),
                         latency:percentile(99), latency:percentile(99.9)))
end
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
  return wrk.format("GET", "{folder}" .. article, fields)
end
"""

SPIN = "while True: sum(number * number for number in range(100_000))"
"""What keeps a core busy: Python that computes and never waits."""


class Load(NamedTuple):
    """One row of a table: a name, the ratio aimed at, the address asked, and a Lua script."""

    name: str
    aim: float
    path: str
    script: Path


class Run(NamedTuple):
    """What wrk says: requests per second, percentiles in ms, answers that were no 200; and the
    server's processor time in microseconds a request, the steadiest of them on a busy machine.
    """

    rate: float
    p50: float
    p99: float
    p999: float
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], core: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process on a core for the time of the block."""
    words = ["taskset", "-c", core, *command]
    process = subprocess.Popen(words, env={**os.environ, **environ}, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


@contextmanager
def serving(command: list[str], port: int, **environ: str) -> Iterator[Server]:
    """A server that answers at a port for the time of the block."""
    with running(command, SERVERS, **environ) as process:
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield Server(port, process.pid)


@contextmanager
def serving_files(home: Path) -> Iterator[Server]:
    """nginx, sending `home/files`, compressed beforehand where there is a file ".gz"."""
    port = free_port()
    (home / "nginx.conf").write_text(NGINX_CONF.format(home=home, port=port))
    command = [str(NGINX), "-c", str(home / "nginx.conf"), "-e", str(home / "nginx.log")]
    with serving(command, port) as server:
        yield server


@contextmanager
def busy(niceness: int) -> Iterator[None]:
    """Another process that takes all it can get of the servers' core."""
    command = ["nice", "-n", str(niceness), sys.executable, "-c", SPIN]
    with running(command, SERVERS):
        time.sleep(0.2)
        yield


def measure(server: Server, load: Load, seconds: int, connections: int) -> Run:
    """One run of wrk."""
    command = ["taskset", "-c", WRK, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["-s", str(load.script), "-H", "Host: localhost", "-H", "Accept-Encoding: gzip"]
    url = f"http://127.0.0.1:{server.port}{load.path}"
    before = server.seconds()
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    spent = server.seconds() - before
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    p50, p99, p999 = (int(us) / 1000 for us in re.findall(r"p\d+ (\d+)", text))
    return Run(
        float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50,
        p99,
        p999,
        int(failed[1]) if failed else 0,
        spent * 1e6 / max(1, int(_found(r"(\d+) requests in", text))),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"wrk did not say {pattern!r}:\n{text}")
    return match[1]
