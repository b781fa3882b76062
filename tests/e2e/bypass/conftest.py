"""One served demo paper with planted articles, and the readers who come to it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import httpx
import pytest
from lxml import html

from tests.e2e.bypass.disguises import found
from tests.e2e.bypass.seed import CLOSED, GATED, LAPSED, canaries
from tests.e2e.house import House, broadsheet, copied, served

PASSWORD = "merrow-courier"
WALLED = "article-teaser"


@dataclass
class Visitor:
    """A reader with a browser, and the names of the articles this reader may read in full."""

    name: str
    client: httpx.Client
    may: set[str] = field(default_factory=set)

    def forbidden(self) -> dict[str, str]:
        """The words that must not reach this reader, with the article of each."""
        closed = set(GATED + CLOSED) - self.may
        return {word: name for name in closed for word in canaries(name)}

    def leaks(self, reply: httpx.Response) -> set[str]:
        """Articles of which the answer shows what this reader has no right to."""
        words = self.forbidden()
        return {words[word] for word in found(reply, words)}


@dataclass(frozen=True)
class Planted:
    """The paper, and the number and path of each planted article."""

    house: House
    articles: dict[str, tuple[int, str]]

    def path(self, name: str) -> str:
        """Its address; for one that has none yet, an address that a draft might get."""
        return self.articles[name][1] or f"/2026/01/01/estuary-count-for-the-{name}-list"

    @property
    def numbers(self) -> list[int]:
        """The articles' numbers in the newsroom."""
        return [number for number, _ in self.articles.values()]


@pytest.fixture(scope="package")
def planted(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    home = copied(demo_home, tmp_path_factory.mktemp("bypass") / "var")
    made = broadsheet(home, "shell", "-c", "from tests.e2e.bypass.seed import plant; plant()")
    assert made.returncode == 0, made.stderr
    line = next(line for line in made.stdout.splitlines() if line.startswith("PLANTED "))
    articles = {name: tuple(facts) for name, facts in json.loads(line[8:]).items()}
    with served(home) as house:
        yield Planted(house, articles)  # type: ignore[arg-type]


def browser(house: House) -> httpx.Client:
    """A client that keeps cookies and follows no redirect."""
    return httpx.Client(base_url=house.url, timeout=60)


def sign_in(client: httpx.Client, address: str) -> None:
    """By password."""
    forms = html.fromstring(client.get("/accounts/login/").text).forms
    token = next(form.fields["csrfmiddlewaretoken"] for form in forms if "login" in form.fields)
    data = {"login": address, "password": PASSWORD, "csrfmiddlewaretoken": token}
    answer = client.post("/accounts/login/", data=data)
    assert answer.status_code == 302, answer.text


def exhaust(client: httpx.Client, planted: Planted) -> None:
    """Read metered articles until the wall stands, those that were planted not among them."""
    own = {path for _, path in planted.articles.values()}
    for path in planted.house.addresses("metered"):
        if path not in own and WALLED in client.get(path).text:
            return
    raise AssertionError("The meter never closed.")


@pytest.fixture(scope="package")
def visitors(planted: Planted) -> Iterator[dict[str, Visitor]]:
    """Readers in every state; none of them may read what is closed."""
    with ExitStack() as stack:
        made = {
            name: Visitor(name, stack.enter_context(browser(planted.house)), {"open"})
            for name in ("anonymous", "exhausted", "registered", "lapsed", "active")
        }
        # Whoever sends no cookie is new each time, and the first articles of a month are free.
        made["anonymous"].client.cookies.jar.set_policy(NoCookies())
        made["anonymous"].may |= {"metered"}
        for name, address in (
            ("registered", "reader@merrow.example"), ("lapsed", LAPSED),
            ("active", "subscriber@merrow.example"),
        ):  # fmt: skip
            sign_in(made[name].client, address)
        made["registered"].may |= {"registered"}
        made["lapsed"].may |= {"registered"}
        made["active"].may |= {"registered", "metered", "premium", "counting_house"}
        for name in ("exhausted", "registered", "lapsed"):
            exhaust(made[name].client, planted)
        yield made


class NoCookies(DefaultCookiePolicy):
    """Takes none."""

    def set_ok(self, cookie: object, request: object) -> bool:
        return False


@pytest.fixture(params=["anonymous", "exhausted", "registered", "lapsed", "active"])
def visitor(visitors: dict[str, Visitor], request: pytest.FixtureRequest) -> Visitor:
    return visitors[request.param]


@pytest.fixture(params=["exhausted", "registered", "lapsed"])
def walled(visitors: dict[str, Visitor], request: pytest.FixtureRequest) -> Visitor:
    """A reader at whom every wall stands."""
    return visitors[request.param]
