"""The plain notation of the demo's texts: blank lines, `## `, `> `, `* `."""

import html
from itertools import groupby

BLOCKS = {"## ": "h2", "> ": "blockquote", "* ": "li"}


def to_html(text: str) -> str:
    """HTML of a text: paragraphs, subheadings, quotations and lists."""
    blocks = [" ".join(part.split()) for part in _parts(text)]
    made: list[str] = []
    for kind, group in groupby(blocks, key=_kind):
        made += _marked(
            kind, [html.escape(block[len(_mark(kind)) :], quote=False) for block in group]
        )
    return "".join(made)


def _parts(text: str) -> list[str]:
    spaced = text.replace("\n* ", "\n\n* ")
    return [part.strip() for part in spaced.split("\n\n") if part.strip()]


def _kind(block: str) -> str:
    return next((tag for mark, tag in BLOCKS.items() if block.startswith(mark)), "p")


def _mark(kind: str) -> str:
    return next((mark for mark, tag in BLOCKS.items() if tag == kind), "")


def _marked(kind: str, texts: list[str]) -> list[str]:
    if kind == "li":
        return ["<ul>" + "".join(f"<li>{text}</li>" for text in texts) + "</ul>"]
    if kind == "blockquote":
        return [f"<blockquote><p>{text}</p></blockquote>" for text in texts]
    return [f"<{kind}>{text}</{kind}>" for text in texts]
