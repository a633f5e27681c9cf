"""Plain answers, and events of streams, whose texts are whole: each is screened, noted and restored as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.protocol.wire import JsonObject, Path
from gateway.redaction.bodies import BodyRestorer, kind_of
from gateway.redaction.citations import point_anew
from gateway.redaction.placeholders import Key
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply_rules import ReplyRules, Spoken
from gateway.redaction.reply_texts import readable, said_in, strings, texts
from gateway.redaction.restore import Restorer


class WholeReply:
    """Rewrites what is whole of one reply."""

    def __init__(self, redactor: Redactor, rules: ReplyRules, restorer: Restorer, spoken: Spoken) -> None:
        self._redactor = redactor
        self._rules = rules
        self._restorer = restorer
        self._spoken = spoken
        self._bodies = BodyRestorer(restorer, json_content=rules.json_content)
        self._streamed: dict[str, str] = {}

    def is_untouched(self, body: JsonObject) -> bool:
        """Whether nothing in a body can be restored. May err towards no."""
        return self._bodies.is_untouched(body)

    async def rewritten(self, answer: JsonObject, changes: dict[Path, str], *, note: bool) -> JsonObject:
        """An answer or event with `changes` put in, and every other text screened and restored; with `note`, what it says is
        noted where that is wanted. Raises EntityBlocked and ProtectionUnavailable.
        """
        screens = self._rules.screens
        if screens:
            answer = readable(answer)
        await self._learn(lambda: strings(answer))
        notes = note and self._rules.keeps_spoken
        found = texts(answer, changes) if notes or screens else {}
        said = await self._screened(answer, found) if screens else said_in(found)
        if notes:
            for path, text in said_in(said).items():
                self._spoken.note(path, text)
        finals = {path: self._restorer.whole(text, json=self._is_json(answer, path)) for path, text in said.items()} | changes
        if not finals and self._bodies.is_untouched(answer):
            return answer
        restored = self._bodies.restored(answer, finals)
        if not screens:  # what was taken out of a text moves its places as well, and nobody knows how far
            point_anew(answer, restored, lambda path, text: self._restorer.edits(text, json=self._is_json(answer, path)))
        return restored

    def streamed(self, text: str, screened: str) -> None:
        """A text of the reply was screened in pieces, as it came: where an event repeats it whole, the two are to agree."""
        self._streamed[text] = screened

    async def screened(self, text: str, *, json: bool) -> str:
        """One text of the reply without the new personal data in it. Raises as `rewritten` does."""
        await self._learn(lambda: [text])  # the screen leaves alone what it knows as the exchange's own
        rules = self._rules
        screened = await self._redactor.screen(
            [text],
            rules.obligations.reply,
            rules.pseudonyms,
            tenant=rules.tenant,
            json=json,
            detection=rules.obligations.detection,
        )
        return screened.texts[0]

    async def _screened(self, answer: JsonObject, texts: Mapping[Path, str]) -> dict[Path, str]:
        return {path: await self._agreeing(text, json=self._is_json(answer, path)) for path, text in texts.items()}

    async def _agreeing(self, text: str, *, json: bool) -> str:
        streamed = self._streamed.get(text)
        return await self.screened(text, json=json) if streamed is None else streamed

    def _is_json(self, answer: JsonObject, path: Path) -> bool:
        return self._rules.is_json(kind_of(answer, path))

    async def _learn(self, texts: Callable[[], Iterable[str]]) -> None:
        """Have at hand what placeholders of earlier exchanges in these texts stand for."""
        recall = self._restorer.recall
        if recall is not None:
            await recall.learn(frozenset[Key]().union(*map(self._restorer.unknown, texts())))
