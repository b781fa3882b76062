"""Text that an HTML parser would swallow together with an element that is never closed.

Feeds write ``<iframe src="…"/>`` as XML allows, or cut the end off. To HTML everything that
follows is then inside, and goes with it. So such elements are closed, or opened up, first.
"""

import re
from functools import lru_cache

_LIST = """
    iframe object applet video audio canvas svg math select textarea button noscript noembed
    noframes template title xmp form script style
"""
_START = re.compile(rf"<({'|'.join(_LIST.split())})\b".encode())
_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>(.*?)</noscript\s*>", re.IGNORECASE | re.DOTALL)
_IMG = re.compile(r"<img\b(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.IGNORECASE)
_SRC = re.compile(r"\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_CODE = frozenset({b"script", b"style"})
_MOST = 200


def unswallowed(html: str) -> str:
    """Return *html* with those elements closed, and with pictures taken out of ``noscript``.

    A picture in ``noscript`` is the one shown where a script does not load it; it stays only
    where it is not stated outside as well.
    """
    low = _low(html)
    names = tuple(sorted(set(_START.findall(low))))
    if not names:
        return html
    if b"noscript" in names:
        html = _NOSCRIPT.sub(lambda found: _pictures(found[1], html), html, count=_MOST)
        low = _low(html)
    last = {name: low.rfind(b"</" + name) for name in names}
    return _opening(names).sub(lambda tag: _closed(tag, last), html)


def _low(html: str) -> bytes:
    """A byte for each character, so that places in it are places in *html*."""
    return html.encode("ascii", "replace").lower()


@lru_cache(maxsize=256)
def _opening(names: tuple[bytes, ...]) -> re.Pattern[str]:
    listed = b"|".join(names).decode("ascii")
    attributes = r"((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)"
    return re.compile(rf"<({listed})\b{attributes}>", re.IGNORECASE | re.ASCII)


def _pictures(inside: str, html: str) -> str:
    tags = ((tag, _SRC.search(tag)) for tag in _IMG.findall(inside))
    return "".join(tag for tag, src in tags if src and html.count(src[1]) == 1)


def _closed(tag: re.Match[str], last: dict[bytes, int]) -> str:
    name = _low(tag[1])
    if tag[2].rstrip().endswith("/"):
        return f"<{tag[1]}{tag[2].rstrip()[:-1]}></{tag[1]}>"
    is_open = last[name] < tag.end()
    return "" if is_open and name not in _CODE else tag[0]
