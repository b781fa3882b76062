from broadsheet.kit.html import from_text, plain, words


def test_tags_go_and_entities_are_read() -> None:
    assert plain("<p>Q&amp;A: <b>caf&eacute;</b>&nbsp;open</p>") == "Q&A: café open"


def test_each_block_is_a_line() -> None:
    assert plain("<p>One</p><ul><li>two</li><li>three</li></ul>") == "One\ntwo\nthree"


def test_scripts_are_not_text() -> None:
    assert plain("<p>One<script>two()</script></p>") == "One"


def test_a_word_may_be_partly_marked() -> None:
    assert words("<p>un<em>believ</em>able news</p>") == 2


def test_every_chinese_character_counts() -> None:
    assert words("<p>新聞 today</p>") == 3


def test_text_that_looks_like_a_tag_stays_text() -> None:
    assert from_text("a <b> c") == "<p>a &lt;b&gt; c</p>"


def test_lines_that_were_only_wrapped_are_joined() -> None:
    text = "A first line that is long enough to have been wrapped by a machine\nhere. \nNext."
    assert from_text(text).count("<p>") == 2
