"""Traffic of every kind on a running service: decisions, errors, batches, webhooks, reads and failed logins."""

import csv
import io
import itertools
import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx

from domain.access.user import Role
from harness.polling import eventually
from harness.running_service import Service

Action = Callable[[], object]
_PURPOSES = ("debt_consolidation", "credit_card", "home_improvement", "car", "medical", "small_business", "other")
_EMPLOYMENT = ("< 1 year", "1 year", "2 years", "5 years", "8 years", "10+ years", "n/a")


def applicant(chance: random.Random) -> dict[str, Any]:
    """An invented application; many of them lead to every outcome and grade."""
    fico = 5 * (min(max(int(chance.gauss(705, 38)), 600), 845) // 5)
    return {
        "annual_inc": round(chance.lognormvariate(11, 0.5), 2),
        "emp_length": chance.choice(_EMPLOYMENT),
        "home_ownership": chance.choice(("MORTGAGE", "RENT", "OWN")),
        "loan_amnt": float(chance.randrange(1_000, 36_000, 25)),
        "term": chance.choice(("36 months", "36 months", "60 months")),
        "purpose": chance.choice(_PURPOSES),
        "fico_range_low": fico,
        "fico_range_high": fico + 4,
        "dti": round(min(max(chance.gauss(17, 8), 0), 60), 2),
        "revol_util": round(min(max(chance.gauss(50, 25), 0), 120), 1),
        "inq_last_6mths": min(int(chance.expovariate(1.2)), 9),
        "delinq_2yrs": min(int(chance.expovariate(3)), 6),
        "pub_rec": min(int(chance.expovariate(5)), 5),
    }


@contextmanager
def webhook_receiver() -> Iterator[str]:
    """A server that accepts webhooks, except at the path /failing, where it answers 500; yields its address."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500 if self.path == "/failing" else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class MixedTraffic:
    """Callers of a service, as a context manager; `receiver` is the address of a webhook receiver."""

    def __init__(self, service: Service, receiver: str, *, seed: int = 7) -> None:
        self._receiver = receiver
        self._chance = random.Random(seed)  # noqa: S311 - invented applications
        address = f"http://127.0.0.1:{service.api_port}/api/v1"
        self._portal = self._client(address, service.token_of("portal"))
        self._files = self._client(address, service.token_of("files"))
        self._clumsy = self._client(address, service.token_of("clumsy"))
        self._hasty = self._client(address, service.token_of("hasty"))
        self._staff = self._client(address, service.token_of("marta", Role.LOAN_OFFICER))
        self._underwriter = self._client(address, service.token_of("uma", Role.UNDERWRITER))
        self._pages = httpx.Client(base_url=f"http://127.0.0.1:{service.ui_port}", timeout=20, trust_env=False)
        self._decided: list[str] = []
        self._numbers = itertools.count()

    def __enter__(self) -> "MixedTraffic":
        return self

    def __exit__(self, *_: object) -> None:
        for client in (
            self._portal,
            self._files,
            self._clumsy,
            self._hasty,
            self._staff,
            self._underwriter,
            self._pages,
        ):
            client.close()

    def decide(self, count: int = 1) -> None:
        """Request decisions on invented applications, one in eight of them twice with the same key."""
        for _ in range(count):
            body = applicant(self._chance)
            key = {"Idempotency-Key": str(uuid4())} if next(self._numbers) % 8 == 0 else {}
            for _ in range(2 if key else 1):
                answer = self._portal.post("/predictions", json=body, headers=key)
                while answer.status_code == 429:  # wait, as a caller should
                    time.sleep(float(answer.headers["Retry-After"]))
                    answer = self._portal.post("/predictions", json=body, headers=key)
                assert answer.status_code == 200, answer.text
            self._decided = [*self._decided[-50:], answer.json()["request_id"]]

    def mistakes(self) -> None:
        """Send what the service refuses: an invalid application, an unknown decision, a caller without a right."""
        statuses = [
            self._clumsy.post("/predictions", json=applicant(self._chance) | {"dti": -1}).status_code,
            self._staff.get(f"/decisions/{uuid4()}").status_code,
            self._clumsy.get("/overview", params={"from": "2026-01-01"}).status_code,
        ]
        assert statuses == [422, 404, 403], statuses

    def read(self) -> None:
        """Read a decision, its explanations twice, lists and the overview, and open the web interface."""
        decision = self._chance.choice(self._decided)
        for path in (f"/decisions/{decision}", "/decisions", "/batches", f"/decisions/{decision}/reproduction"):
            self._staff.get(path).raise_for_status()
        for _ in range(2):
            self._staff.get(f"/decisions/{decision}/counterfactual").raise_for_status()
        self._pages.get("/login").raise_for_status()

    def work_case(self) -> None:
        """Claim the most urgent referral case, and decline it."""
        claimed = self._underwriter.post("/cases/next")
        claimed.raise_for_status()
        decline = {"outcome": "declined", "reason": "RISK_TOO_HIGH", "text": "Too much debt."}
        path, seen = f"/cases/{claimed.json()['case_id']}/resolution", {"If-Match": claimed.headers["ETag"]}
        self._underwriter.post(path, json=decline, headers=seen).raise_for_status()

    def fail_to_log_in(self, times: int) -> None:
        """Log in with a wrong password, until the limit of failures refuses further attempts."""
        for _ in range(times):
            form = {"grant_type": "password", "username": "marta", "password": "not the password"}
            assert self._portal.post("/auth/token", data=form).status_code in (400, 429)

    def exceed_rate_limit(self) -> None:
        """Send reads without a pause as one caller, until the rate limit refuses some."""
        for _ in range(20):
            with ThreadPoolExecutor(8) as threads:
                statuses = list(threads.map(lambda _: self._hasty.get("/batches").status_code, range(80)))
            if 429 in statuses:
                return
        raise AssertionError("the rate limit refused no request")

    def submit_batch(self, rows: int, *, webhook: str = "/", wait: bool = True) -> None:
        """Submit a file with one wrong row, and a webhook to this path; wait until it is decided."""
        loans = [applicant(self._chance) for _ in range(rows)]
        loans[0]["dti"] = "much"
        text = io.StringIO()
        writer = csv.DictWriter(text, list(loans[0]))
        writer.writeheader()
        writer.writerows(loans)
        batch = self._files.post(
            "/batches",
            params={"name": "loans.csv", "webhook_url": self._receiver + webhook},
            content=text.getvalue(),
            headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
        )
        assert batch.status_code == 202, batch.text
        if wait:
            path = f"/batches/{batch.json()['batch_id']}"
            eventually(lambda: self._files.get(path).json()["state"] == "done", within=60)

    def run(self, seconds: float, further: Sequence[tuple[Action, float]] = ()) -> list[BaseException]:
        """Traffic of every kind: decisions at a rate that rises and falls, other requests now and then.

        `further` are more actions, and the seconds between two of each. An action that fails is not repeated; its
        failure is returned at the end.
        """
        actions = [
            (self.read, 0.7),
            (self.mistakes, 3.0),
            (self.work_case, 5.0),
            (lambda: self.submit_batch(2_500), 35.0),
            (lambda: self.submit_batch(20, webhook="/failing"), 90.0),
            (lambda: self.fail_to_log_in(2), 40.0),
            (self.exceed_rate_limit, 100.0),
            *further,
        ]
        until = time.monotonic() + seconds
        self.decide()
        with ThreadPoolExecutor(len(actions) + 2) as threads:
            running = [threads.submit(self._decide_in_waves, until) for _ in range(2)]
            running += [threads.submit(_repeat, action, until, every) for action, every in actions]
            return [fault for each in running if (fault := each.exception())]

    def _decide_in_waves(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            self.decide()
            time.sleep(0.06 + 0.05 * math.sin(left / 25))

    @staticmethod
    def _client(address: str, token: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False)


def _repeat(action: Action, until: float, every: float) -> None:
    """Repeat an action until a time, first after half the time between two."""
    next_at = time.monotonic() + every / 2
    while next_at < until:
        time.sleep(max(next_at - time.monotonic(), 0))
        action()
        next_at = time.monotonic() + every
