"""Addresses found in feeds: made absolute, freed of tracking, brought to one form."""

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_WHOLE = re.compile(
    r"https?://[a-zA-Z0-9][\w.-]*(?::\d{1,5})?(?:/[\w./~%+,;:@!*()&=$'-]*)?"
    r"(\?[\w./~%+,;:@!*()&=$'?-]*)?",
    re.ASCII,
)
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|fb_(action|ref|source)\w*|gclid|gclsrc|gbraid|wbraid|dclid|srsltid|msclkid"
    r"|twclid|ttclid|li_fat_id|yclid|_openstat|mc_[ce]id|mkt_tok|igshid?|wt_mc|wt\.mc_\w+|xtor"
    r"|cmpid|ns_(campaign|mchannel|source|linkname|fee)|at_(medium|campaign|custom\d|link_\w+)"
    r"|_ga|_gl|_hsenc|_hsmi|__hs(fp|sc|tc)|hsctatracking|vero_(id|conv)|oly_(anon|enc)_id"
    r"|ref_src|ref_url|s_cid|ncid|guccounter|guce_referrer\w*|__twitter_impression)(=|$)",
    re.IGNORECASE,
)
_PIXEL = re.compile(
    r"https?://(?:[^/?#]*\.)?(?:doubleclick\.net|google-analytics\.com|googletagmanager\.com"
    r"|pixel\.wp\.com|stats\.wp\.com|stats\.wordpress\.com|scorecardresearch\.com|quantserve\.com"
    r"|feedsportal\.com|chartbeat\.net|counter\.theconversation\.com|pixel\.parsely\.com"
    r"|imrworldwide\.com|ivwbox\.de|ioam\.de|statcounter\.com|bat\.bing\.com|hits\.blogger\.com"
    r"|px\.ads\.linkedin\.com|buysellads\.com|feedads\.g\.doubleclick\.net|rlcdn\.com"
    r"|facebook\.com/tr|medium\.com/_/stat|blogger\.googleusercontent\.com/tracker)(?:[:/?#]|$)"
    r"|https?://feeds\.[^/?#]*/(?:~r|~ff|~a)/|https?://[^?#]*/(?:piwik|matomo)\.php",
    re.IGNORECASE,
)


def resolve(url: str, base: str | None, schemes: frozenset[str]) -> str:
    """Return *url* as an address safe to write, or "" when there is none.

    Relative addresses are joined to *base* when that is http(s), and kept as they are
    otherwise (a picture in a folder drop is named relative to its file). Addresses with a
    scheme outside *schemes* are refused; control characters are removed first, because
    browsers ignore them (WHATWG URL, basic URL parser).
    """
    if (whole := _WHOLE.fullmatch(url)) and "http" in schemes:
        return without_tracking(url) if whole[1] else url
    url = _UNSEEN.sub("", url).strip()
    if url.startswith("//"):
        url = "https:" + url
    named = _SCHEME.match(url)
    if named is None and base is not None and url:
        url = _joined(base, url)
        named = _SCHEME.match(url)
    if named is not None and (named[1].lower() not in schemes or not _is_whole(url)):
        return ""
    return without_tracking(url)


@lru_cache(maxsize=1024)
def _joined(base: str, url: str) -> str:
    if not base.lower().startswith(("http://", "https://")):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def _is_whole(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) if parts.scheme in ("http", "https") else bool(parts.path)
    except ValueError:
        return False


def without_tracking(url: str) -> str:
    """Return *url* without the parameters that only tell who sent the reader (utm_*, fbclid…)."""
    head, hash_mark, fragment = url.partition("#")
    path, mark, query = head.partition("?")
    if not mark:
        return url
    kept = "&".join([pair for pair in query.split("&") if not _TRACKING.match(pair)])
    if kept == query:
        return url
    return path + ("?" + kept if kept else "") + hash_mark + fragment


def is_pixel(url: str) -> bool:
    """Whether *url* belongs to what serves only counting pixels."""
    return bool(_PIXEL.match(url))


@lru_cache(maxsize=1024)
def canonical(url: str) -> str:
    """Return the one form under which two spellings of an http(s) address are equal, or "".

    https, host in lower case without "www." and default port, no tracking parameters, no
    fragment, no trailing slash. Anything but an http(s) address gives "".
    """
    if "/" not in url:
        return ""
    try:
        parts = urlsplit(without_tracking(_UNSEEN.sub("", url).strip()))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    place = host.removeprefix("www.") + (f":{port}" if port not in (None, 80, 443) else "")
    return urlunsplit(("https", place, parts.path.rstrip("/"), parts.query, ""))


def absolute(origin: str, path: str) -> str:
    """Return the address of a path of ours as programs read it: percent-encoded (RFC 3986)."""
    return origin + quote(path, safe="/%:@!$&'()*+,;=~-._")
