"""The gateway's detection beside stock Presidio (English) and LAC (Chinese), in one run. `make bench-detection`.

Input: JSON lines `{"text", "spans": [[start, end, label]], "ignore": [[start, end]]}`, offsets in code points; without any,
the sample in bench/gold, 300 texts written for this by hand. `gateway.detection.evaluation` says what the scores mean.

Method. All systems read the same texts in one process. Times are CPU time of the whole process: of several rounds the least,
since other work on the machine can only add; the systems take turns within a round, and who begins rotates. `CPU-ms for 1,000`
is for texts as they come, one after the other; `us at N` is for one text of exactly N characters, cut from the file's texts
glued together. The ratios are a peer's time to the gateway's. Nothing is remembered from text to text, except in the chat: 20
turns, a question and an answer of 400 characters each, which a client sends again from the beginning with every turn; measured
is the last, in which a question and an answer are new: a twentieth of the text. It is the mean of five chats of the same
messages, of which others come last in each. Clean text (Python's language reference, source of its modules, Chinese
paragraphs) has nothing to find.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.detection.contestants import contestants
from bench.detection.report import chat_table, labels_table, scores_table, spoilt_table
from bench.detection.run import Result, chat, compared, spoilt
from bench.detection.samples import SHIPPED, read
from bench.session import RESULTS
from gateway import __version__
from gateway.cli.detect.input import InputError
from gateway.detection.detect import PresidioDetector


def main() -> None:
    """Measure, print, keep."""
    given = _options()
    began = datetime.now(UTC)
    try:
        samples = [read(path, given.limit) for path in given.gold or SHIPPED]
    except InputError as error:
        sys.exit(str(error))
    detector = PresidioDetector()
    everyone = contestants(detector)
    results = list[Result]()
    for sample in samples:
        print(f"{sample.name}: {len(sample.texts)} texts, {sample.language}", file=sys.stderr)
        results += compared(sample, everyone, rounds=given.rounds, timed=given.timed)
    turns = [chat(sample, detector, rounds=given.rounds) for sample in samples]
    clean = spoilt(everyone, given.clean)
    text = "\n\n".join(
        [
            "## Detection",
            scores_table(results),
            "### By label",
            labels_table(results),
            "### The 20th turn of a chat",
            chat_table(turns),
            "### Clean text",
            spoilt_table(clean),
            f"Method: {(__doc__ or '').partition('Method. ')[2].strip()} Rounds: {given.rounds}.",
            _circumstances(began),
        ]
    )
    print(text)
    _keep(began, text, {"results": results, "turns": turns, "clean": clean})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("gold", nargs="*", type=Path, help="labelled files; default: the sample in bench/gold")
    parser.add_argument("--rounds", type=int, default=5, help="how often every time is measured")
    parser.add_argument("--limit", type=int, default=None, help="read no more texts of a file")
    parser.add_argument("--timed", type=int, default=150, help="texts of a file whose time is measured as they come")
    parser.add_argument("--clean", type=int, default=60_000, help="characters of each kind of clean text")
    return parser.parse_args()


def _circumstances(began: datetime) -> str:
    return (
        f"{began:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}, gateway {__version__}; load average {os.getloadavg()[0]:.2f}; command: "
        f"{' '.join(['python -m bench.detection', *sys.argv[1:]])}"
    )


def _keep(began: datetime, text: str, figures: Mapping[str, Sequence[object]]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = RESULTS / f"detection-{began:%Y%m%d-%H%M%S}"
    stem.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    stem.with_suffix(".json").write_bytes(orjson.dumps(figures, default=dict, option=options))


if __name__ == "__main__":
    main()
