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
_START = re.compile(rf"<({'|'.join(_LIST.split())})\b")
_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>(.*?)</noscript\s*>", re.IGNORECASE | re.DOTALL)
_IMG = re.compile(r"<img\b(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.IGNORECASE)
_SRC = re.compile(r"\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_CODE = frozenset({"script", "style"})
_MOST = 200


def unswallowed(html: str) -> str:
    """Return *html* with those elements closed, and with pictures taken out of ``noscript``.

    A picture in ``noscript`` is the one shown where a script does not load it; it stays only
    where it is not stated outside as well.
    """
    low = html.lower()
    names = tuple(sorted(set(_START.findall(low))))
    if not names:
        return html
    if "<noscript" in low:
        html = _NOSCRIPT.sub(lambda found: _pictures(found[1], html), html, count=_MOST)
        low = html.lower()
    last = {name: low.rfind(f"</{name}") for name in names}
    return _opening(names).sub(lambda tag: _closed(tag, last), html)


@lru_cache(maxsize=256)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"<({'|'.join(names)})\b((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>", re.IGNORECASE)


def _pictures(inside: str, html: str) -> str:
    tags = ((tag, _SRC.search(tag)) for tag in _IMG.findall(inside))
    return "".join(tag for tag, src in tags if src and html.count(src[1]) == 1)


def _closed(tag: re.Match[str], last: dict[str, int]) -> str:
    name = tag[1].lower()
    if tag[2].rstrip().endswith("/"):
        return f"<{name}{tag[2].rstrip()[:-1]}></{name}>"
    is_open = last[name] < tag.end()
    return "" if is_open and name not in _CODE else tag[0]
