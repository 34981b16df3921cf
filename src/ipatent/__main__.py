"""The command `ipatent`, also as `python -m ipatent`."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C ends it quietly, also in the half second of loading."""
    try:
        from ipatent.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
