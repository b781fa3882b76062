"""An editor's day: rework, follow the wire, take over, withdraw, write, correct."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import desk
from tests.e2e.desk import body, ninjs
from tests.e2e.house import House, broadsheet
from tests.waiting import is_prompt, wait_until

UNTOUCHED = "auto-generated from a syndicated feed of Quill"
REWORKED = "Only the headline and picture of this report have been reworked by The Merrow Courier"
EDITED = "based on a syndicated feed of Quill and has been edited by The Merrow Courier staff"
PLACES = (
    "/", "/world/", "/feed.rss", "/feed.atom", "/feed.json", "/world/feed.rss", "sitemap",
    "/news-sitemap.xml",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(own_house: House) -> Path:
    """Where the agency Quill delivers; what it sends publishes itself."""
    folder = own_house.home.parent / "quill"
    folder.mkdir()
    added = broadsheet(
        own_house.home, "wire", "add", "quill", str(folder), "--source", "Quill",
        "--section", "world", "--publish",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    return folder


@pytest.fixture(scope="module")
def page(browser: Browser, own_house: House) -> Iterator[Page]:
    """The editor's window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield desk.sign_in(context, own_house)
    context.close()


def full(house: House, path: str) -> str:
    """The page as the next new reader gets it."""
    return house.get(path).text


def holding(house: House, text: str) -> list[str]:
    """Lists, feeds, sitemaps and search that hold a text."""
    with httpx.Client(base_url=house.url, timeout=60) as client:
        index = client.get("/sitemap.xml").text
        maps = re.findall(rf"<loc>{house.url}(/sitemap-.*?)</loc>", index)
        read = {place: client.get(place).text for place in PLACES if place != "sitemap"}
        read["sitemap"] = index + "".join(client.get(path).text for path in maps)
        found = [place for place, page in read.items() if text in page]
        results = client.get("/search", params={"q": text.replace("-", " ")}).text
        return found + (["/search"] if f'/{text}"' in results else [])


def test_the_desk_shows_what_came_in(own_house: House, folder: Path, page: Page) -> None:
    path = desk.arrive(own_house, folder, "a1", ninjs("a", headline="Crane lifts the bell home"))
    row = desk.row(page, own_house, "Crane lifts the bell home")
    assert row.count() == 1
    assert row.locator("td").nth(1).inner_text() == "Quill"
    assert row.locator("td").nth(3).inner_text() == "published"
    assert row.locator(f"a[href='{path}']").inner_text() == "yes"
    assert page.locator("table.desk-incoming tbody tr").first.inner_text().startswith("Crane")


def test_headline_and_picture_stay_ours_when_the_wire_moves_on(
    own_house: House, folder: Path, page: Page
) -> None:
    first = ninjs("b", headline="Lock gate jams at Hathe", body=body("first"))
    path = desk.arrive(own_house, folder, "b1", first)
    assert UNTOUCHED in full(own_house, path)
    desk.open_report(page, own_house, "Lock gate jams at Hathe")
    page.fill("#id_headline", "Forty barges wait for a gate")
    desk.choose_new_picture(page, title="Quay", alt="A quay at dawn.", credit="Picture: I. Sand")
    desk.publish(page)
    wait_until(lambda: "Forty barges wait" in full(own_house, path), what="our headline is out")
    shown = full(own_house, path)
    assert REWORKED in shown
    assert "Picture: I. Sand" in shown
    assert 'alt="A quay at dawn."' in shown
    assert "Forty barges wait" in own_house.get("/").text

    second = ninjs("b", version=2, headline="Lock gate freed at Hathe", body=body("second"))
    desk.deliver(folder, "b2", second)
    wait_until(lambda: "second boats" in full(own_house, path), what="the body follows")
    shown = full(own_house, path)
    assert "first boats" not in shown
    assert "Forty barges wait" in shown
    assert REWORKED in shown
    desk.open_report(page, own_house, "Forty barges wait for a gate")
    assert "Lock gate freed at Hathe" in page.locator("table.desk-beside").inner_text()


def test_a_body_of_our_own_waits_for_a_decision(own_house: House, folder: Path, page: Page) -> None:
    first = ninjs("c", headline="Terns nest on the crane", body=body("first"))
    path = desk.arrive(own_house, folder, "c1", first)
    desk.open_report(page, own_house, "Terns nest on the crane")
    page.get_by_role("link", name="Rework the body").click()
    desk.write_body(page, "Seen by our own eyes. ")
    desk.publish(page)
    wait_until(lambda: EDITED in full(own_house, path), what="the note says edited")
    assert "Seen by our own eyes. The first boats" in full(own_house, path)

    second = ninjs("c", version=2, headline="Terns fledge on the crane", body=body("second"))
    desk.deliver(folder, "c2", second)
    wait_until(
        lambda: desk.row(page, own_house, "Terns").locator(
            ".desk-version", has_text="v2"
        ).count(), what="the desk has the second version",
    )  # fmt: skip
    assert "Seen by our own eyes." in full(own_house, path)
    desk.open_report(page, own_house, "Terns")
    page.get_by_role("link", name="Show the difference").click()
    shown = page.locator(".desk-columns").inner_text()
    assert "second boats" in shown
    assert "Seen by our own eyes." in shown
    page.get_by_role("button", name="Take the wire's newest text").click()
    wait_until(lambda: "second boats" in full(own_house, path), what="the wire's text")
    assert UNTOUCHED in full(own_house, path)


