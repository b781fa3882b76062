"""What an editor does at the desk, in the browser."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page

from tests.e2e.house import House
from tests.waiting import wait_until

PASSWORD = "merrow-courier"
AGENCY = "Quill"


def sign_in(context: BrowserContext, house: House) -> Page:
    """The demo's editor at the desk."""
    page = context.new_page()
    page.goto(f"{house.url}/desk/")
    page.fill("input[name=login]", "editor@merrow.example")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{house.url}/desk/")
    return page


def row(page: Page, house: House, headline: str) -> Locator:
    """The row of a report on the first screen."""
    page.goto(f"{house.url}/desk/")
    return page.locator("table.desk-incoming tbody tr", has_text=headline)


def open_report(page: Page, house: House, headline: str) -> None:
    """Its form, from the first screen."""
    row(page, house, headline).locator("td.title a").first.click()
    page.locator("#id_headline").wait_for()


def publish(page: Page) -> None:
    """Press Publish and wait until the desk has said so."""
    button = page.locator("button[name='action-publish']")
    if not button.is_visible():
        page.locator("footer .w-dropdown__toggle, nav.footer .w-dropdown__toggle").first.click()
    button.click()
    page.locator(".messages .success, .messages .error").first.wait_for()
    said = page.locator(".messages").inner_text()
    assert page.locator(".messages .success").count(), said


def write_body(page: Page, text: str) -> None:
    """Write at the start of the text; the editor hands it to the form a moment later."""
    page.locator(".public-DraftEditor-content").first.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)
    held = page.locator("input[name='body']")
    wait_until(lambda: text.strip() in held.input_value(), what="the form has the text")


def choose_new_picture(page: Page, *, title: str, alt: str, credit: str) -> None:
    """Upload a picture through the chooser."""
    page.locator("button[data-chooser-action-choose]:visible").first.click()
    page.get_by_role("tab", name="Upload").click()
    form = page.locator(".modal-body form[enctype]")
    picture = {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    form.locator("input[type=file]").set_input_files([picture])  # type: ignore[list-item]
    for name, text in (("title", title), ("description", alt), ("credit", credit)):
        form.locator(f"[name$='-{name}']").fill(text)
    form.locator("[type=submit]").click()
    page.locator(".modal-body").wait_for(state="detached")


def jpeg() -> bytes:
    """A picture with a horizon."""
    picture = Image.new("RGB", (1600, 1000), "#27506f")
    picture.paste("#d8b07a", (0, 0, 1600, 560))
    made = io.BytesIO()
    picture.save(made, "JPEG")
    return made.getvalue()


def ninjs(key: str, **facts: Any) -> dict[str, Any]:
    """A ninjs 3 item (IPTC); facts: version, headline, body, status, note."""
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    return {
        "uri": f"urn:newsml:quill.example:{key}",
        "standard": {"name": "ninjs", "version": "3.0"},
        "type": "text",
        "version": str(facts.get("version", 1)),
        "versionCreated": at,
        "pubStatus": facts.get("status", "usable"),
        "urgency": 3,
        "language": "en-GB",
        "edNote": facts.get("note", ""),
        "headlines": [{"role": "main", "value": facts["headline"]}],
        "descriptions": [{"role": "summary", "value": facts.get("standfirst", "")}],
        "bodies": [{"contentType": "text/html", "value": facts.get("body", body("plain"))}],
    }


def body(mark: str) -> str:
    """Nine paragraphs, each with a mark."""
    text = "The {mark} boats of row {n} left the quay at first light and were back for the tide."
    return "".join(f"<p>{text.format(mark=mark, n=n)}</p>" for n in range(1, 10))


def deliver(folder: Path, name: str, item: dict[str, Any]) -> None:
    """Written aside and renamed, as a good agency delivers."""
    aside = folder / f".{name}.part"
    aside.write_text(json.dumps(item))
    os.rename(aside, folder / f"{name}.json")


def arrive(house: House, folder: Path, name: str, item: dict[str, Any]) -> str:
    """Deliver a report that publishes itself; returns its path on the site."""
    deliver(folder, name, item)
    headline = item["headlines"][0]["value"]
    wait_until(lambda: headline in house.get("/").text, what=f"{headline} on home")
    slug = "-".join(headline.lower().split())
    return next(path for path in house.addresses("metered", wire=True) if path.endswith(slug))
