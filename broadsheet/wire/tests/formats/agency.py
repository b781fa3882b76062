"""Small agency documents of invented news, one builder and one whole document per format."""

from broadsheet.wire.tests.formats.feeds import STORY

_G2 = "http://iptc.org/std/nar/2006-10-01/"
META = (
    '<itemMeta><itemClass qcode="ninat:text"/><provider><name>Harbour Wire</name></provider>'
    "<versionCreated>2024-05-03T09:00:00+05:30</versionCreated>"
    "<firstCreated>2024-05-03T08:12:00+05:30</firstCreated>{}</itemMeta>"
)
ABOUT = "<contentMeta><headline>Ferry sails again</headline>{}</contentMeta>"
XHTML = (
    '<contentSet><inlineXML contenttype="application/xhtml+xml">'
    '<html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html></inlineXML></contentSet>'
)


def g2(inner: str, *, name: str = "newsItem", guid: str = "urn:g2:1", version: int = 1) -> str:
    """One item of NewsML-G2."""
    return (
        f'<{name} xmlns="{_G2}" guid="{guid}" version="{version}" standard="NewsML-G2"'
        f' xml:lang="en-GB">{inner}</{name}>'
    )


def g2_text(
    meta: str = "", about: str = "", content: str = XHTML.format(STORY), guid: str = "urn:g2:1"
) -> str:
    """A text item with the usual fields, and more where given."""
    return g2(META.format(meta) + ABOUT.format(about) + content, guid=guid)


def g2_picture(guid: str = "urn:g2:p1", meta: str = "", credit: str = "Pat Quay/Harbour") -> str:
    """A picture item in three sizes."""
    sizes = ((480, "web"), (2400, "high"), (6000, "original"))
    files = "".join(
        f'<remoteContent rendition="rnd:{name}" href="https://pics.example/{guid[-2:]}-{name}.jpg"'
        f' contenttype="image/jpeg" width="{width}" height="{width // 2}"/>'
        for width, name in sizes
    )
    return g2(
        f"<rightsInfo><usageTerms>No sales from {guid[-2:]}</usageTerms></rightsInfo>"
        + META.format(meta).replace("ninat:text", "ninat:picture")
        + f"<contentMeta><creditline>{credit}</creditline><headline>At the quay</headline>"
        f'<description role="drol:caption">The ferry, {guid[-2:]}</description></contentMeta>'
        f"<contentSet>{files}</contentSet>",
        guid=guid,
    )


def message(*items: str, header: str = "") -> bytes:
    """A message of NewsML-G2."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<newsMessage xmlns="{_G2}"><header>'
        f"<sent>2024-05-03T03:40:00Z</sent>{header}</header>"
        f"<itemSet>{''.join(items)}</itemSet></newsMessage>"
    ).encode()


def nitf(head: str = "", body_head: str = "", content: str = STORY, doctype: str = "") -> bytes:
    """A NITF document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<nitf baselang="en-GB"><head>'
        f"<title>Ferry sails</title>{head}</head><body><body.head>{body_head}</body.head>"
        f"<body.content>{content}</body.content></body></nitf>"
    ).encode()


HEDLINE = "<hedline><hl1>Ferry sails again</hl1></hedline>"
DOCDATA = '<docdata {}><doc-id id-string="h.1" regsrc="HW"/>{}</docdata>'

_NEWSML1 = (
    '<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<NewsML Version="1.2"><NewsEnvelope>'
    "<DateAndTime>20240503T034000Z</DateAndTime></NewsEnvelope>{items}</NewsML>"
)
IDENTITY = (
    "<Identification><NewsIdentifier><ProviderId>harbour.example</ProviderId>"
    "<DateId>20240503</DateId><NewsItemId>{id}</NewsItemId>"
    '<RevisionId PreviousRevision="0" Update="N">{revision}</RevisionId>'
    "<PublicIdentifier>urn:newsml:harbour.example:20240503:{id}:{revision}N</PublicIdentifier>"
    "</NewsIdentifier></Identification>"
)
MANAGEMENT = (
    '<NewsManagement><NewsItemType FormalName="News"/>'
    "<FirstCreated>20240503T081200+0530</FirstCreated>"
    "<ThisRevisionCreated>20240503T090000+0530</ThisRevisionCreated>"
    '<Status FormalName="{status}"/><Urgency FormalName="3"/>{more}</NewsManagement>'
)
TEXT = (
    '<NewsComponent><Role FormalName="Main"/><ContentItem><MediaType FormalName="Text"/>'
    "<DataContent><nitf><body><body.content>{}</body.content></body></nitf></DataContent>"
    "</ContentItem></NewsComponent>"
)
LINES = "<NewsLines><HeadLine>Ferry sails again</HeadLine>{}</NewsLines>"


def newsml1_item(
    component: str = LINES.format("") + TEXT.format(STORY),
    *,
    status: str = "Usable",
    more: str = "",
    id: str = "ferry",
    revision: int = 1,
) -> str:
    """One NewsItem of NewsML 1.2."""
    identity = IDENTITY.format(id=id, revision=revision)
    management = MANAGEMENT.format(status=status, more=more)
    inner = f'<NewsComponent xml:lang="en-GB">{component}</NewsComponent>' if component else ""
    return f"<NewsItem>{identity}{management}{inner}</NewsItem>"


def newsml1(*items: str, doctype: str = "") -> bytes:
    """A NewsML 1.2 document."""
    return _NEWSML1.format(doctype=doctype, items="".join(items)).encode()


TELEX = (
    "\x16\x16\x01hwe0012 3 i 35  harbour 0045\r\r\n"
    "Islands/ferries/\r\r\n"
    "\x02Ferry sails again =\r\r\n\r\r\n"
    "   Port Ellen (hw) - The ferry to Port Ellen will sail again on Friday,\r\r\n"
    "the harbour master said.\r\r\n"
    "   It had been in dock since the storm of March.\r\r\n\r\r\n"
    "\x03031212 GMT May 24\r\r\n\x04"
)
"""One message as IPTC 7901 frames it."""

ANPA = (
    "\x16\x16\x01W2870\x1fisles-----\n"
    "r i\x13\x11 BC-UK--Islands-Ferry 1stLd-Writethru   05-03 0035\n"
    "\x02^BC-UK--Islands-Ferry, 1st Ld-Writethru,035<\n"
    "^Ferry sails again<\n"
    "^Eds: With HW Photos.<\n"
    "^The ferry to Port Ellen is out of dock.<\n"
    "^By ANN LEE=\n"
    "^Harbour Writer=\n"
    "\t   PORT ELLEN (HW) _ The ferry to Port Ellen ``will sail'' again on Friday, the harbour"
    " master said. \n"
    "\t   It had been in dock _ since the storm of March. \n \n"
    "\x03AP-WF-05-03-24 1509GMT<\n\x04"
)
"""One report as ANPA 1312 frames it."""

SEEDS = (
    message(g2_text(about="<by>By Ann Lee</by>"), g2_picture()),
    g2_text(meta="<embargoed/><signal qcode='sig:correction'/>").encode(),
    nitf(DOCDATA.format("", '<urgency ed-urg="2"/>'), HEDLINE),
    newsml1(newsml1_item(), newsml1_item(id="quay", status="Canceled")),
    TELEX.encode("latin-1"),
    ANPA.encode("latin-1"),
)
"""Whole documents to start a fuzz from, one or two per format."""
