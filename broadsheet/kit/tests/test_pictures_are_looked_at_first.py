"""A picture file is measured before it is decoded, and what it says of itself is only text."""

import io
import struct
import zlib

import pytest
from PIL import Image

from broadsheet.kit.pictures import PictureUnreadable, examine

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 photoshop:Credit="Quill/Ann Sand" photoshop:DateCreated="2026-11-20T06:12:00+05:30">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Cranes at Sarre &amp; beyond.</rdf:li>
<rdf:li xml:lang="de">Kräne in Sarre.</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Ann Sand</rdf:li><rdf:li>Bo Reed</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© 2026 Quill</rdf:li></rdf:Alt></dc:rights>
<rights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">No sales.</rdf:li></rdf:Alt>
</rights:UsageTerms>
<core:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">Two cranes.</rdf:li></rdf:Alt>
</core:AltTextAccessibility>
<ext:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture</ext:DigitalSourceType>
<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">
<plus:LicensorURL>https://quill.example/buy</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""

SAID = {
    "caption": "Cranes at Sarre & beyond.",
    "credit": "Quill/Ann Sand",
    "byline": "Ann Sand, Bo Reed",
    "copyright_notice": "© 2026 Quill",
    "terms": "No sales.",
    "licence_page": "https://quill.example/buy",
    "digital_source": "digitalCapture",
    "taken": "2026-11-20T06:12:00+05:30",
    "description": "Two cranes.",
}


def picture(kind="JPEG", size=(60, 40), **options):
    data = io.BytesIO()
    Image.new("RGB", size, "navy").save(data, kind, **options)
    return data.getvalue()


def with_iim(jpeg, **datasets):
    """A JPEG with an IIM block (APP13, resource 0x0404)."""
    body = b"".join(
        struct.pack(">BBBH", 0x1C, 2, int(number[1:]), len(text)) + text
        for number, text in datasets.items()
    )
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(body)) + body + b"\0" * (len(body) % 2)
    segment = b"Photoshop 3.0\0" + resource
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_the_xmp_packet_says_is_read(kind):
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP)
        data = picture("PNG", pnginfo=info)
    else:
        data = picture(kind, xmp=XMP.encode())
    assert examine(data).embedded == SAID


def test_what_iim_says_is_read_where_xmp_is_silent():
    data = with_iim(
        picture(), d120="Fährhafen".encode(), d110=b"Quill", d80=b"Ann\xe9", d116=b"(c)"
    )
    assert examine(data).embedded == {
        "caption": "Fährhafen", "credit": "Quill", "byline": "Anné", "copyright_notice": "(c)",
    }  # fmt: skip
    both = with_iim(picture(xmp=XMP.encode()), d110=b"Older", d120=b"Older")
    assert examine(both).embedded == SAID


def test_what_exif_says_is_read_last_and_the_place_is_left_out():
    exif = Image.Exif()
    exif[0x8298], exif[0x013B], exif[0x010E] = "(c) Quill", "Ann", "Cranes"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 06:12:00"
    exif.get_ifd(0x8825)[2] = (53.0, 12.0, 4.0)
    said = examine(picture(exif=exif)).embedded
    assert said == {
        "caption": "Cranes", "byline": "Ann", "copyright_notice": "(c) Quill",
        "taken": "2026-11-20 06:12:00",
    }  # fmt: skip


def test_damaged_or_hostile_metadata_is_no_metadata():
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">'
        '<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<x xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">'
        "<photoshop:Credit>&f;</photoshop:Credit></x>"
    )
    assert examine(picture(xmp=b"<x:xmpmeta <<")).embedded == {}
    assert examine(picture(xmp=bomb.encode())).embedded == {}
    assert examine(with_iim(picture(), d120=b"x")[:-1] + b"\xd9").embedded == {"caption": "x"}
    link = XMP.replace("https://quill.example/buy", "javascript:alert(1)")
    assert "licence_page" not in examine(picture(xmp=link.encode())).embedded
    turned = XMP.replace("Two cranes.", "Two \u202esenarc.")
    assert examine(picture(xmp=turned.encode())).embedded["description"] == "Two senarc."


def test_long_texts_are_cut_to_what_is_kept():
    long = XMP.replace("Quill/Ann Sand", "Q" * 5000)
    assert len(examine(picture(xmp=long.encode())).embedded["credit"]) == 200


def test_case_04_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    """A PNG of 60,000 x 60,000 black pixels: 4 kB of file, 3.6 GB when decoded."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
    with pytest.raises(PictureUnreadable):
        examine(bomb + chunk(b"IEND", b""))
    with pytest.raises(PictureUnreadable, match="60 million"):
        examine(_gif_of(9000, 7000))


def _gif_of(width, height):
    """A GIF whose header claims a size that its data does not have."""
    return (
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
        + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00\x3b"
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>not found</html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"%PDF-1.4",
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(PictureUnreadable):
        examine(data)


def test_a_picture_that_breaks_off_is_refused():
    whole = picture(size=(400, 300))
    with pytest.raises(PictureUnreadable):
        examine(whole[: len(whole) // 2])


def test_other_formats_are_refused_even_if_they_could_be_read():
    for kind in ("BMP", "TIFF"):
        with pytest.raises(PictureUnreadable, match="JPEG, PNG, WebP or GIF"):
            examine(picture(kind))
