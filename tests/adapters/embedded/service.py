"""A stand-in for the service: starts both engines at once, says so, and stops them when its input
closes or on Ctrl-C.
"""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, EngineInUse


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without it
    engines = EmbeddedPostgres(Path(sys.argv[1])), EmbeddedValkey(Path(sys.argv[1]))
    try:
        with ThreadPoolExecutor() as pool:
            postgres_url, valkey_url = pool.map(lambda engine: engine.start(), engines)
    except EngineInUse as refusal:
        say(refused=str(refusal), pid=refusal.pid)
        return
    postgres, valkey = engines
    say(
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
        say(running=[engine.running for engine in engines])
    for engine in engines:
        engine.stop()
    say(running=[engine.running for engine in engines])


main()
