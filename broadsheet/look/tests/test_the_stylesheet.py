import re

from broadsheet.look import stylesheet


def test_the_built_file_is_what_its_sources_say() -> None:
    assert stylesheet.BUILT.read_text(encoding="utf-8") == stylesheet.stylesheet()


def test_it_asks_nobody_else_for_anything() -> None:
    css = stylesheet.stylesheet()
    assert not re.search(r"url\(|@import|@font-face|https?:|//", css)


def test_the_layers_are_named_first_and_in_order() -> None:
    css = stylesheet.stylesheet()
    named = css.index("@layer reset,base,parts,page;")
    opened = [css.index(f"@layer {layer}{{") for layer in stylesheet.LAYERS]
    assert [named, *opened] == sorted([named, *opened])


def test_every_brace_is_closed() -> None:
    css = stylesheet.stylesheet()
    assert css.count("{") == css.count("}")
    assert "/*" not in css


def test_every_property_that_is_used_is_defined() -> None:
    css = stylesheet.stylesheet()
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    assert used <= set(re.findall(r"(--[\w-]+):", css))


def test_it_stays_light_enough_for_a_phone() -> None:
    assert len(stylesheet.stylesheet().encode()) <= 30_000
