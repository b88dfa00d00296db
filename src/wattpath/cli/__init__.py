"""The command line: ``wattpath COMMAND``.

Exit codes: 0 answered, 1 infeasible (with reasons and margins), 2 bad input.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, turning every expected error into one sentence."""
    from wattpath.cli.app import app
    from wattpath.errors import InputError, WattpathError

    try:
        app(standalone_mode=True)
    except InputError as error:
        print(f"wattpath: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except WattpathError as error:
        print(f"wattpath: {error}", file=sys.stderr)
        raise SystemExit(3) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        print("wattpath: interrupted; nothing was written.", file=sys.stderr)
        raise SystemExit(130) from None
