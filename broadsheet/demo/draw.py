"""Draws the demo paper's pictures: every SVG in `pictures/` becomes a JPEG beside it.

Run `python -m broadsheet.demo.draw [NAME ...]` after changing a drawing. It needs a Chromium and
the development dependency Playwright, because only a browser renders the drawings' grain filters
faithfully; the JPEGs are kept with the drawings so that a paper can be made without either.
"""

import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

PICTURES = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 1600, 1000
MOST_BYTES = 220_000

# Grain is what costs bytes. Each step is (softening radius in pixels, JPEG quality); the first
# step that fits is taken, and none of them shows at the 1200 pixels the paper displays.
STEPS = ((0.6, 82), (0.6, 78), (0.7, 75), (0.8, 74), (0.9, 72), (1.0, 70), (1.1, 68), (1.3, 66))


class CannotDraw(Exception):
    """Something that drawing needs is missing; the message says what to do."""


def drawings(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """The SVGs of picture size in `folder`, by name; only those in `names` when any are given.

    Raises CannotDraw for a name that has no drawing.
    """
    found = [path for path in sorted(folder.glob("*.svg")) if _is_picture(path)]
    missing = sorted(set(names) - {path.stem for path in found})
    if missing:
        raise CannotDraw(f"no drawing in {folder} is called {', '.join(missing)}")
    return [path for path in found if not names or path.stem in names]


def squeeze(picture: Image.Image, most: int = MOST_BYTES) -> bytes:
    """`picture` as a progressive JPEG of at most `most` bytes.

    Raises CannotDraw when even the last step is larger.
    """
    for radius, quality in STEPS:
        held = io.BytesIO()
        soft = picture.filter(ImageFilter.GaussianBlur(radius))
        soft.save(held, "JPEG", quality=quality, optimize=True, progressive=True)
        if held.tell() <= most:
            return held.getvalue()
    raise CannotDraw(f"still {held.tell()} bytes, {most} allowed: take grain out of the drawing")


def rasterise(page: "Page", drawing: Path) -> Image.Image:
    """What the browser shows for `drawing`, 1600 by 1000 pixels."""
    page.goto(drawing.resolve().as_uri())
    shot = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
    return Image.open(io.BytesIO(shot)).convert("RGB")


def draw(page: "Page", found: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Writes the JPEG of each drawing and yields its path with its size in bytes."""
    for drawing in found:
        try:
            data = squeeze(rasterise(page, drawing))
        except CannotDraw as reason:
            raise CannotDraw(f"{drawing.name}: {reason}") from reason
        target = drawing.with_suffix(".jpg")
        target.write_bytes(data)
        yield target, len(data)


def browser_path(playwright: "Playwright") -> str:
    """The Chromium to draw with: the system's own, else the one Playwright installed.

    Raises CannotDraw when there is neither.
    """
    system = shutil.which("chromium") or shutil.which("chromium-browser")
    if system:
        return system
    bundled = playwright.chromium.executable_path
    if Path(bundled).exists():
        return bundled
    raise CannotDraw(
        "Chromium is missing: apt install chromium, or python -m playwright install chromium"
    )


def main(names: Sequence[str]) -> int:
    """Draws the named pictures (all without names) and returns the exit status."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        print("Playwright is missing: install the development dependencies", file=sys.stderr)
        return 1
    try:
        found = drawings(PICTURES, names)
        with sync_playwright() as playwright:
            path = browser_path(playwright)
            # Containers run as root, where Chromium refuses its sandbox; it opens our own files.
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            for target, size in draw(page, found):
                print(f"{target.name}: {size / 1000:.0f} kB")
            browser.close()
    except CannotDraw as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def _is_picture(path: Path) -> bool:
    root = etree.parse(str(path)).getroot()
    return (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
