"""The gateway as a process of its own: killed, restarted, left by its parent."""

import os
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.tests.fakepay.cast import (
    DAY,
    KEY,
    SECRET,
    Control,
    Process,
    fill_in,
    order,
)
from tests.waiting import wait_until


def test_a_kill_after_the_payment_loses_and_doubles_nothing(tmp_path, receiver):
    receiver.status = 500
    first = Process(tmp_path / "f.sqlite3", receiver.url)
    client = Fakepay(first.url, KEY, SECRET)
    hosted = client.open_checkout(order())
    fill_in(hosted.url)
    Control(first.url).post("clock", advance=100 * DAY)
    before = client.look_up(hosted.ref)
    assert first.end("kill") == -signal.SIGKILL
    receiver.seen.clear()
    receiver.status = 200
    second = Process(tmp_path / "f.sqlite3", receiver.url, urlsplit(first.url).port)
    try:
        assert client.look_up(hosted.ref) == before
        assert len(before.charges) == 2
        wait_until(lambda: receiver.kinds(hosted.ref) == ["agreement.paid", "charge.paid"])
        assert fill_in(hosted.url).status_code == 303
        assert client.look_up(hosted.ref) == before
    finally:
        assert second.end("terminate") == 0
        client.close()


def test_direct_and_http_say_the_same(tmp_path):
    process = Process(tmp_path / "f.sqlite3")
    client = Fakepay(process.url, KEY, SECRET)
    gateway = Gateway(tmp_path / "f.sqlite3", url=process.url)
    direct = Direct(gateway, SECRET)
    try:
        hosted = client.open_checkout(order())
        assert direct.open_checkout(order()) == hosted
        assert direct.look_up(hosted.ref) == client.look_up(hosted.ref)
        direct.pay(hosted.ref, "4000 0000 0000 0002")
        fill_in(hosted.url, "4000 0000 0000 0341")
        client.refund(client.look_up(hosted.ref).charges[1].ref, 100, key="r1")
        gateway.advance(93 * DAY)
        standing = client.look_up(hosted.ref)
        assert standing == direct.look_up(hosted.ref)
        assert standing.state == "past_due"
        assert standing.pay_url == hosted.url
        assert fill_in(standing.pay_url).status_code == 303
        assert direct.look_up(hosted.ref).state == "active"
    finally:
        gateway.close()
        client.close()
        process.end("terminate")


def test_it_ends_with_its_parent(tmp_path):
    program = (
        "import sys; from pathlib import Path;"
        "from broadsheet.ledger.tests.fakepay.cast import Process;"
        "p = Process(Path(sys.argv[1])); print(p.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "f.sqlite3")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not _lives(pid))


def _lives(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_it_ends_quickly_with_a_delivery_under_way(tmp_path, receiver):
    under_way, over = threading.Event(), threading.Event()

    def hang(told):
        under_way.set()
        over.wait(60)

    receiver.on_event = hang
    process = Process(tmp_path / "f.sqlite3", receiver.url)
    client = Fakepay(process.url, KEY, SECRET)
    fill_in(client.open_checkout(order()).url)
    client.close()
    assert under_way.wait(60)
    assert process.end("terminate") == 0
    assert not over.is_set(), "it did not wait for the delivery"
    over.set()


@pytest.mark.parametrize("missing", ["FAKEPAY_API_KEY", "FAKEPAY_WEBHOOK_SECRET"])
def test_it_does_not_start_without_its_secrets(tmp_path, missing):
    known = {"FAKEPAY_API_KEY": KEY, "FAKEPAY_WEBHOOK_SECRET": SECRET, missing: ""}
    words = [sys.executable, "-m", "broadsheet.ledger.providers.fakepay.server"]
    done = subprocess.run(
        [*words, "--port", "0", "--database", str(tmp_path / "f.sqlite3")],
        env=os.environ | known,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert missing in done.stderr


def test_it_needs_no_django():
    program = (
        "import sys; import broadsheet.ledger.providers.fakepay.server;"
        "sys.exit(any(name.split('.')[0] in ('django', 'wagtail') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
