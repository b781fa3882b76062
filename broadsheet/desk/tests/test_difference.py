from hypothesis import given
from hypothesis import strategies as st

from broadsheet.desk.differences import difference

WORDS = ["quay", "boat", "tide", "crew", "dawn", "ferry", "lamp"]
TEXT = st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join)
BODY = st.lists(TEXT, max_size=6).map(lambda texts: "".join(f"<p>{t}</p>" for t in texts))


def test_one_changed_word_marks_that_word():
    old = "<p>The ferry left at five with forty aboard.</p><p>The sea was calm.</p>"
    passages = difference(old, old.replace("five", "six"))
    assert [passage.kind for passage in passages] == ["changed", "same"]
    assert [(run.kind, run.text) for run in passages[0].words] == [
        ("same", "The ferry left at"),
        ("gone", "five"),
        ("new", "six"),
        ("same", "with forty aboard."),
    ]


def test_an_added_paragraph_is_new():
    passages = difference("<p>One thing.</p>", "<p>One thing.</p><p>Quite another.</p>")
    assert [passage.kind for passage in passages] == ["same", "new"]


@given(BODY, BODY)
def test_both_texts_can_be_read_back(old, new):
    passages = difference(old, new)
    words = [run for passage in passages for run in passage.words]
    gone = " ".join(run.text for run in words if run.kind != "new")
    kept = " ".join(run.text for run in words if run.kind != "gone")
    assert gone.split() == old.replace("<p>", " ").replace("</p>", " ").split()
    assert kept.split() == new.replace("<p>", " ").replace("</p>", " ").split()
