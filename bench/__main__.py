"""Measure the service and print the figures next to their targets."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.backups import backups
from bench.capacity.report import capacity, grow
from bench.figures import against_the_peer, decisions, one_row, start
from bench.files import files
from bench.kills import kills
from bench.soak import soak
from bench.variants import variants
from bench.verification import verification


def main() -> None:
    """Run the selected measurement; by default the figures."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved runs of each measurement (default 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="duration of a run (default 3)")
    parser.add_argument(
        "--kill",
        type=int,
        nargs="?",
        const=10,
        metavar="RUNS",
        help="instead: kill -9 under load, RUNS times (default 10); fails if a decision is lost",
    )
    parser.add_argument(
        "--soak",
        type=float,
        nargs="?",
        const=10.0,
        metavar="MINUTES",
        help="instead: half of the peak load for MINUTES (default 10); fails if a request fails",
    )
    parser.add_argument(
        "--files",
        action="store_true",
        help="instead: whole files, scored, recorded, and as batches through a worker (two minutes per round)",
    )
    parser.add_argument(
        "--variants",
        action="store_true",
        help="instead: plain, keyed and traced requests side by side (the figures have them too)",
    )
    parser.add_argument(
        "--backups",
        action="store_true",
        help="instead: backup, restore and archive of 100,000 decisions (two minutes)",
    )
    parser.add_argument(
        "--verification",
        action="store_true",
        help="instead: whole and incremental verification of 200,000 decisions (three minutes)",
    )
    parser.add_argument(
        "--growth",
        action="store_true",
        help="instead: reads with 0.1, 1 and 3 million recorded decisions (ten minutes, 9 GB of disk)",
    )
    parser.add_argument(
        "--capacity",
        action="store_true",
        help="instead: costs per decision, the queueing model, and sizes (after --growth; a minute per round)",
    )
    parser.add_argument("--write", action="store_true", help="put the figures of these two into docs/scale.md")
    options = parser.parse_args()
    if options.kill:
        sys.exit(0 if kills(options.kill) else 1)
    if options.soak:
        sys.exit(0 if soak(options.soak) else 1)
    if options.backups:
        backups()
        return
    if options.verification:
        verification()
        return
    if options.growth:
        grow(write=options.write)
        return
    if options.capacity:
        capacity(options.rounds, options.seconds, write=options.write)
        return
    if options.files:
        files(options.rounds)
        return
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        data_dir = Path(folder) / "data"
        if options.variants:
            variants(data_dir, options.rounds, options.seconds)
            return
        one_row()
        decisions(data_dir, options.rounds, options.seconds)
        against_the_peer(data_dir, options.rounds, options.seconds)
        variants(data_dir / "variants", options.rounds, options.seconds)
        start(data_dir)


if __name__ == "__main__":
    main()
