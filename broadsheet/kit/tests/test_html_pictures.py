from broadsheet.kit.html import plain, without_pictures


def test_a_figure_goes_with_its_caption_and_the_text_stays():
    html = (
        "<p>Before.</p><figure><img src='https://a.example/b.jpg'>"
        "<figcaption>A quay.</figcaption></figure><p>After.</p>"
    )
    assert without_pictures(html) == "<p>Before.</p><p>After.</p>"


def test_a_picture_within_a_sentence_leaves_the_sentence():
    html = '<p>One <img src="https://a.example/b.jpg" alt="x"> two.</p>'
    assert plain(without_pictures(html)).split() == ["One", "two."]


def test_a_body_without_pictures_is_the_same():
    assert without_pictures("<p></p><p>Text</p>") == "<p></p><p>Text</p>"
