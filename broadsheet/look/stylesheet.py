"""The one stylesheet that readers load, put together from the files beside the templates.

Cascade layers (CSS Cascading and Inheritance Level 5, section 6.4) keep the order of the files
from deciding who wins: reset, then base, then parts, then page.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "look"
BUILT = FOLDER / "paper.css"
LAYERS = ("reset", "base", "parts", "page")


def stylesheet() -> str:
    """Return the whole stylesheet, without comments and without needless space."""
    sources = [_read(FOLDER / "tokens.css"), f"@layer {', '.join(LAYERS)};"]
    sources += [f"@layer {layer} {{\n{_layer(layer)}\n}}" for layer in LAYERS]
    return tighten("\n".join(sources))


def tighten(css: str) -> str:
    """Drop comments and the space that carries no meaning."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*\n\s*", " ", css)
    css = re.sub(r"\s*([{};])\s*", r"\1", css).replace(", ", ",").replace(" > ", ">")
    css = re.sub(r"(?<=[\d)]) \* (?=[\dv])", "*", css)
    css = re.sub(
        r" \+ (?=[*a-z]|\.[a-z])(?!var|calc)", "+", css
    )  # Between selectors; a sum needs them.
    css = re.sub(r"(?<=[a-z-]): (?=[^{}]*[;}])", ":", css)
    return css.replace(";}", "}").replace("}}", "}}\n").strip() + "\n"


def write() -> Path:
    """Write the built stylesheet beside its sources; return where it lies."""
    BUILT.write_text(stylesheet(), encoding="utf-8")
    return BUILT


def _layer(layer: str) -> str:
    folders = {"parts": "parts", "page": "pages"}
    if layer in folders:
        return "\n".join(_read(path) for path in sorted((FOLDER / folders[layer]).glob("*.css")))
    return _read(FOLDER / f"{layer}.css")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    write()
