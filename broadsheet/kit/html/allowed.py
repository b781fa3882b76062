"""What may stand in a body: the allowlist, and how each element behaves."""

HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
SECTIONS = frozenset({"thead", "tbody", "tfoot"})
CELLS = frozenset({"td", "th"})
LISTS = frozenset({"ul", "ol"})
INLINES = frozenset({"a", "em", "strong", "b", "i", "sub", "sup", "code"})
BLOCKS = (
    frozenset({"p", "pre", "blockquote", "li", "figure", "figcaption", "table", "caption", "tr"})
    | frozenset(HEADINGS.values())
    | SECTIONS
    | CELLS
    | LISTS
)
"""The block elements that are written out."""

_BOUNDARIES = """
    address article aside body center dd details dialog dir div dl dt fieldset footer header
    hgroup html legend main menu nav search section summary
"""
BOUNDARIES = frozenset(_BOUNDARIES.split())
"""Elements that are not written but separate one paragraph from the next."""

LOCKED = frozenset({"h2", "h3", "h4", "pre", "caption"})
"""Blocks that hold inline content only."""

_DROPPED = """
    script style iframe form svg math object embed applet audio video canvas select textarea
    button template noscript noembed noframes title frameset xmp plaintext
"""
DROPPED = frozenset(_DROPPED.split())
"""Elements that go together with all they contain."""

VOID = frozenset({"br", "hr", "img"})
PLAYERS = frozenset({"iframe", "video"})
"""Elements in whose place a link or a still is written; their content goes."""

KEPT = BLOCKS | INLINES | BOUNDARIES | VOID | HEADINGS.keys() | PLAYERS | {"q"}
"""What the first pass lets through to the writer."""

BREAKING = BLOCKS | BOUNDARIES | HEADINGS.keys() | {"br", "hr"}
"""Elements at which a line of plain text ends."""

LAZY_SOURCES = (
    *("data-src", "data-lazy-src", "data-original", "data-orig-file"),
    *("src", "data-srcset", "data-lazy-srcset", "srcset"),
)
"""Where a picture's address may stand, the first usable one winning. What a script would put
in place of ``src`` goes before it, because ``src`` is then a placeholder."""

ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href", "rel"},
    "img": {"alt", "width", "height", *LAZY_SOURCES},
    "iframe": {"src", "data-src"},
    "video": {"poster"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
RELS = frozenset({"nofollow", "noopener", "noreferrer", "sponsored", "ugc"})
