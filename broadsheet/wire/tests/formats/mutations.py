"""Strategies that spoil a document: cut, doubled, swapped, spliced, nested, swollen, bombed."""

from hypothesis import strategies as st

_TOKENS = (
    b"<", b">", b"&", b"/>", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"?>", b"<item>",
    b"</item>", b"<entry>", b"</entry>", b"</channel>", b"\0", b"\xff", b"\xed\xa0\x80", b'"',
    b"'", b"&#xd800;", b"&#x110000;", b"&#0;", b"&#150;", b"&lol;", b"&nbsp;", b"&eacute;",
    b"&amp;amp;", b"null", b"[", b"{", b"}", b"]", b",", b"\\ud800", b"\\u0000", b"1e999", b"NaN",
    b"<script>", b"</script>", b"<iframe src='x'/>", b"<noscript>", b"<br>", b"<p>", b"</div>",
    b"<table><tr>", b"<svg><style>", b"<x:y z:a='b'>", b"xmlns=''", b"{{x}}", b"\xe2\x80\xae",
    b"\xfe\xff", b"\xef\xbb\xbf", b"javascript:", b"EDS: kill item hw 157", b"9999-12-31T25:61:61Z",
    b" +99:99", b"http://[::1", b"//", b"data:x", b"\x02", b"\x03", b"\r\n", b"%00", b"\xc2\x92",
)  # fmt: skip
_NESTED = (b"<b>", b"<div>", b"<item>", b"<media:group>", b"[", b'{"a":', b"<blockquote>", b"<ul>")
_LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 9)
)


def _bomb(kind: int, canary: str) -> bytes:
    """A document type declaration that asks for far too much, or for somebody else's file."""
    outside = canary.encode()
    return (
        b'<!DOCTYPE r [<!ENTITY l0 "lol">%s]>' % _LAUGHS,
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "%s">]>' % outside,
        b'<!DOCTYPE r [<!ENTITY %% p SYSTEM "%s"> %%p;]>' % outside,
        b'<!DOCTYPE r SYSTEM "%s">' % outside,
        b'<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>',
        b'<!DOCTYPE r [<!ENTITY lol "%s">]>' % (b"x" * 20_000),
    )[kind]


@st.composite
def spoilt(draw: st.DrawFn, seeds: tuple[bytes, ...], canary: str = "file:///dev/null") -> bytes:
    """One of *seeds*, spoilt one to six times; *canary* is the address that bombs ask for."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 6))):
        data = _spoilt_once(draw, data, canary)
    return data[:60_000]


def _spoilt_once(draw: st.DrawFn, data: bytes, canary: str) -> bytes:
    start = draw(st.integers(0, len(data)))
    end = min(len(data), start + draw(st.integers(0, 40)))
    head, part, tail = data[:start], data[start:end], data[end:]
    way = draw(st.integers(0, 9))
    if way == 0:
        return head
    if way == 1:
        return head + part * draw(st.sampled_from((2, 3, 200))) + tail
    if way == 2:
        return part + head + tail
    if way == 3:
        return head + draw(st.sampled_from(_NESTED)) * draw(st.sampled_from((3, 60, 2000))) + tail
    if way == 4:
        return head + b' a="' + b"y " * draw(st.sampled_from((10, 9000))) + b'"' + tail
    if way == 5:
        bomb = _bomb(draw(st.integers(0, 5)), canary)
        return bomb + data.replace(b"rained", draw(st.sampled_from((b"&l8;", b"&x;", b"&lol;"))))
    if way == 6:
        return head + draw(st.binary(max_size=8)) + tail
    return head + draw(st.sampled_from(_TOKENS)) + tail
