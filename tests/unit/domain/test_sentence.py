"""Words and values stay apart until somebody reads them."""

from __future__ import annotations

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongState
from clinic_app.domain.sentence import Sentence, sentence

HINDI = {
    "At most {limit:,} characters.": "अधिक से अधिक {limit:,} अक्षर।",
    "{name} is away on {day}.": "{day} को {name} नहीं हैं।",
    "Monday": "सोमवार",
}


def in_hindi(words: str) -> str:
    return HINDI.get(words, words)


def test_a_sentence_reads_as_english() -> None:
    assert str(sentence("At most {limit:,} characters.", limit=20000)) == (
        "At most 20,000 characters."
    )


def test_values_go_into_the_translated_words() -> None:
    assert sentence("At most {limit:,} characters.", limit=20000).text(in_hindi) == (
        "अधिक से अधिक 20,000 अक्षर।"
    )


def test_a_sentence_inside_a_sentence_is_translated_too() -> None:
    said = sentence("{name} is away on {day}.", name="Amina", day=Sentence("Monday"))
    assert str(said) == "Amina is away on Monday."
    assert said.text(in_hindi) == "सोमवार को Amina नहीं हैं।"


def test_what_people_typed_is_never_taken_for_words_or_places() -> None:
    said = sentence("{name} is away on {day}.", name="Monday {limit}", day=Sentence("Monday"))
    assert said.text(in_hindi) == "सोमवार को Monday {limit} नहीं हैं।"


def test_words_without_values_keep_their_braces() -> None:
    assert str(Sentence("a { b } c")) == "a { b } c"


def test_an_error_keeps_its_sentence() -> None:
    error = InvalidInput("text", "At most {limit:,} characters.", limit=5)
    assert (error.field, str(error)) == ("text", "At most 5 characters.")
    assert error.sentence.text(in_hindi) == "अधिक से अधिक 5 अक्षर।"


def test_an_error_can_be_told_again_under_another_type() -> None:
    error = WrongState(sentence("{name} is away on {day}.", name="Amina", day="5 May"))
    assert InvalidInput("start", error.sentence).sentence == error.sentence


def test_the_seconds_to_wait_are_a_value() -> None:
    error = SignInThrottled(30)
    assert (error.seconds, error.sentence.values) == (30, {"seconds": 30})
    assert "wait 30 seconds" in str(error)
