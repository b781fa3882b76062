"""Strategies for HTML as feeds send it: right, wrong and hostile."""

from hypothesis import strategies as st

_NAME_LIST = """
    p h1 h2 h4 blockquote ul ol li figure figcaption table caption thead tbody tr td th div
    section a em strong b i sub code pre br hr img script style form svg math iframe span q
    noscript template title button nobr
"""
_NAMES = _NAME_LIST.split()
_ATTRIBUTES = (
    "",
    ' href="http://x.example/y?utm_source=1&b=2"',
    ' href="javascript:alert(1)"',
    ' src="/a.png"',
    ' src="http://p.example/x.gif" width=1 height=1',
    ' class=x onclick="x()"',
    ' colspan=2 href="&quot;><b"',
    ' src="data:x" data-src="/q.png" alt="a < b & \' x"',
)
_TEXTS = (
    "one two ", " ", "\n\n", "&amp;", "&lt;b&gt;", "&nbsp;", "\x00", "\x01", "<!-- c -->", "<",
    "]]>", "<![CDATA[z]]>", "…", "A sentence ends. Here another begins. ", "\u2028", "新聞です",
)  # fmt: skip
_opening = st.builds(
    lambda name, attributes: f"<{name}{attributes}>",
    st.sampled_from(_NAMES),
    st.sampled_from(_ATTRIBUTES),
)
_closing = st.sampled_from(_NAMES).map(lambda name: f"</{name}>")
_pieces = st.one_of(_opening, _closing, st.sampled_from(_TEXTS), st.text(max_size=6))
documents = st.lists(_pieces, max_size=25).map("".join)
"""HTML in any state of repair."""

_words = st.text(alphabet="abcdeé", min_size=1, max_size=6)
_sentences = st.lists(_words, min_size=1, max_size=12).map(lambda ws: " ".join(ws) + ".")
_paragraphs = st.lists(_sentences, min_size=1, max_size=5).map(lambda ss: f"<p>{' '.join(ss)}</p>")
bodies = st.lists(_paragraphs, max_size=9).map("".join)
"""Bodies as they should be."""