def test_what_the_wire_withdraws_is_gone_from_every_surface(
    own_house: House, folder: Path, page: Page
) -> None:
    first = ninjs("d", headline="Marigold inquiry opens", body=body("marigold"))
    path = desk.arrive(own_house, folder, "d1", first)
    last = path.rpartition("/")[2]
    assert set(holding(own_house, last)) == {*PLACES, "/search"}
    again = ninjs("d", version=2, status="canceled", headline="Marigold inquiry opens",
                  note="The letter was not genuine.")  # fmt: skip
    desk.deliver(folder, "d2", again)
    wait_until(lambda: own_house.get(path).status_code == 410, what="the page is 410")
    took = wait_until(lambda: not holding(own_house, last), what="no surface holds it")
    print(f"{took:.2f} s after the page was withdrawn no surface held it.")
    notice = own_house.get(path).text
    assert "The letter was not genuine." in notice
    assert "marigold boats" not in notice
    assert desk.row(page, own_house, "Marigold").locator("td").nth(4).inner_text() == "no"


def test_the_desk_withdraws_at_once(own_house: House, folder: Path, page: Page) -> None:
    birds = iter(("Goose", "Heron", "Gull"))

    def withdraw() -> float:
        bird = next(birds)
        sent = ninjs(bird, headline=f"{bird} stops the tram")
        path = desk.arrive(own_house, folder, bird, sent)
        desk.open_report(page, own_house, f"{bird} stops the tram")
        page.get_by_role("link", name="Withdraw…").click()
        page.fill("[name=reason]", "It was a swan, and it was last year.")
        page.get_by_role("button", name="Withdraw the report").click()
        took = wait_until(lambda: own_house.get(path).status_code == 410, what="the page is 410")
        assert "It was a swan" in own_house.get(path).text
        assert holding(own_house, path.rpartition("/")[2]) == []
        return took

    assert is_prompt(withdraw, within=1.0, tries=3)


def test_a_wire_text_with_template_marks_is_held(
    own_house: House, folder: Path, page: Page
) -> None:
    text = body("held") + "<p>You've reached your limit of {{free_limit}} free articles.</p>"
    desk.deliver(folder, "f1", ninjs("f", headline="Raw marks in a text", body=text))
    wait_until(
        lambda: desk.row(page, own_house, "Raw marks in a text").count(), what="the desk shows it",
    )  # fmt: skip
    row = desk.row(page, own_house, "Raw marks in a text")
    assert row.locator("td").nth(4).inner_text() == "no"
    assert "template marks" in row.inner_text()
    assert "Raw marks" not in own_house.get("/").text


def test_an_unreadable_file_waits_in_quarantine_with_its_reason(
    own_house: House, folder: Path, page: Page
) -> None:
    (folder / ".g1.part").write_bytes(b"<html><body>Please sign in</body></html>")
    (folder / ".g1.part").rename(folder / "g1.xml")

    def quarantined() -> int:
        page.goto(f"{own_house.url}/desk/queues/quarantine/")
        return page.locator("main tr", has_text="g1.xml").count()

    wait_until(quarantined, what="the file is in quarantine")
    told = page.locator("main tr", has_text="g1.xml").inner_text()
    assert "HTML" in told


def test_a_report_of_our_own_is_previewed_published_and_corrected(
    own_house: House, page: Page
) -> None:
    page.goto(f"{own_house.url}/desk/")
    page.get_by_role("link", name="Write a report").click()
    page.fill("#id_headline", "Harbour clocks agree at last")
    page.fill("#id_standfirst", "Six faces, one time, after eleven years.")
    page.fill("#id_byline", "Ada Lindqvist")
    page.fill("#id_dateline", "MERROW")
    desk.write_body(page, "All six clocks on the quay struck nine together this morning.")
    page.get_by_role("tab", name="Place and access").click()
    page.select_option("#id_section", label="Culture")
    page.select_option("#id_access", "open")
    page.get_by_role("button", name="Toggle preview").click()
    preview = page.frame_locator("#w-preview-iframe")
    preview.locator("h1", has_text="Harbour clocks agree").wait_for()
    assert "Harbour clocks" not in own_house.get("/").text
    page.get_by_role("button", name="Toggle preview").click()
    desk.publish(page)
    wait_until(
        lambda: "Harbour clocks agree" in own_house.get("/culture/").text,
        what="the report stands in its section",
    )
    path = next(p for p in own_house.addresses("open") if "harbour-clocks" in p)
    shown = full(own_house, path)
    for text in ("Six faces, one time", "Ada Lindqvist", "MERROW", "struck nine together"):
        assert text in shown
    assert "syndicated" not in shown

    page.goto(f"{own_house.url}/desk/snippets/desk/article/")
    page.get_by_role("link", name="Harbour clocks agree at last").first.click()
    page.get_by_role("link", name="Correct with a note…").click()
    page.fill("[name=text]", "The clocks struck ten, not nine.")
    page.get_by_role("button", name="Publish the note").click()
    wait_until(
        lambda: "The clocks struck ten, not nine." in full(own_house, path),
        what="readers see the note",
    )
    assert "CorrectionComment" in full(own_house, path)
