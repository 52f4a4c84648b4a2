"""Responses that are not of the API, downloads, tokens of concurrent calls, and cancelled requests."""

import asyncio
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from clients.test_python_client_faults import BUSY, CANCELLED, QUICK, SECRET, problem, token
from credit_scoring_client import (
    AsyncClient,
    Client,
    InvalidRequest,
    NotAuthenticated,
    RequestFailed,
    UnexpectedContent,
)
from domain.products.personal_loan import EXAMPLE

HTML = (200, {"Content-Type": "text/html"}, b"<html>Log in</html>")
CORRUPT = (200, {"Content-Encoding": "gzip"}, b"not compressed")
RESULTS = (200, {"Content-Type": "text/csv; charset=utf-8"}, b"row_number\n1\n")
CREDENTIALS = {"username": "broker-portal", "password": "secret"}


@pytest.fixture
def client(scripted):
    with Client(scripted.address, token="token", retry=QUICK) as client:
        yield client


@pytest.mark.parametrize("response", [HTML, CORRUPT, (200, {}, b""), (200, {}, b'{"secret": "\xff"}')])
async def test_a_successful_response_of_something_else_is_an_error(scripted, client, response):
    scripted.script.extend([response] * 2)
    with pytest.raises(UnexpectedContent):
        client.read_webhook_secret()
    async with AsyncClient(scripted.address, token="token", retry=QUICK) as asynchronous:
        with pytest.raises(UnexpectedContent):
            await asynchronous.read_webhook_secret()
    assert len(scripted.requests) == 2


def test_a_page_is_not_saved_as_results(scripted, client, tmp_path):
    scripted.script.append(HTML)
    with pytest.raises(UnexpectedContent, match="text/html"):
        client.read_batch_results(CANCELLED["batch_id"], tmp_path / "results.csv")
    assert list(tmp_path.iterdir()) == []


async def test_redirects_are_named_and_not_followed(scripted):
    scripted.script.append((308, {"Location": "https://elsewhere.example/"}, b""))
    async with httpx.AsyncClient(follow_redirects=True) as http:
        client = AsyncClient(scripted.address, token="token", http=http)
        with pytest.raises(RequestFailed, match="308: redirected to https://elsewhere"):
            await client.predict(EXAMPLE)
        await client.close()
        assert not http.is_closed


def test_connections_that_were_given_stay_open(scripted):
    with httpx.Client() as http:
        with Client(scripted.address, token="token", http=http):
            pass
        assert not http.is_closed


def test_errors_pass_between_processes(scripted, client):
    scripted.script.append(problem(422, "invalid-application"))
    with pytest.raises(InvalidRequest) as failed:
        client.predict(EXAMPLE)
    copied = pickle.loads(pickle.dumps(failed.value))  # noqa: S301 - our own
    assert (type(copied), str(copied), copied.kind) == (InvalidRequest, str(failed.value), "invalid-application")


def test_a_download_replaces_the_target_of_a_link_with_an_ordinary_file(scripted, client, tmp_path):
    scripted.script.append(RESULTS)
    ordinary, target, link = tmp_path / "ordinary", tmp_path / ("r" * 255), tmp_path / "link"
    ordinary.touch()
    link.symlink_to(target)
    client.read_batch_results(CANCELLED["batch_id"], link)
    assert link.is_symlink()
    assert target.read_bytes() == RESULTS[2]
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    assert len(list(tmp_path.iterdir())) == 3


async def test_a_download_may_be_the_first_call(scripted, tmp_path):
    scripted.script.extend([token("first"), RESULTS] * 2)
    with Client(scripted.address, **CREDENTIALS) as client:
        client.read_batch_results(CANCELLED["batch_id"], tmp_path / "1.csv")
    async with AsyncClient(scripted.address, **CREDENTIALS) as client:
        await client.read_batch_results(CANCELLED["batch_id"], tmp_path / "2.csv")
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes() == RESULTS[2]


def token_requests(scripted):
    return [path for path, _, _ in scripted.requests].count("/api/v1/auth/token")


def test_threads_share_one_token(scripted):
    scripted.script.extend([token("first"), *[SECRET] * 20])
    with Client(scripted.address, **CREDENTIALS) as client, ThreadPoolExecutor(20) as threads:
        for _ in [threads.submit(client.read_webhook_secret) for _ in range(20)]:
            _.result()
    assert token_requests(scripted) == 1


async def test_tasks_share_one_token(scripted):
    scripted.script.extend([token("first"), *[SECRET] * 20])
    async with AsyncClient(scripted.address, **CREDENTIALS) as client:
        await asyncio.gather(*[client.read_webhook_secret() for _ in range(20)])
    assert token_requests(scripted) == 1


REJECTED = (400, {}, b'{"type": "t", "title": "T", "status": 400, "detail": "D", "error": "invalid_grant"}')


async def test_calls_that_wait_for_a_token_share_its_rejection(scripted):
    scripted.script.extend([REJECTED, token("first"), SECRET])
    async with AsyncClient(scripted.address, **CREDENTIALS) as client:
        calls = [client.read_webhook_secret() for _ in range(20)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in outcomes} == {NotAuthenticated}
        assert token_requests(scripted) == 1
        assert (await client.read_webhook_secret()).secret == "whsec_1"  # a later call tries again


def test_a_token_request_is_repeated(scripted):
    scripted.script.extend([None, BUSY, token("first"), SECRET])
    with Client(scripted.address, **CREDENTIALS, retry=QUICK) as client:
        assert client.read_webhook_secret().secret == "whsec_1"


@pytest.mark.parametrize("content", [b"", b"one", b"one two three"], ids=len)
async def test_a_file_that_changes_is_not_sent_as_the_whole(scripted, tmp_path, content):
    scripted.script.extend([None] * 2)
    path = tmp_path / "loans.csv"
    path.write_bytes(b"one two")

    class Changing(type(path)):
        def open(self, mode):
            path.write_bytes(content)
            return path.open(mode)

    with (
        Client(scripted.address, token="token", retry=QUICK) as client,
        pytest.raises(OSError, match=r"loans\.csv changed"),
    ):
        client.submit_batch(Changing(path))
    path.write_bytes(b"one two")
    async with AsyncClient(scripted.address, token="token", retry=QUICK) as client:
        with pytest.raises(OSError, match=r"loans\.csv changed"):
            await client.submit_batch(Changing(path))


async def test_cancelled_requests_return_their_connection(service):
    one_connection = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
    async with one_connection, asyncio.timeout(20):
        client = AsyncClient(service.address, token=service.token_of("canceller"), http=one_connection)
        await client.live()
        for attempt in range(200):
            calling = asyncio.create_task(client.list_batches())
            await asyncio.sleep(attempt % 8 * 0.001)
            calling.cancel()
            await asyncio.wait([calling])
        await client.live()
