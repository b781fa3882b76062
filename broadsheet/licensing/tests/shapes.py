"""The shapes of ninjs 3.0 and NewsML-G2 as far as we write them, told in our own words."""

from lxml import etree

NAR = "{http://iptc.org/std/nar/2006-10-01/}"
TEXT = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "format": "date-time"}
URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"}


def closed(required=(), **properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
    }


def many(shape):
    return {"type": "array", "items": shape, "minItems": 1}


RENDITION = closed(
    ("name",), name=TEXT, href=URI, contentType=TEXT,
    width={"type": "number"}, height={"type": "number"},
)  # fmt: skip
COMMON = {
    "uri": URI,
    "type": {"enum": ["text", "picture"]},
    "representationType": {"enum": ["full", "partial"]},
    "version": TEXT,
    "versionCreated": MOMENT,
    "firstCreated": MOMENT,
    "embargoedUntil": MOMENT,
    "expires": MOMENT,
    "pubStatus": {"enum": ["usable", "withheld", "canceled"]},
    "urgency": {"type": "integer", "minimum": 1, "maximum": 9},
    "copyrightHolder": TEXT,
    "copyrightNotice": TEXT,
    "usageTerms": TEXT,
    "edNote": TEXT,
    "language": TEXT,
    "headlines": many(closed(("value",), role=TEXT, contentType=TEXT, value=TEXT)),
    "descriptions": many(closed(("value",), role=TEXT, contentType=TEXT, value=TEXT)),
    "bodies": many(
        closed(("value",), role=TEXT, contentType=TEXT, value=TEXT, wordCount={"type": "integer"})
    ),
    "by": TEXT,
    "located": TEXT,
    "subjects": many(closed(name=TEXT, uri=URI)),
    "infoSources": many(closed(name=TEXT, role=TEXT, uri=URI)),
    "altIds": many(closed(role=TEXT, value=TEXT)),
    "trustIndicators": many(closed(role=URI, title=TEXT, href=URI)),
    "standard": closed(name=TEXT, version=TEXT, schema=URI),
    "renditions": many(RENDITION),
}
NINJS = closed(
    ("uri",), **COMMON, associations=many(closed(("name", "uri"), name=TEXT, **COMMON))
)  # fmt: skip

ORDER = {
    "newsItem": ("catalogRef", "catalog", "rightsInfo", "itemMeta", "contentMeta", "contentSet"),
    "itemMeta": (
        "itemClass", "provider", "versionCreated", "firstCreated", "embargoed", "pubStatus",
        "edNote", "signal", "expires", "link",
    ),
    "contentMeta": (
        "urgency", "contentCreated", "contentModified", "located", "infoSource", "creator",
        "altId", "language", "subject", "headline", "dateline", "by", "creditline", "description",
    ),
    "rightsInfo": ("copyrightHolder", "copyrightNotice", "usageTerms"),
    "header": ("sent", "catalogRef", "catalog", "sender", "transmitId"),
    "contentSet": ("inlineXML", "remoteContent"),
}  # fmt: skip
REQUIRED = {
    "newsItem": ("itemMeta",),
    "itemMeta": ("itemClass", "provider", "versionCreated"),
    "header": ("sent",),
}


def check_newsmlg2(data):
    """The order and the presence that the XML Schema asks for. Returns the newsItems."""
    root = etree.fromstring(data)
    assert root.tag == f"{NAR}newsMessage"
    assert [child.tag for child in root] == [f"{NAR}header", f"{NAR}itemSet"]
    for element in root.iter():
        name = str(element.tag).removeprefix(NAR)
        inner = [str(child.tag).removeprefix(NAR) for child in element]
        if name in ORDER:
            assert set(inner) <= set(ORDER[name]), (name, inner)
            assert inner == sorted(inner, key=ORDER[name].index), (name, inner)
        assert set(REQUIRED.get(name, ())) <= set(inner), name
    items = root.findall(f"{NAR}itemSet/{NAR}newsItem")
    for item in items:
        assert item.get("guid") and item.get("standardversion") and int(item.get("version")) > 0
        assert item.get("standard") == "NewsML-G2" and item.get("conformance") == "power"
    return items
