"""`gateway policy test`: run the tests that stand beside policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli.common.entity_types import entity_types
from gateway.cli.common.policy import Unanswerable, loading, told
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.policy.testing.junit import junit
from gateway.policy.testing.reading import ENDING, PlacedSuite, load_suite
from gateway.policy.testing.report import Ran, lines, summary
from gateway.policy.testing.run import Runner
from gateway.policy.testing.schema import Case

_DEFAULT = Path("policies")


def run_tests(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help=f"Files, or folders of *{ENDING}. Default: policies."),
    ] = None,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Also write the results here, as JUnit XML.")] = None,
    filter_: Annotated[str, typer.Option("-k", help="Only tests with this in their name, in any case.")] = "",
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Name the tests that pass as well.")] = False,
) -> None:
    """Run the tests of policies. Exit status: 0 all passed, 1 some failed, 2 a file cannot be read or there is no test."""
    with told(2):
        suites = _suites(paths or [_DEFAULT])
        all_ran = _run(suites, lambda case: filter_.casefold() in case.name.casefold())
        if junit_file is not None:
            _write(junit_file, junit(all_ran))
    console = Console(highlight=False)
    for ran in all_ran:
        for line in lines(ran, verbose=verbose):
            console.print(line, soft_wrap=True)
    console.print(summary(all_ran))
    raise typer.Exit(1 if any(ran.failures for ran in all_ran) else 0)


def suite_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of tests under these paths. Raises PolicyError for a folder without any."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob(f"*{ENDING}"))
        if not found:
            raise PolicyError([Problem(str(path), 1, 1, f"no *{ENDING} in this folder", "name another, or write a test")])
        yield from found


def _suites(paths: Iterable[Path]) -> list[PlacedSuite]:
    """All of them, or all that is wrong with them."""
    load = cache(loading(*entity_types()))
    suites: list[PlacedSuite] = []
    problems: list[Problem] = []
    for path in suite_files(paths):
        try:
            suites.append(load_suite(path, load))
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(problems)
    return suites


def _run(suites: Iterable[PlacedSuite], wanted: Callable[[Case], bool]) -> list[Ran]:
    runner = Runner()
    ran = [Ran(placed, tuple(runner.run(placed, wanted))) for placed in suites]
    if not any(one.outcomes for one in ran):
        raise Unanswerable("no test has this in its name")
    return [one for one in ran if one.outcomes]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unanswerable(f"{path} cannot be written: {(error.strerror or 'not a usable path').lower()}") from None
