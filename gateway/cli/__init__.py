"""The command line. `gateway audit export` is audit/export.py: a room for each noun, a file for each command.

Words that Python has for itself are spelled otherwise as files: `list` is listing.py, `set` question_set.py,
`eval` evaluation.py, `test` testing.py. A noun with one meaning, `gateway serve`, is command.py in its room.
"""

from __future__ import annotations

import errno
import os
import sys

_UNWRITTEN = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})


def main() -> None:
    """The `gateway` command. Output that cannot be written, as to a disk that is full, ends it with a sentence and status 1."""
    from gateway.cli.commands import cli  # late: who imports one command does not load them all

    try:
        cli()
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITTEN:
            raise
        _give_up_output()
        print(f"the output cannot be written: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def _give_up_output() -> None:
    """Or Python would try once more at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
