from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.fhe.client.generate import Generator
from gateway.fhe.client.spoken import Spoken


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=30), stops=st.lists(st.text(min_size=1, max_size=4), max_size=3))
@example(text="0é", stops=["\ufffd", "0é"])
@example(text="a\ufffd", stops=["\ufffd"])
def test_what_is_said_is_the_text_up_to_the_first_stop(text: str, stops: list[str], generator: Generator) -> None:
    spoken, said = Spoken(generator.pieces, tuple(stops)), ""
    for token in generator.pieces.encode(text):
        said += spoken.add(token)
        assert "\ufffd" not in said or "\ufffd" in text
        if spoken.stopped:
            break
    else:
        said += spoken.rest()
    ends = [text.find(stop) for stop in stops if stop in text]
    if not ends:
        assert said == text
        assert not spoken.stopped
    else:
        assert spoken.stopped
        assert said == text[: min(ends)]
