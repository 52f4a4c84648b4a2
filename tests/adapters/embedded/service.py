"""A stand-in for the service: starts both engines, prints their facts, and stops them at end of input or on
Ctrl-C.
"""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, EngineInUse


def print_facts(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell ignore SIGINT
    engines = EmbeddedPostgres(Path(sys.argv[1])), EmbeddedValkey(Path(sys.argv[1]))
    try:
        with ThreadPoolExecutor() as pool:
            postgres_url, valkey_url = pool.map(lambda engine: engine.start(), engines)
    except EngineInUse as refusal:
        print_facts(refused=str(refusal), pid=refusal.pid)
        return
    postgres, valkey = engines
    print_facts(
        postgres=postgres.pid,
        valkey=valkey.pid,
        postgres_url=postgres_url,
        valkey_url=valkey_url,
        uid=os.geteuid(),
    )
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        time.sleep(0.5)  # draining
        print_facts(running=[engine.running for engine in engines])
    for engine in engines:
        engine.stop()
    print_facts(running=[engine.running for engine in engines])


main()
