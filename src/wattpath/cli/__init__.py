"""The command line: ``wattpath COMMAND``.

Exit codes: 0 answered, 1 infeasible (with reasons and margins), 2 bad input, 3 a fault of
Wattpath itself, 130 interrupted. Every error is one sentence on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

BAD_INPUT, FAULT, INTERRUPTED = 2, 3, 130

#: What a command ends with that was interrupted and has said how to go on; it leaves with 130.
SAID = 131


def main() -> None:
    """Run the command line and leave with its exit code; an interruption waits for no thread."""
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line, every expected error turned into one sentence.

    A fault of Wattpath itself is named without its traceback, which the environment
    variable ``WATTPATH_TRACEBACK`` shows.
    """
    from wattpath.errors import InputError, WattpathError

    try:
        return _invoke(arguments)
    except InputError as error:
        return _say(str(error), BAD_INPUT)
    except WattpathError as error:
        return _say(str(error), FAULT)
    except KeyboardInterrupt:
        return _say("interrupted; nothing was written.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("WATTPATH_TRACEBACK"):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _say(
            f"this is a fault of Wattpath, not of the input ({reason[:200]}). "
            "WATTPATH_TRACEBACK=1 shows where.",
            FAULT,
        )


def _invoke(arguments: Sequence[str]) -> int:
    """Run the command; a misused command line is bad input."""
    from wattpath.cli.app import UsageProblem, app

    try:
        code = app(args=list(arguments), prog_name="wattpath", standalone_mode=False)
    except UsageProblem as problem:
        if not arguments:
            print(problem.format_message())
            return BAD_INPUT
        message = " ".join(problem.format_message().split())
        ended = f"{message.rstrip('.')}."
        return _say(f"{ended} `wattpath --help` shows the commands.", BAD_INPUT)
    sys.stdout.flush()
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code == SAID:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _say(sentence: str, code: int) -> int:
    print(f"wattpath: {' '.join(sentence.split())}", file=sys.stderr)
    return code
