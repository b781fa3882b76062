"""From the wire to the live page, and from a withdrawal to its absence: real gate, real paper.

`python -m bench.news` makes the demo paper in a temporary home, serves it with the gate alone and
measures 30 new reports one by one: the work of wire, desk and press, and when the gate shows it.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

PORT = 8497
REPORTS = 30
BODY = "<p>" + "</p><p>".join(
    f"Sentence {n} of a report that was sent to measure." for n in range(12)
)


def main() -> int:
    """Print medians and the slowest; returns 0."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        home = Path(folder) / "var"
        os.environ["BROADSHEET_HOME"] = str(home)
        command = [sys.executable, "-m", "broadsheet.config.cli"]
        subprocess.run([*command, "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL)
        gate = subprocess.Popen([*command, "gate", "--port", str(PORT)])
        try:
            _await(lambda: _status("/") == 200)
            _measure()
        finally:
            gate.send_signal(signal.SIGTERM)
            gate.wait(10)
    return 0


def _measure() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    import django

    django.setup()
    from django.conf import settings

    from broadsheet.accounts.models import User
    from broadsheet.desk import actions as desk
    from broadsheet.desk.models import Article
    from broadsheet.press import actions as press
    from broadsheet.press_log.gathering import gathered
    from broadsheet.wire import actions as wire
    from broadsheet.wire.models import Feed
    from broadsheet.wire.transports.base import Arrival

    settings.ORIGIN = f"http://localhost:{PORT}"
    press.set_origin(f"http://localhost:{PORT}")
    press.catch_up()
    feed = Feed.objects.get(name="northline")
    editor = User.objects.filter(is_superuser=True).earliest("pk")
    work, live, gone, absent = [], [], [], []
    for number in range(REPORTS):
        arrival = Arrival(f"{number}.json", _item(number), "application/json", None, _now())
        started = time.perf_counter()
        with gathered():
            wire.take_arrival(feed, arrival)
            desk.catch_up()
        press.catch_up()
        work.append(time.perf_counter() - started)
        article = Article.objects.latest("id")
        path = str(article.path)
        _await(lambda path=path: _status(path) == 200)
        live.append(time.perf_counter() - started)
        if number % 3 == 0:
            started = time.perf_counter()
            desk.withdraw(article, "Sent to measure.", by=editor)
            gone.append(time.perf_counter() - started)
            _await(lambda path=path: _status(path) == 410 and path not in _text("/"))
            absent.append(time.perf_counter() - started)
    print(f"{len(work)} reports into a paper of {Article.objects.count()} articles (milliseconds)")
    for label, times in (
        ("wire item: work of wire, desk and press", work),
        ("wire item: until the gate shows it", live),
        ("withdrawal: the request that makes it", gone),
        ("withdrawal: until the gate has 410 and the home page lacks it", absent),
    ):
        print(f"  {label}: median {_ms(statistics.median(times))}, slowest {_ms(max(times))}")


def _item(number: int) -> bytes:
    item = {
        "uri": f"urn:bench:{number}",
        "standard": {"name": "ninjs", "version": "3.0"},
        "type": "text",
        "versionCreated": _now().isoformat(),
        "pubStatus": "usable",
        "headlines": [{"value": f"Report number {number} that was sent to measure"}],
        "subjects": [{"name": "world"}],
        "bodies": [{"contentType": "text/html", "value": BODY}],
    }
    return json.dumps(item).encode()


def _now() -> datetime:
    return datetime.now(UTC)


def _status(path: str) -> int:
    try:
        with urlopen(f"http://localhost:{PORT}{path}", timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def _text(path: str) -> str:
    with urlopen(f"http://localhost:{PORT}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def _await(done: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("The gate did not show it.")
        time.sleep(0.005)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


if __name__ == "__main__":
    sys.exit(main())
