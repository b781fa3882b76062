"""The publisher arranges the paper in the desk; pages and wall follow by themselves."""

from collections.abc import Callable, Iterator

import pytest
from lxml import html
from playwright.sync_api import Browser, Page

from tests.e2e import desk
from tests.e2e.house import House
from tests.waiting import wait_until

NAMEPLATE = "The Varn Evening Post"


@pytest.fixture(scope="module")
def page(browser: Browser, own_house: House) -> Iterator[Page]:
    """The publisher's window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield desk.sign_in(context, own_house)
    context.close()


def save(page: Page) -> str:
    """Save the form of a setting; returns what the desk says."""
    page.locator("main form footer [type=submit], main form .action-save").first.click()
    said = page.locator(".messages li, .w-field__errors:visible, .error-message:visible")
    said.first.wait_for()
    return " ".join(said.all_inner_texts())


def open_setting(page: Page, house: House, name: str) -> None:
    """A form under Settings, by its words in the menu."""
    page.goto(f"{house.url}/desk/")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("main form").first.wait_for()


def open_row(page: Page, house: House, screen: str, name: str) -> None:
    """An entry of the menu The paper."""
    page.goto(f"{house.url}/desk/")
    page.get_by_role("button", name="The paper").click()
    page.get_by_role("link", name=screen).click()
    page.locator("main table").get_by_role("link", name=name).first.click()
    page.locator("main form").first.wait_for()


def soon(true: Callable[[], object], what: str) -> None:
    took = wait_until(true, what=what)
    print(f"{what} after {took:.2f} s")


def test_name_and_nameplate_follow_on_every_kind_of_page(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Paper")
    page.fill("[name=name]", "The Varn Post")
    page.fill("[name=nameplate]", NAMEPLATE)
    assert "updated" in save(page)
    paths = ["/", "/world/", own_house.addresses("open")[0], own_house.addresses("premium")[0]]
    for path in [*paths, "/search?q=ferry", "/accounts/login/"]:
        soon(lambda path=path: NAMEPLATE in own_house.get(path).text, f"name on {path}")
    assert "<title>The Varn Post</title>" in own_house.get("/feed.rss").text
    report = own_house.addresses("metered", wire=True)[0]
    assert "The Varn Post staff" in own_house.get(report).text


def test_a_name_with_a_template_mark_is_refused(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Paper")
    page.fill("[name=name]", "The {{ paper }} Post")
    assert "paper" in save(page)
    assert "{{" not in own_house.get("/").text


def test_the_time_zone_moves_the_hours_on_the_pages(own_house: House, page: Page) -> None:
    path = own_house.addresses("open")[0]

    def hour() -> str:
        return str(html.fromstring(own_house.get(path).text).xpath("//main//time/text()")[0])

    before = hour()
    open_setting(page, own_house, "Paper")
    page.fill("[name=time_zone]", "Asia/Kolkata")
    assert "updated" in save(page)
    soon(lambda: "IST" in hour() and hour() != before, "the hour in the new zone")
    assert own_house.get(path).status_code == 200, "the address never moves"


def test_a_zone_that_does_not_exist_is_refused(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Paper")
    page.fill("[name=time_zone]", "Europe/Merrow")
    assert "Europe/Merrow" in save(page)


def test_a_free_limit_of_one_closes_at_the_second_article(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Meter and wall")
    page.fill("[name=free_anonymous]", "1")
    page.fill("[name=invitation]", "Read {{ paper }} with an account: {{ registered_limit }} free.")
    assert "updated" in save(page)
    metered = own_house.addresses("metered")

    def wall() -> str:
        cookie = own_house.get(metered[0]).headers["set-cookie"].partition(";")[0]
        return own_house.get(metered[1], headers={"cookie": cookie}).text

    sentence = "You've reached your limit of 1 free article this month."
    soon(lambda: sentence in wall(), "the new limit on the wall")
    assert "Read The Varn Post with an account: 5 free." in wall()


def test_a_negative_limit_is_refused_and_changes_nothing(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Meter and wall")
    before = page.input_value("[name=free_anonymous]")
    page.locator("main form").first.evaluate("form => { form.noValidate = true }")
    page.fill("[name=free_anonymous]", "-1")
    assert "greater than or equal to 0" in save(page)
    open_setting(page, own_house, "Meter and wall")
    assert page.input_value("[name=free_anonymous]") == before


def test_an_unknown_token_in_the_wall_is_refused_by_name(own_house: House, page: Page) -> None:
    open_setting(page, own_house, "Meter and wall")
    page.fill("[name=invitation]", "Only {{ free_limits }} to go")
    said = save(page)
    assert "free_limits" in said
    assert "free_limit" in said.replace("free_limits", "")


def test_a_section_gets_a_new_name(own_house: House, page: Page) -> None:
    open_row(page, own_house, "Sections", "Sport")
    page.fill("[name=name]", "Sport and games")
    assert "updated" in save(page)
    for path in ("/", "/sport/", own_house.addresses("open")[0]):
        soon(lambda path=path: "Sport and games" in own_house.get(path).text, f"section on {path}")


def test_a_section_may_not_take_an_address_of_the_paper(own_house: House, page: Page) -> None:
    open_row(page, own_house, "Sections", "Culture")
    page.fill("[name=slug]", "search")
    assert "search" in save(page)
    assert own_house.get("/culture/").status_code == 200


def test_a_static_page_is_edited(own_house: House, page: Page) -> None:
    open_row(page, own_house, "Static pages", "Imprint")
    desk.write_body(page, "Printed on the east quay. ")
    assert "updated" in save(page)
    soon(lambda: "Printed on the east quay." in own_house.get("/imprint/").text, "the imprint")
    assert "{{" not in own_house.get("/imprint/").text
