"""What a browser says of itself, in words a reader knows."""

from dataclasses import dataclass

from ua_parser import parse

PLAIN = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "HeadlessChrome": "Chrome",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
    "Mac OS X": "macOS",
    "Chrome OS": "ChromeOS",
}
"""Families of the parser's catalogue (uap-core) that readers know under another name."""

BY_DEVICE = ("iPhone", "iPad")
"""Devices better known than their operating system."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser and what it runs on; either is "" when the browser does not say."""

    name: str
    system: str


def browser(user_agent: str) -> Browser:
    """Read a User-Agent field (RFC 9110, 10.1.5). A claim, not a fact: shown, never trusted."""
    said = parse(user_agent)
    name = said.user_agent.family if said.user_agent else ""
    system = said.os.family if said.os else ""
    if said.device and said.device.family in BY_DEVICE:
        system = said.device.family
    return Browser(PLAIN.get(name, name), PLAIN.get(system, system))
