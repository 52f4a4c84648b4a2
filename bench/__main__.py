"""Measure the service and print the figures, each beside what it is held against."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.figures import against_the_peer, decisions, one_row, start
from bench.files import files
from bench.kills import kills
from bench.soak import soak


def main() -> None:
    """Run what was asked for; the figures by default."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved runs of each (default 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a run loads the server (default 3)")
    parser.add_argument(
        "--kill",
        type=int,
        nargs="?",
        const=10,
        metavar="RUNS",
        help="instead: kill -9 under load, so many times (default 10); fails where a decision is lost",
    )
    parser.add_argument(
        "--soak",
        type=float,
        nargs="?",
        const=10.0,
        metavar="MINUTES",
        help="instead: half of the peak for so long (default 10 minutes); fails where a request does",
    )
    parser.add_argument(
        "--files",
        action="store_true",
        help="instead: whole files, scored, recorded, and as batches through the worker (two minutes a round)",
    )
    options = parser.parse_args()
    if options.kill:
        sys.exit(0 if kills(options.kill) else 1)
    if options.soak:
        sys.exit(0 if soak(options.soak) else 1)
    if options.files:
        files(options.rounds)
        return
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        data_dir = Path(folder) / "data"
        one_row()
        decisions(data_dir, options.rounds, options.seconds)
        against_the_peer(data_dir, options.rounds, options.seconds)
        start(data_dir)


if __name__ == "__main__":
    main()
