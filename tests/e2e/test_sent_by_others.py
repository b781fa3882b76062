"""News that comes by itself: through the gate, taken up by the worker, on the pages at once."""

import time
from collections.abc import Iterator

import httpx
import pytest

from broadsheet.wire.tests.drops.hub import Hub, hub_serving
from broadsheet.wire.transports.push import SIGNATURE, TIMESTAMP, signature
from tests.cast import ninjs
from tests.e2e.house import House, broadsheet, served
from tests.waiting import wait_until

ENTRY = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Hill</title><entry><id>urn:hill:{n}</id>
<title>{title}</title><updated>{at}</updated><content type="html"><![CDATA[{body}]]></content>
</entry></feed>"""


def atom(number: int, title: str) -> bytes:
    """A feed with one report; its words are unlike any other's, or the desk would hold it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = "".join(f"<p>{_words(number, n)}</p>" for n in range(6))
    return ENTRY.format(n=number, title=title, at=at, body=text).encode()


def _words(number: int, paragraph: int) -> str:
    words = (f"hill{number}{paragraph}{n}" for n in range(20))
    return " ".join(words) + "."


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with hub_serving(atom(1, "Hill opens")) as running:
        yield running


@pytest.fixture(scope="module")
def told(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str, str]]:
    """An empty paper with a pushed feed and one that has a hub; the path and the secret."""
    home = tmp_path_factory.mktemp("sent") / "var"
    publish = ("--publish", "--section", "world", "--max-age", "none")
    for words in (("init", str(home.parent)), ("wire", "add", "hill", hub.topic, *publish)):
        assert broadsheet(home, *words).returncode == 0
    added = broadsheet(home, "wire", "add", "wave", "push:", *publish)
    address, secret = (line.split()[-1] for line in added.stdout.splitlines()[1:3])
    on = (
        "from broadsheet.wire.models import Feed; Feed.objects.filter(name='hill').update(hub='on')"
    )
    assert broadsheet(home, "shell", "-c", on).returncode == 0
    with served(home, BROADSHEET_WIRE_ALLOW_HOSTS=hub.place) as house:
        yield house, "/webhooks" + address.partition("/webhooks")[2], secret


def headers(secret: str, data: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, data)}


def on_the_home_page(house: House, headline: str) -> bool:
    return headline in house.get("/").text


def test_what_an_agency_pushes_is_on_the_pages(told: tuple[House, str, str]) -> None:
    house, path, secret = told
    data = ninjs("urn:wave:1", headline="Wave reaches harbour", note="x" * (6 * 2**20))
    answer = httpx.post(house.url + path, content=data, headers=headers(secret, data), timeout=60)
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    wait_until(lambda: on_the_home_page(house, "Wave reaches harbour"), what="the page")


def test_a_body_in_chunks_is_taken_whole(told: tuple[House, str, str]) -> None:
    house, path, secret = told
    data = ninjs("urn:wave:2", headline="Second wave")
    pieces = (data[start : start + 500] for start in range(0, len(data), 500))
    answer = httpx.post(house.url + path, content=pieces, headers=headers(secret, data), timeout=60)
    assert (answer.status_code, answer.json()["new"]) == (200, 1)


def test_what_nobody_signed_is_refused_by_name(told: tuple[House, str, str]) -> None:
    house, path, _ = told
    answer = httpx.post(house.url + path, content=b"{}", timeout=60)
    assert answer.status_code == 401
    assert "not signed" in answer.json()["problems"][0]


def test_what_a_hub_sends_is_on_the_pages(told: tuple[House, str, str], hub: Hub) -> None:
    house, _, _ = told
    wait_until(lambda: hub.answers, what="the worker subscribes")
    assert hub.answers[0].status_code == 200
    fetched = hub.fetched
    assert hub.send(atom(2, "Hill closes again")) == 202
    wait_until(lambda: on_the_home_page(house, "Hill closes again"), what="the page")
    assert hub.fetched == fetched, "nobody had to ask"


def test_the_doctor_says_that_no_hub_reaches_a_loopback_address(
    told: tuple[House, str, str],
) -> None:
    house, _, secret = told
    said = broadsheet(house.home, "doctor").stdout
    assert "Feed hill shall be sent by its hub, which cannot reach" in said
    assert secret not in said
