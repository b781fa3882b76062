from dataclasses import replace
from typing import Any

import pytest

from broadsheet.look.strict import render
from broadsheet.look.tests import cast


def page(
    variant: str = "full", *, gated: bool = True, show_ads: bool = True, **changes: Any
) -> str:
    names = {
        "article": cast.article(**changes),
        "variant": variant,
        "gated": gated,
        "counted": gated,
        "gives": gated,
        "place_script": "/static/look/place.js",
        "head": cast.HEAD,
    }
    return render("press/article.html", cast.common(show_ads=show_ads) | names)


def test_the_gated_text_stands_in_the_paywall(asked_in_vain: list[str]) -> None:
    full = page()
    assert full.count('class="paywall"') == 1
    assert full.index(cast.OPEN) < full.index('class="paywall"') < full.index(cast.GATED)
    assert "<!--wall-->" not in full


def test_an_open_article_has_no_paywall(asked_in_vain: list[str]) -> None:
    full = page(gated=False)
    assert cast.GATED in full
    assert "paywall" not in full


def test_a_teaser_has_one_place_for_the_wall_and_no_gated_text(asked_in_vain: list[str]) -> None:
    teaser = page("teaser")
    assert teaser.count("<!--wall-->") == 1
    assert cast.OPEN in teaser
    assert cast.GATED not in teaser


@pytest.mark.parametrize("variant", ["full", "teaser"])
def test_it_says_who_wrote_and_what_changed(variant: str, asked_in_vain: list[str]) -> None:
    text = page(variant)
    said = ("reworked by our staff", "It was 41, not 44.", "17 October 2025 08:12 IST")
    marked = ("Published <time", "Changed <time", "Maren Oduya", "Ilse Varga/Courier")
    assert [words for words in (*said, *marked) if words not in text] == []


def test_a_correction_stands_before_the_text_and_a_clarification_after_it() -> None:
    full = page()
    assert full.index("Correction <time") < full.index(cast.OPEN)
    assert full.index(cast.GATED) < full.index("Clarification <time")


@pytest.mark.parametrize("variant", ["full", "teaser"])
@pytest.mark.parametrize("gated", [True, False])
def test_no_ads_means_none(variant: str, gated: bool, asked_in_vain: list[str]) -> None:
    assert "House ad" not in page(variant, gated=gated, show_ads=False)
    assert "House ad" in page(variant, gated=gated)


def test_a_headline_from_the_wire_is_text_and_never_markup(asked_in_vain: list[str]) -> None:
    text = page(card=replace(cast.card(3), headline="<script>x</script> & {{free_limit}}"))
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_the_shell_is_small() -> None:
    assert len(page().encode()) < 12_000
