"""What machines are told of a picture (schema.org ImageObject)."""

from typing import Any

from broadsheet.look.parts import PictureView

DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""IPTC NewsCodes "Digital Source Type": the codes are written below this address."""


def image_object(picture: PictureView, origin: str) -> dict[str, Any]:
    """An ImageObject with what the picture's owner asks to be said; only what is known."""
    address, source = origin + picture.src, picture.digital_source
    told: dict[str, Any] = {
        "@type": "ImageObject",
        "url": address,
        "contentUrl": address,
        "width": picture.width,
        "height": picture.height,
        "caption": picture.caption,
        "creditText": picture.credit,
        "creator": {"@type": "Person", "name": picture.byline} if picture.byline else None,
        "copyrightNotice": picture.copyright_notice,
        "acquireLicensePage": picture.licence_page,
        "digitalSourceType": DIGITAL_SOURCE + source if source else "",
    }
    return {name: value for name, value in told.items() if value}
