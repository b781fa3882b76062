"""Picture files from elsewhere: what they are, and what they say of themselves.

Nothing is decoded before its size is known to be harmless, and nothing in a file is believed
beyond text: IPTC Photo Metadata Standard 2023.2 from the XMP packet, else IIM, else Exif.
"""

import io
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree
from PIL import ExifTags, Image, IptcImagePlugin, UnidentifiedImageError
from PIL.ImageFile import ImageFile

MOST_PIXELS = 60_000_000
MOST_PACKET = 256 * 1024
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}

LENGTHS = {
    "caption": 500, "credit": 200, "byline": 200, "copyright_notice": 300, "terms": 500,
    "licence_page": 500, "digital_source": 50, "taken": 40, "description": 255,
}  # fmt: skip
"""What the file may say, and how much of it is kept."""

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls, those of writing direction too: text of a file could reverse what stands beside it."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMES = {
    "credit": "{http://ns.adobe.com/photoshop/1.0/}Credit",
    "taken": "{http://ns.adobe.com/photoshop/1.0/}DateCreated",
    "caption": "{http://purl.org/dc/elements/1.1/}description",
    "byline": "{http://purl.org/dc/elements/1.1/}creator",
    "copyright_notice": "{http://purl.org/dc/elements/1.1/}rights",
    "terms": "{http://ns.adobe.com/xap/1.0/rights/}UsageTerms",
    "licence_page": "{http://ns.useplus.org/ldf/xmp/1.0/}LicensorURL",
    "digital_source": "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType",
    "description": "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility",
}
"""Properties of the IPTC Photo Metadata Standard by their XMP names."""

IIM = {
    "byline": (2, 80), "taken": (2, 55), "credit": (2, 110), "copyright_notice": (2, 116),
    "caption": (2, 120),
}  # fmt: skip
"""The same by their IIM datasets (IPTC-NAA Information Interchange Model 4.2)."""

EXIF = {
    "caption": ExifTags.Base.ImageDescription, "byline": ExifTags.Base.Artist,
    "copyright_notice": ExifTags.Base.Copyright,
}  # fmt: skip


class PictureUnreadable(Exception):
    """The bytes are no picture that we take; the message says why."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture file that can be shown. `embedded` is what it says, by the names of LENGTHS."""

    suffix: str
    width: int
    height: int
    embedded: Mapping[str, str] = field(default_factory=dict)


def examine(data: bytes) -> PictureFile:
    """Look at a picture: its header first, then the whole of it. Raises PictureUnreadable.

    Drawings (SVG) are refused: they are programs. A picture of more than 60 million pixels is
    refused before it is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                if image.width * image.height * getattr(image, "n_frames", 1) > MOST_PIXELS:
                    raise PictureUnreadable("It has more than 60 million pixels.")
                image.load()  # A good header before damaged data must not stop us later.
                found = PictureFile(
                    FORMATS[image.format or ""], image.width, image.height, metadata(image)
                )
        except PictureUnreadable:
            raise
        except UnidentifiedImageError:
            raise PictureUnreadable("It is no JPEG, PNG, WebP or GIF.") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise PictureUnreadable(f"It cannot be read as a picture: {error}") from error
    return found


def metadata(image: Image.Image) -> dict[str, str]:
    """What an opened picture says of itself; the place where it was taken is left out."""
    said: dict[str, str] = {}
    for read in (_from_exif, _from_iim, _from_xmp):
        said |= {name: text for name, text in _guarded(read, image).items() if text}
    said["digital_source"] = said.get("digital_source", "").rstrip("/").rpartition("/")[2]
    if urlsplit(said.get("licence_page", "")).scheme not in ("http", "https"):
        said.pop("licence_page", None)
    cut = {name: _line(said.get(name, ""))[:most] for name, most in LENGTHS.items()}
    return {name: text for name, text in cut.items() if text}


def _line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def _guarded(read: Callable[[Image.Image], dict[str, str]], image: Image.Image) -> dict[str, str]:
    """Damaged metadata is no metadata: a picture is not refused for it."""
    try:
        return read(image)
    except (ValueError, KeyError, TypeError, OSError, SyntaxError, IndexError, etree.LxmlError):
        return {}


def _from_exif(image: Image.Image) -> dict[str, str]:
    exif = image.getexif()
    said = {name: _text(exif.get(tag)) for name, tag in EXIF.items()}
    taken = _text(exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal))
    day, _, hour = taken.partition(" ")
    return said | {"taken": f"{day.replace(':', '-')} {hour}".strip()}


def _from_iim(image: Image.Image) -> dict[str, str]:
    found = IptcImagePlugin.getiptcinfo(image) if isinstance(image, ImageFile) else None
    found = found or {}
    said = {}
    for name, dataset in IIM.items():
        value = found.get(dataset)
        parts = value if isinstance(value, list) else [value]
        said[name] = ", ".join(_text(part) for part in parts if part)
    return said


def _from_xmp(image: Image.Image) -> dict[str, str]:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    data = packet.encode() if isinstance(packet, str) else bytes(packet)
    if not data or len(data) > MOST_PACKET:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data.strip(b"\0 \n"), parser)
    return {name: _property(root, tag) for name, tag in NAMES.items()}


def _property(root: etree._Element, tag: str) -> str:
    """A property as an element (its alternatives in order, default first) or as an attribute."""
    for element in root.iter(tag):
        items = [item for item in element.iter(f"{{{RDF}}}li") if item.text]
        if items and element.find(f"{{{RDF}}}Alt") is not None:
            return str(items[0].text)
        if items:
            return ", ".join(str(item.text) for item in items)
        return str(element.get(f"{{{RDF}}}resource") or element.text or "")
    return next((str(e.get(tag)) for e in root.iter("{*}*") if e.get(tag)), "")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode().strip("\0 ")
        except UnicodeDecodeError:
            return value.decode("cp1252", "replace").strip("\0 ")
    return value.strip("\0 ") if isinstance(value, str) else ""
