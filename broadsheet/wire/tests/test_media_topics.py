"""The IPTC's Media Topics, as shipped and as read."""

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import media_topics
from broadsheet.wire.media_topics import above, canonical, labels, listed, matching, meant

CODES = st.sampled_from(sorted(media_topics.vocabulary()))
LANGUAGES = st.sampled_from(["en", "en-gb", "de", "fr"])


def test_the_whole_vocabulary_is_there():
    topics = media_topics.vocabulary()
    assert len(topics) == 1387
    assert sum(not topic.broader for topic in topics.values()) == 17
    assert sum(topic.retired for topic in topics.values()) == 302


def test_a_topic_has_its_names_in_english_and_german():
    topic = media_topics.vocabulary()["medtop:06000000"]
    assert (topic.name("en-gb"), topic.name("de"), topic.name("fr")) == (
        "environment", "Umwelt", "environment",
    )  # fmt: skip


def test_the_file_names_its_maker_and_its_licence():
    text = media_topics._FILE.read_text()
    assert "International Press Telecommunications Council" in text
    assert "CC BY 4.0" in text


@given(CODES)
def test_whoever_climbs_reaches_one_of_the_seventeen(code):
    way = (code, *above(code))
    assert media_topics.vocabulary()[way[-1]].broader == ""
    assert len(set(way)) == len(way) <= 6


def test_central_banks_belong_to_the_economy():
    assert above("medtop:20000350") == ("medtop:20000344", "medtop:04000000")


def test_an_old_subject_code_becomes_the_topic_that_the_iptc_matches():
    assert canonical("subj:04000000") == "medtop:04000000"
    assert canonical("subj:01025000") == "medtop:20000003"


def test_of_two_topics_for_one_old_code_the_one_in_use_is_taken():
    topics = media_topics.vocabulary()
    for old, code in media_topics._replacing().items():
        matched = [topic for topic in topics.values() if topic.subject == old]
        assert topics[code].retired == all(topic.retired for topic in matched)


def test_what_is_unknown_is_kept_as_it_came():
    codes = ["medtop:99999999", "subj:99999999", "quill:Harbours", " MEDTOP:04000000 ", ""]
    kept = ("medtop:99999999", "subj:99999999", "quill:Harbours", "medtop:04000000")
    assert listed(codes) == kept


@given(st.text())
def test_reading_a_code_twice_changes_nothing(text):
    assert canonical(canonical(text)) == canonical(text)


@given(CODES, LANGUAGES)
def test_every_topic_is_found_by_its_label_and_by_its_code(code, language):
    assert meant(labels(language)[code], language) == code
    assert meant(code, language) == meant(code.removeprefix("medtop:"), language) == code


def test_a_name_is_understood_in_english_whatever_the_desk_speaks():
    assert meant("Central  Bank", "de") == meant("Zentralbank", "de") == "medtop:20000350"
    assert meant("Zentralbank", "en") == meant("harbours of Skerrin", "en") == ""


def test_suggestions_begin_with_what_was_typed():
    found = matching("econ", "en")
    assert found[:2] == ("medtop:04000000", "medtop:20000344")
    assert len(found) == 12
    assert matching("Wirtsch", "de")[0] == "medtop:04000000"
    assert matching("central ba", "en") == ("medtop:20000350",)
    assert matching("  ", "en") == ()


def test_no_retired_topic_is_suggested():
    topics = media_topics.vocabulary()
    for word in ("music", "court", "war"):
        assert not any(topics[code].retired for code in matching(word, "en", most=500))
