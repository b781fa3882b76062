"""A reader's own data and devices, in a browser: taken away, limited, deleted."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.house import House, broadsheet
from tests.e2e.test_reader import PASSWORD, register, sign_in

WINDOWS = [
    pytest.param(PHONE, False, id="phone"),
    pytest.param(DESK, True, id="desktop-scripts"),
]
LIMIT = (
    "from broadsheet.accounts.models import ReaderPolicy;"
    "ReaderPolicy.objects.update_or_create(pk=1, defaults={{'most_devices': {}}})"
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def limited(own_house: House) -> Iterator[Callable[[int], None]]:
    """Sets the publisher's limit of devices; none again after the test."""

    def limit(most: int | None) -> None:
        made = broadsheet(own_house.home, "shell", "-c", LIMIT.format(most))
        assert made.returncode == 0, made.stderr

    yield limit
    limit(None)


def look(page: Page, name: str, *, scripts: bool) -> None:
    """Nothing is wider than the window; axe-core finds nothing where scripts are."""
    assert page.viewport_size is not None
    width = page.viewport_size["width"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    if scripts:
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_one_click_takes_all_away_and_two_delete_the_account(
    own_house: House, window: Callable[..., Page], tmp_path: Path, viewport, scripts
) -> None:
    page = window(viewport=viewport, scripts=scripts)
    address = register(page, own_house)
    page.goto(f"{own_house.url}/account/")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download all my data").click()
    taken.value.save_as(tmp_path / "data.zip")
    with ZipFile(tmp_path / "data.zip") as archive:
        archive.extractall(tmp_path)
        assert address in archive.read("data/account.json").decode()
    read = window(viewport=viewport, scripts=scripts)
    read.goto((tmp_path / "index.html").as_uri())
    expect(read.locator("main")).to_contain_text(address)
    look(read, "export", scripts=scripts)
    page.goto(f"{own_house.url}/account/data/")
    look(page, "data", scripts=scripts)
    page.get_by_role("link", name="Delete my account").click()
    look(page, "delete", scripts=scripts)
    page.get_by_role("button", name="Delete my account now").click()
    expect(page.locator("main")).to_contain_text("Your account is deleted. A mail confirms it.")
    look(page, "deleted", scripts=scripts)
    page.goto(f"{own_house.url}/demo/inbox/")
    newest = page.locator("details.mail", has_text=address).first
    expect(newest).to_contain_text("is deleted")


def test_a_subscriber_is_told_what_is_lost_and_kept(
    own_house: House, window: Callable[..., Page]
) -> None:
    for scheme in ("light", "dark"):
        page = window(scripts=True, color_scheme=scheme)
        sign_in(page, own_house, "subscriber")
        page.goto(f"{own_house.url}/account/delete/")
        expect(page.locator("main")).to_contain_text("the rest of what you paid for is lost")
        expect(page.locator("main")).to_contain_text("Kept by law")
        look(page, f"delete-subscriber-{scheme}", scripts=True)


@pytest.mark.parametrize(("viewport", "scripts"), WINDOWS)
def test_the_oldest_device_is_locked_out_within_a_second_and_told_why(
    own_house: House, window: Callable[..., Page], limited: Callable[[int], None], viewport, scripts
) -> None:
    limited(1)
    article = own_house.url + own_house.addresses("premium")[0]
    old, new = (window(viewport=viewport, scripts=scripts) for _ in range(2))
    sign_in(old, own_house, "subscriber")
    old.goto(article)
    assert old.locator("article.article-full").count() == 1
    sign_in(new, own_house, "subscriber")
    time.sleep(1)
    old.goto(article)
    assert "/account/signed-out/" in old.url
    expect(old.locator("main")).to_contain_text("1 device at a time may read with it")
    look(old, "signed-out", scripts=scripts)
    old.get_by_role("link", name="Go on without").click()
    assert old.url == article
    assert old.locator(".wall").count() == 1
    new.goto(article)
    assert new.locator("article.article-full").count() == 1


def test_six_sign_ins_at_once_end_with_exactly_the_limit(
    own_house: House, limited: Callable[[int], None]
) -> None:
    limited(2)
    clients = [httpx.Client(base_url=own_house.url, timeout=30) for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(enter, clients))
    inside = [client.get("/account/").status_code == 200 for client in clients]
    assert sum(inside) == 2
    for client in clients:
        client.close()


def enter(client: httpx.Client) -> None:
    forms = html.fromstring(client.get("/accounts/login/").text).forms
    form = next(form for form in forms if "login" in form.fields)
    data = dict(form.fields) | {"login": "subscriber@merrow.example", "password": PASSWORD}
    assert client.post("/accounts/login/", data=data).status_code in (302, 400)
