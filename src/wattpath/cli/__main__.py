"""``python -m wattpath.cli`` is the same as ``wattpath``."""

from wattpath.cli import main

if __name__ == "__main__":
    main()
