"""The demo's two invented agencies: they keep sending while the paper runs.

They are outside the paper: all they do is put files into folders that the paper watches, one
agency in ninjs 3, the other in RSS 2.0. What happens then is the real main flow.
"""

import json
import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from lxml import etree
from lxml.builder import E, ElementMaker

from broadsheet.demo.notation import to_html
from broadsheet.kit import clock

HERE = Path(__file__).resolve().parent
AGENCIES = ("northline", "corrant")
FORMATS = {"northline": "ninjs", "corrant": "rss"}
MEDIA = "http://search.yahoo.com/mrss/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
CREATOR = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True, slots=True)
class Sending:
    """One thing an agency sends, `minutes` after the demo's first start (negative: before)."""

    agency: str
    number: int
    minutes: float
    facts: dict[str, Any]

    @property
    def file_name(self) -> str:
        """The name of the file in the agency's folder."""
        return f"{self.number:03}.{'json' if FORMATS[self.agency] == 'ninjs' else 'xml'}"


@lru_cache(maxsize=2)
def sendings(agency: str) -> tuple[Sending, ...]:
    """Everything an agency will ever send, in order."""
    wire = tomllib.loads((HERE / "wire" / f"{agency}.toml").read_text())
    topics = tomllib.loads((HERE / "paper.toml").read_text())["topics"]
    sent = []
    for item in wire["items"]:
        facts = {k: v for k, v in item.items() if k != "versions"} | {"version": 1, "signal": ""}
        facts |= {
            "note": "",
            "agency": wire["name"],
            "topics": topics.get(item["section"].casefold(), []),
            "first": item["minutes"],
            "zone": wire["zone"],
        }
        sent.append(facts)
        for version in item.get("versions", []):
            facts = facts | version | {"version": facts["version"] + 1}
            sent.append(facts)
    sent.sort(key=lambda facts: facts["minutes"])
    return tuple(Sending(agency, n, facts["minutes"], facts) for n, facts in enumerate(sent, 1))


def folder_of(agency: str) -> Path:
    """The folder that the paper watches."""
    return Path(settings.HOME) / "demo" / agency


def start(at: datetime) -> None:
    """Open the agencies: folders with their pictures, the clock of the demo set to `at`."""
    for agency in AGENCIES:
        folder_of(agency).mkdir(parents=True, exist_ok=True)
        for sending in sendings(agency):
            picture = HERE / "pictures" / f"{sending.facts.get('picture')}.jpg"
            if picture.exists():
                shutil.copy(picture, folder_of(agency))
    state = {"started": at.isoformat(), "sent": dict.fromkeys(AGENCIES, 0)}
    _state_file().write_text(json.dumps(state))


def _state_file() -> Path:
    return Path(settings.HOME) / "demo" / "agencies.json"


def send_due() -> int:
    """Put what is due into the folders; returns how many files. Does nothing in other papers."""
    if not _state_file().exists():
        return 0
    state = json.loads(_state_file().read_text())
    started = datetime.fromisoformat(state["started"])
    minutes = (clock.now() - started).total_seconds() / 60
    sent = 0
    for agency in AGENCIES:
        for sending in sendings(agency):
            if state["sent"][agency] < sending.number and sending.minutes <= minutes:
                _send(sending, started)
                state["sent"][agency] = sending.number
                sent += 1
    if sent:
        _state_file().write_text(json.dumps(state))
    return sent


def _send(sending: Sending, started: datetime) -> None:
    """Written aside and renamed, as a good agency delivers."""
    path = folder_of(sending.agency) / sending.file_name
    aside = path.with_name(f".{path.name}.part")
    make = _ninjs if FORMATS[sending.agency] == "ninjs" else _rss
    aside.write_bytes(make(sending.facts, started))
    aside.rename(path)


def _moment(facts: dict[str, Any], started: datetime, minutes: float) -> datetime:
    at = started + timedelta(minutes=minutes)
    return at.astimezone(ZoneInfo(facts["zone"])).replace(microsecond=0)


def _ninjs(facts: dict[str, Any], started: datetime) -> bytes:
    withdrawn = facts["signal"] == "withdrawal"
    corrected = "CORRECTED: " if facts["signal"] == "correction" else ""
    item: dict[str, Any] = {
        "uri": facts["key"],
        "standard": {"name": "ninjs", "version": "3.0"},
        "type": "text",
        "version": str(facts["version"]),
        "versionCreated": _moment(facts, started, facts["minutes"]).isoformat(),
        "firstCreated": _moment(facts, started, facts["first"]).isoformat(),
        "pubStatus": "canceled" if withdrawn else "usable",
        "urgency": facts["urgency"],
        "language": "en-GB",
        "by": facts["byline"],
        "located": facts["dateline"],
        "edNote": facts["note"] if facts["signal"] else "",
        "infoSources": [{"name": facts["agency"]}],
        "subjects": [{"name": facts["section"]}, *({"code": code} for code in facts["topics"])],
        "headlines": [{"role": "main", "value": corrected + facts["headline"]}],
        "descriptions": [{"role": "summary", "value": facts["standfirst"]}],
        "bodies": [{"contentType": "text/html", "value": to_html(facts["body"])}],
    }
    if facts.get("picture"):
        item["associations"] = [_association(facts)]
    return json.dumps(item, ensure_ascii=False, indent=1).encode()


def _association(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "picture",
        "type": "picture",
        "uri": f"{facts['key']}:picture",
        "creditLine": facts["credit"],
        "headlines": [{"value": facts["caption"]}],
        "descriptions": [
            {"role": "caption", "value": facts["caption"]},
            {"role": "alt", "value": facts["alt"]},
        ],
        "renditions": [
            {"name": "main", "href": f"{facts['picture']}.jpg", "contentType": "image/jpeg"}
        ],
    }


def _rss(facts: dict[str, Any], started: datetime) -> bytes:
    names = {"media": MEDIA, "content": CONTENT, "dc": CREATOR}
    media = ElementMaker(namespace=MEDIA, nsmap=names)
    content = ElementMaker(namespace=CONTENT, nsmap=names)
    creator = ElementMaker(namespace=CREATOR, nsmap=names)
    parts = [
        E.title(facts["headline"]),
        E.guid(facts["key"], isPermaLink="false"),
        E.pubDate(format_datetime(_moment(facts, started, facts["minutes"]))),
        E.category(facts["section"]),
        E.description(facts["standfirst"]),
        creator.creator(facts["byline"] or facts["agency"]),
        content.encoded(to_html(facts["body"])),
    ]
    if facts.get("picture"):
        picture = media.content(
            media.credit(facts["credit"]),
            media.description(facts["caption"]),
            url=f"{facts['picture']}.jpg",
            type="image/jpeg",
            medium="image",
        )
        parts.append(picture)
    channel = E.channel(E.title(facts["agency"]), E.language("en-GB"), E.item(*parts))
    rss = E.rss(channel, version="2.0")
    return bytes(etree.tostring(rss, xml_declaration=True, encoding="utf-8"))
