import json
import os
import socket
import subprocess
import sys

import broadsheet
from broadsheet.gate.tests.conftest import Newsroom, Paper
from tests.waiting import wait_until


def test_healthz_is_ok_when_everything_answers(paper: Paper, newsroom: Newsroom) -> None:
    newsroom.answer = lambda asked: asked.say(200, b'{"lag": 4, "database": true}')
    paper.start()
    reply = paper.ask("/healthz")
    content = json.loads(reply.body)
    assert reply.status == 200 and content["status"] == "ok"
    assert content["version"] == broadsheet.__version__ and content["press_lag"] == 4
    assert set(content["checks"].values()) == {"ok"}


def test_healthz_is_degraded_but_200_when_the_newsroom_is_down(paper: Paper) -> None:
    paper.start()
    reply = paper.ask("/healthz")
    content = json.loads(reply.body)
    assert reply.status == 200 and content["status"] == "degraded"
    assert content["checks"]["newsroom"] == "failing" and content["checks"]["store"] == "ok"
    assert content["press_lag"] is None


def test_a_home_without_a_paper_is_refused_with_advice(paper: Paper) -> None:
    environ = {"BROADSHEET_HOME": str(paper.home / "nowhere"), "PATH": os.environ["PATH"]}
    run = subprocess.run(
        [sys.executable, "-m", "broadsheet.gate", "--port", "0"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2 and "broadsheet init" in run.stderr


def test_a_port_in_use_is_refused_with_advice(paper: Paper) -> None:
    paper.start()
    run = subprocess.run(
        [sys.executable, "-m", "broadsheet.gate", "--port", str(paper.port)],
        env={"BROADSHEET_HOME": str(paper.home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2 and "--port" in run.stderr


def test_it_answers_after_less_than_a_second_of_work(paper: Paper) -> None:
    paper.start()
    assert paper.ask("/").status == 200
    assert paper.worked() < 1.0


def test_a_client_that_never_finishes_does_not_keep_it_from_ending(paper: Paper) -> None:
    paper.start()
    assert paper.process is not None
    process = paper.process
    with socket.create_connection(("127.0.0.1", paper.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        assert paper.ask("/").status == 200
        paper.stop()
    assert process.returncode == 0


def test_it_ends_when_told_and_when_its_parent_ends(paper: Paper) -> None:
    paper.start()
    assert paper.process is not None
    process = paper.process
    paper.stop()
    assert process.returncode == 0
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time;"
            "p = subprocess.Popen([sys.executable, '-m', 'broadsheet.gate',"
            f" '--port', '{paper.port}']);"
            "print(p.pid, flush=True); time.sleep(60)",
        ],
        env={**os.environ, "BROADSHEET_HOME": str(paper.home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_until(paper.listens)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Not gone, and no zombie that nobody waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
