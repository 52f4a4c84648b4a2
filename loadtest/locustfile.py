"""The users that locust simulates. Started by `scripts/load`, which sets the plan and the credentials."""

import os
from itertools import count

from locust import FastHttpUser, between, constant_throughput

from loadtest.plan import Plan, Users
from loadtest.scenarios import Caller

_PLAN = Plan.of_environment()
_USERS = Users.of(os.environ)
_NUMBERS = count()


class ServiceUser(FastHttpUser):
    """Repeats scenarios of the mix."""

    insecure = False
    connection_timeout = 10.0
    network_timeout = 30.0
    wait_time = constant_throughput(_PLAN.rate / _PLAN.users) if _PLAN.rate else between(0.5, 1.5)

    def on_start(self) -> None:
        """Begin with applications of its own."""
        assert _USERS is not None  # noqa: S101 - scripts/load sets them
        self.caller = Caller(self.client, _PLAN, _USERS.service, _USERS.staff, next(_NUMBERS))

    def single(self) -> None:
        self.caller.single()

    def keyed(self) -> None:
        self.caller.keyed()

    def batch(self) -> None:
        self.caller.batch()

    def reads(self) -> None:
        self.caller.reads()

    def web(self) -> None:
        self.caller.web()

    tasks = {  # noqa: RUF012 - locust's way to weigh tasks
        task: _PLAN.mix[name]
        for name, task in {"single": single, "keyed": keyed, "batch": batch, "reads": reads, "web": web}.items()
        if name in _PLAN.mix
    }
