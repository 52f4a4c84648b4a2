"""The scenarios: what one user of the service does in one iteration, and which answers are right."""

import random
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import gevent
from gevent.lock import BoundedSemaphore

from loadtest.applications import applications
from loadtest.checks import (
    WrongAnswer,
    check_counterfactual,
    check_decision,
    check_list,
    check_overview,
    check_recorded,
    check_results,
    check_same_decision,
)
from loadtest.plan import Plan, User
from loadtest.session import FORM, Session

PREDICTIONS = "/api/v1/predictions"
_CUT_SHARE = 0.3
"""The share of keyed requests whose client gives up before the answer, and repeats them."""
_REPEATS = 2
_PAGE = 20
_BATCH_SECONDS = 120.0
_PAGES = ("/decisions", "/overview", "/batches")
_OPEN_BATCHES = BoundedSemaphore(2)
"""The service accepts two uploads of a caller at a time in each API process."""
_ANSWERED: deque[Mapping[str, Any]] = deque(maxlen=1000)
"""Decisions that any user has received."""


class Caller:
    """One simulated user: sends requests through locust's client and checks the answers."""

    def __init__(self, client: Any, plan: Plan, service: User, staff: User | None, number: int) -> None:
        self._session = Session(client)
        self._plan = plan
        self._service = service
        self._staff = staff or service
        self._applications = applications(plan.seed + number)
        self._chance = random.Random(plan.seed + number)  # noqa: S311 - not a secret

    def single(self) -> None:
        """One decision without a key."""
        prediction = self._session.send(
            "single", "POST", PREDICTIONS, _decision, json=next(self._applications), user=self._service
        )
        if prediction is not None:
            _ANSWERED.append(prediction)

    def keyed(self) -> None:
        """A decision with a key, for some after a request that was given up, and repeated with the same key."""
        application = next(self._applications)
        headers = {"Idempotency-Key": str(uuid4())}
        if self._chance.random() < _CUT_SHARE:
            self._session.give_up("keyed: given up", PREDICTIONS, application, headers, self._service)
        first = self._session.send(
            "keyed: first", "POST", PREDICTIONS, _decision, json=application, headers=headers, user=self._service
        )
        if first is None:
            return
        _ANSWERED.append(first)

        def check(response: Any) -> None:
            check_same_decision(response.json(), first)
            if response.headers.get("Idempotent-Replayed") != "true":
                raise WrongAnswer("not marked as replayed")

        for _ in range(self._chance.randint(1, _REPEATS)):
            self._session.send(
                "keyed: repeated",
                "POST",
                PREDICTIONS,
                check,
                json=application,
                headers=headers,
                user=self._service,
            )

    def batch(self) -> None:
        """A file of applications: upload, follow, download and check."""
        rows = [{"revol_util": "", **form} for form in islice(self._applications, self._plan.batch_rows)]
        lines = [",".join(sorted(rows[0])), *(",".join(str(row[name]) for name in sorted(row)) for row in rows)]
        headers = {"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())}
        with _OPEN_BATCHES:
            began = time.perf_counter()
            batch = self._session.send(
                "batch: upload",
                "POST",
                "/api/v1/batches",
                _json,
                202,
                data="\n".join(lines),
                headers=headers,
                user=self._service,
            )
            if batch is None:
                return
            path = f"/api/v1/batches/{batch['batch_id']}"
            while batch is not None and batch["state"] in {"queued", "running"}:
                if time.perf_counter() - began > _BATCH_SECONDS:
                    break
                gevent.sleep(0.5)
                batch = self._session.send("batch: progress", "GET", path, _json, user=self._service)
        fault = None if batch and batch["state"] == "done" else f"state {batch and batch['state']}"
        self._session.note("batch: decided", began, fault)
        if fault is None:
            self._session.send(
                "batch: results",
                "GET",
                f"{path}/results",
                lambda got: check_results(got.text, self._plan.batch_rows),
                user=self._service,
            )

    def reads(self) -> None:
        """One of: a decision, a list, an explanation, a summary."""
        if not _ANSWERED:
            self.single()
            return
        read = self._chance.choice((self._read_decision, self._list, self._counterfactual, self._overview))
        read()

    def web(self) -> None:
        """Log in to the web interface, open pages, log out. Pages are read without their websocket."""
        form = urlencode({"name": self._staff.name, "password": self._staff.password})
        host = self._plan.web_host
        if self._session.send("web: log in", "POST", f"{host}/login", _page, data=form, headers=FORM) is None:
            return
        pages = list(_PAGES) + [f"/decisions/{each['decision_id']}" for each in list(_ANSWERED)[-1:]]
        for path in pages:
            name = "web: " + ("/decisions/{id}" if path.count("/") > 1 else path)
            self._session.send(name, "GET", host + path, _page)
        self._session.send("web: log out", "POST", f"{host}/logout", lambda _: True, data="", headers=FORM)

    def _read_decision(self) -> None:
        first = self._chance.choice(_ANSWERED)
        path = f"/api/v1/decisions/{first['decision_id']}"
        self._session.send(
            "reads: decision", "GET", path, lambda got: check_recorded(got.json(), first), user=self._service
        )

    def _list(self) -> None:
        outcome = self._chance.choice((None, "approved", "referred", "declined"))
        query = urlencode({"limit": _PAGE} | ({"outcome": outcome} if outcome else {}))
        name = "reads: filtered list" if outcome else "reads: list"
        self._session.send(
            name,
            "GET",
            f"/api/v1/decisions?{query}",
            lambda got: check_list(got.json(), _PAGE, outcome),
            user=self._staff,
        )

    def _counterfactual(self) -> None:
        first = self._chance.choice(_ANSWERED)
        path = f"/api/v1/decisions/{first['decision_id']}/counterfactual"
        self._session.send(
            "reads: counterfactual", "GET", path, lambda got: check_counterfactual(got.json()), user=self._staff
        )

    def _overview(self) -> None:
        since = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
        path = f"/api/v1/overview?from={since}"
        self._session.send(
            "reads: overview", "GET", path, lambda got: check_overview(got.json()), user=self._staff
        )


def _json(response: Any) -> Any:
    return response.json()


def _decision(response: Any) -> Mapping[str, Any]:
    return check_decision(response.json())


def _page(response: Any) -> bool:
    """A page of the interface, and not the login page to which unknown users are sent."""
    if urlsplit(response.url).path == "/login":
        raise WrongAnswer("sent to the login page")
    if "<title>" not in (response.text or ""):
        raise WrongAnswer("not a page")
    return True
