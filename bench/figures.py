"""The figures of the service, next to their targets."""

import statistics
import threading
import time
from pathlib import Path

from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from bench.applications import forms, prediction_requests
from bench.report import print_figure
from bench.servers import decides, hello_server, load, peer_server, service
from domain.decisions.decision import decide
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT

HELLO = ["GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]


def one_row() -> None:
    """Measure a prediction with contributions, and a whole decision, in process."""
    model = TableCreditModel(load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN))
    applicants = [PERSONAL_LOAN.characteristics_of(PERSONAL_LOAN.application_from(form)) for form in forms(2000)]
    predicting, deciding = [], []
    for _ in range(3):
        for applicant in applicants:
            began = time.perf_counter()
            prediction = model.predict(applicant)
            middle = time.perf_counter()
            decide(
                POLICY_3,
                applicant,
                prediction,
                reference=model.reference_profile(POLICY_3.approve_below),
                risk_by_amount=model.risk_by_amount,
            )
            predicting.append(middle - began)
            deciding.append(time.perf_counter() - middle)
    print_figure(
        "one row, PD with exact contributions, median",
        f"{1e6 * statistics.median(predicting):.1f} µs",
        "at most 40",
    )
    print_figure("one row, policy and reasons, median", f"{1e6 * statistics.median(deciding):.1f} µs")


def start(data_dir: Path) -> None:
    """Measure the time from start to the first decision on existing data, as a client that retries sees it."""
    seconds = []
    with service(data_dir) as running:
        for _ in range(3):
            running.stop()
            began = time.perf_counter()
            starting = threading.Thread(target=running.start)
            starting.start()
            while not decides(running.api_port, running.authorization):
                time.sleep(0.005)
            seconds.append(time.perf_counter() - began)
            starting.join()
    print_figure(
        "start to first decision, existing data, median of 3", f"{statistics.median(seconds):.2f} s", "under 2"
    )


def decisions(data_dir: Path, rounds: int, seconds: float) -> None:
    """Measure durable decisions per second against bare Litestar, in turn."""
    with service(data_dir) as running, hello_server() as hello:
        process = running.api_process()
        load(running.api_port, prediction_requests(20_000, running.authorization), 16, 2)
        for connections in (16, 64):
            shares, rates, hellos, slowest, errors = [], [], [], [], 0.0
            for turn in range(rounds):
                requests = prediction_requests(20_000, running.authorization, seed=100 * connections + turn)
                bare = load(hello, HELLO * connections, connections, seconds)
                measured = load(running.api_port, requests, connections, seconds)
                shares.append(measured["per_second"] / bare["per_second"])
                rates.append(measured["per_second"])
                hellos.append(bare["per_second"])
                slowest.append(measured["p99_ms"])
                errors += measured["errors"]
            goal = "at least 10 %" if connections == 16 else ""
            print_figure(
                f"durable decisions with reasons, share of hello, c={connections}",
                f"{100 * statistics.median(shares):.1f} %",
                goal,
            )
            print_figure(
                "  per second; hello; p99; errors",
                f"{statistics.median(rates):.0f}; {statistics.median(hellos):.0f}; "
                f"{statistics.median(slowest):.1f} ms; {errors:.0f}",
            )
        memory = next(
            int(line.split()[1])
            for line in Path(f"/proc/{process}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        )
        print_figure("memory of the API process after the load", f"{memory / 1024:.0f} MB", "under 180")


def against_the_peer(data_dir: Path, rounds: int, seconds: float) -> None:
    """Measure durable decisions per second with reasons against those of the peer without, in turn."""
    with service(data_dir) as running:
        authorization = running.authorization
        with peer_server(data_dir) as peer:
            for connections, goal in ((16, "at least 35; p99 under 20"), (64, "at least 50; p99 under 60")):
                runs: dict[str, list[dict[str, float]]] = {"peer": [], "service": []}
                for turn in range(rounds + 1):
                    requests = prediction_requests(
                        20_000, authorization, seed=connections + turn
                    )  # new to both caches
                    runs["peer"].append(load(peer, requests, connections, seconds))
                    runs["service"].append(load(running.api_port, requests, connections, seconds))
                times = [
                    own["per_second"] / peers["per_second"]
                    for own, peers in zip(runs["service"][1:], runs["peer"][1:], strict=True)  # the first warms up
                ]
                print_figure(
                    f"decisions against the peer, times, c={connections}", f"{statistics.median(times):.1f}", goal
                )
                for name, measured in runs.items():
                    rate, middle, slow = (
                        statistics.median(run[figure] for run in measured[1:])
                        for figure in ("per_second", "p50_ms", "p99_ms")
                    )
                    errors = sum(run["errors"] for run in measured)
                    print_figure(
                        f"  {name}: per second; p50, p99 in ms; errors",
                        f"{rate:.0f}; {middle:.1f}, {slow:.1f}; {errors:.0f}",
                    )
