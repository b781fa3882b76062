"""Take the README's pictures of the paper: `python docs/screenshots.py [URL] [OUTDIR]`.

Without a URL the demo paper is made in a temporary home, served on a free port and taken down
again. Needs Debian's package chromium and the development requirements.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)
LARGEST = 150_000
"""Bytes of one picture."""
QUALITIES = (88, 80, 72, 64, 56, 48, 40)
EDITOR, PASSWORD = "editor@merrow.example", "merrow-courier"
START_SECONDS = 120.0

Scheme = Literal["light", "dark"]


def main() -> int:
    """Take every picture; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="", help="a running demo paper; none: start one")
    parser.add_argument("outdir", nargs="?", type=Path, default=HERE / "screenshots")
    options = parser.parse_args()
    options.outdir.mkdir(parents=True, exist_ok=True)
    if options.url:
        take_all(options.url.rstrip("/"), options.outdir)
    else:
        with demo() as url:
            take_all(url, options.outdir)
    return 0


@contextmanager
def demo() -> Iterator[str]:
    """Serve a new demo paper in a temporary home; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="broadsheet-shots-") as home:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
        paper = subprocess.Popen(
            [sys.executable, "-m", "broadsheet.config.cli", "demo", "--port", str(port)],
            env=kept | {"BROADSHEET_HOME": home},
        )
        try:
            url = f"http://localhost:{port}"
            wait_for(url, paper)
            yield url
        finally:
            paper.terminate()
            paper.wait()


def wait_for(url: str, paper: subprocess.Popen[bytes]) -> None:
    """Return when the paper and its newsroom answer. Raises SystemExit when they never do."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and paper.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if b'"status": "ok"' in answer.read():
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.3)
    raise SystemExit(f"The demo paper did not start at {url}.")


def take_all(url: str, outdir: Path) -> None:
    """All pictures of the paper and its desk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        article, gated = addresses(browser, url)
        take(browser, url, DESKTOP, outdir / "home-desktop.webp")
        take(browser, url, PHONE, outdir / "home-phone.webp")
        take(browser, url, DESKTOP, outdir / "home-dark.webp", scheme="dark")
        take(browser, url + article, DESKTOP, outdir / "article-desktop.webp")
        take(browser, url + article, PHONE, outdir / "article-phone.webp")
        take(browser, f"{url}/subscribe/", DESKTOP, outdir / "subscribe-desktop.webp")
        take_wall(browser, url, gated, outdir / "wall-phone.webp")
        take_desk(browser, url, outdir)
        browser.close()


def addresses(browser: Browser, url: str) -> tuple[str, list[str]]:
    """An open article with a picture, and the articles of home that are not open to all."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(url)
    links = page.locator("article h2 a, article h3 a")
    chosen, gated = "", []
    for path in [str(link.get_attribute("href")) for link in links.all()]:
        page.goto(url + path)
        if page.locator("div.paywall, .wall").count():
            gated.append(path)
        elif not chosen and page.locator("article.article-full img").count():
            chosen = path
    page.close()
    if not chosen:
        raise SystemExit(f"{url} shows no open article with a picture; is it the demo paper?")
    return chosen, gated


def take(
    browser: Browser, address: str, size: ViewportSize, path: Path, *, scheme: Scheme = "light"
) -> None:
    """The first screen of a page."""
    sharp = 2 if size is PHONE else 1.5
    page = browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=sharp)
    page.goto(address, wait_until="networkidle")
    keep(page, path)
    page.close()


def take_wall(browser: Browser, url: str, gated: list[str], path: Path) -> None:
    """The wall as a reader meets it on a phone, after the free articles."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    for address in gated:
        page.goto(url + address)
        if page.locator(".wall-limit_anonymous").count():
            break
    page.evaluate("scrollTo(0, document.querySelector('.wall').offsetTop - 120)")
    keep(page, path)
    page.close()


def take_desk(browser: Browser, url: str, outdir: Path) -> None:
    """What came in, and a report from the wire in its form."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{url}/desk/")
    page.fill("input[name=login]", EDITOR)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{url}/desk/")
    page.goto(f"{url}/desk/", wait_until="networkidle")  # Without the greeting.
    keep(page, outdir / "desk-incoming.webp")
    page.locator("table.desk-incoming tr:has(.desk-good) td.title a").first.click()
    page.locator("#id_headline").wait_for()
    page.wait_for_load_state("networkidle")
    keep(page, outdir / "desk-article.webp")
    page.goto(f"{url}/desk/business/overview/", wait_until="networkidle")
    keep(page, outdir / "desk-readers.webp")
    page.close()


def keep(page: Page, path: Path) -> None:
    """Store what the window shows as WebP, in the best quality that is not too large."""
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in QUALITIES:
        shown.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path} {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
