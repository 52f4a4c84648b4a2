"""A caller subscribes to events of its own applications and reads them, through running processes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.messaging.signatures import signature
from adapters.system import SystemClock
from credit_scoring_client import Client, InvalidRequest, NotFound, UnexpectedContent, verify_event
from credit_scoring_client.webhooks import DecisionRecorded, SubscriptionTested
from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually

EVENTS = ["decision.recorded", "case.resolved"]


@pytest.fixture
def client(service):
    with Client(service.address, username="broker-portal", password=service.password) as made:
        yield made
        for each in made.list_subscriptions().subscriptions:
            made.end_subscription(each.subscription_id)


class _Receiver(BaseHTTPRequestHandler):
    """Keeps what arrives, and answers with the status of the server."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Scoring-Signature"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        server.received, server.status = [], 204
        server.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_decision_is_sent_as_the_api_returns_it(client, receiver):
    made = client.subscribe(receiver.url, EVENTS)
    assert client.subscribe(receiver.url, EVENTS).subscription_id == made.subscription_id
    answer = client.predict(EXAMPLE)
    eventually(lambda: receiver.received, within=90)
    queued = client.send_test_event(made.subscription_id)
    eventually(lambda: len(receiver.received) == 2, within=90)
    secret = client.read_webhook_secret().secret
    decided, tested = [verify_event(body, signed, secret) for body, signed in receiver.received]
    assert isinstance(decided, DecisionRecorded)
    assert decided.occurred_at == answer.timestamp
    assert decided.data == client.read_decision(answer.request_id)
    assert isinstance(tested, SubscriptionTested)
    assert (tested.delivery_id, tested.data.url) == (queued.delivery_id, receiver.url)
    eventually(lambda: client.list_subscriptions().subscriptions[0].last_delivered_at, within=10)
    (state,) = client.list_subscriptions().subscriptions
    assert (state.pending, state.undelivered, state.failing_since) == (0, 0, None)


def test_a_failing_receiver_is_reported(client, receiver):
    receiver.status = 503
    made = client.subscribe(receiver.url, EVENTS)
    client.send_test_event(made.subscription_id)
    eventually(lambda: client.list_subscriptions().subscriptions[0].failing_since, within=90)
    (state,) = client.list_subscriptions().subscriptions
    assert (state.last_fault, state.pending) == ("the response had status 503", 1)
    assert list(client.iterate_undelivered(made.subscription_id)) == []
    assert client.retry_undelivered(made.subscription_id).retried == 0
    receiver.status = 200
    client.send_test_event(made.subscription_id)
    eventually(lambda: client.list_subscriptions().subscriptions[0].pending == 0, within=90)


def test_invalid_requests_are_refused(client, receiver):
    with pytest.raises(InvalidRequest) as refused:
        client.subscribe("ftp://portal.example", ["decision.made"])
    assert [each.field for each in refused.value.errors] == ["url", "events"]
    made = client.subscribe(receiver.url, EVENTS)
    client.end_subscription(made.subscription_id)
    with pytest.raises(NotFound):
        client.send_test_event(made.subscription_id)


def test_an_event_of_a_later_release_is_reported():
    body = b'{"delivery_id":"7","event":"loan.sold","occurred_at":"2026-11-29T09:00:00Z","data":{}}'
    with pytest.raises(UnexpectedContent, match=r"loan\.sold"):
        verify_event(body, signature("whsec_1", body, at=SystemClock().now()), "whsec_1")
