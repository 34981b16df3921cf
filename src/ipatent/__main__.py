"""The command `ipatent`, also as `python -m ipatent`."""

import os
import signal
import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C ends it quietly, also in the half second of loading.

    While loading, Ctrl-C ends the process at once: native libraries turn an interrupt that meets
    them half loaded into an ImportError, and nothing is begun yet that could be lost.
    """
    if "serve" in sys.argv[1:]:
        # Requests share the cores. More threads for a small product of matrices only wait for each other.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        from ipatent.cli import main as run

        signal.signal(signal.SIGINT, before)
        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
