"""HTML that came from elsewhere: made safe, read as text, divided, compared.

Everything here is a pure function of its arguments. The allowlist and the shape of what
comes out are in ``sanitising`` and ``writer``; reading and dividing in ``reading``; the
content hash in ``hashing``.
"""

from broadsheet.kit.html.bounding import slimmed, within
from broadsheet.kit.html.hashing import content_hash
from broadsheet.kit.html.pictures import PictureInside, pictures_inside, without_pictures
from broadsheet.kit.html.reading import cut, linear, paragraphs, plain, teaser, words
from broadsheet.kit.html.sanitising import from_text, sanitise
from broadsheet.kit.html.urls import absolute, canonical, resolve, without_tracking

__all__ = [
    "PictureInside",
    "absolute",
    "canonical",
    "content_hash",
    "cut",
    "from_text",
    "linear",
    "paragraphs",
    "pictures_inside",
    "plain",
    "resolve",
    "sanitise",
    "slimmed",
    "teaser",
    "within",
    "without_pictures",
    "without_tracking",
    "words",
]
