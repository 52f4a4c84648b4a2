"""What the Python client refuses to send, and what it converts."""

import json
import types
from decimal import Decimal

import numpy as np
import pytest

from credit_scoring_client import Client, LoanApplication, RequestFailed, RetryPolicy
from domain.products.personal_loan import EXAMPLE


@pytest.fixture
def client(scripted):
    with Client(scripted.address, token="token", retry=RetryPolicy(attempts=1)) as client:
        yield client


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), np.float32("nan")])
@pytest.mark.parametrize("kind", [dict, LoanApplication], ids=["dictionary", "model"])
def test_infinity_and_nan_are_not_sent_as_null(client, scripted, kind, value):
    with pytest.raises(ValueError, match=r"dti is .*, revol_util is .*: use None"):
        client.predict(kind(**{**EXAMPLE, "revol_util": value, "dti": value}))
    assert scripted.requests == []


def test_numbers_of_other_types_are_sent_as_numbers(client, scripted):
    scripted.script.append((422, {}, b""))
    given = {**EXAMPLE, "loan_amnt": Decimal("10000.50"), "dti": np.float64(12.5), "pub_rec": np.int64(1)}
    with pytest.raises(RequestFailed):
        client.predict(types.MappingProxyType(given))
    assert json.loads(scripted.requests[0][2]) == {**EXAMPLE, "loan_amnt": 10000.5, "dti": 12.5, "pub_rec": 1}


@pytest.mark.parametrize("key", ["", "a b", "a\n", "ä", "a" * 256])
def test_an_invalid_idempotency_key_is_not_replaced_or_sent(client, key):
    with pytest.raises(ValueError, match="1 to 255 printable ASCII characters"):
        client.predict(EXAMPLE, idempotency_key=key)


def test_a_file_name_is_not_taken_for_its_content(client, tmp_path):
    with pytest.raises(TypeError, match=r"as bytes, or a pathlib\.Path"):
        client.submit_batch("loans.csv")
    with pytest.raises(FileNotFoundError):
        client.submit_batch(tmp_path / "absent.csv")
    with pytest.raises(IsADirectoryError):
        client.submit_batch(tmp_path)


@pytest.mark.parametrize("token", ["", "abc\n", "abc def", "ä"])
def test_an_invalid_token_is_refused_and_not_shown(token):
    with pytest.raises(ValueError, match="the token is empty, or has white space") as refused:
        Client("https://scoring.example", token=token)
    assert "abc" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["scoring.example", "ftp://scoring.example", "https://", "https://scoring.example/?a=b"]
)
def test_addresses_are_checked(address):
    with pytest.raises(ValueError, match="is not an address"):
        Client(address, token="token")


def test_a_port_is_a_number_and_credentials_have_their_own_parameters():
    with pytest.raises(ValueError, match="Port could not be cast"):
        Client("https://scoring.example:port", token="token")
    with pytest.raises(ValueError, match="give username= and password= instead") as refused:
        Client("https://anna:secret@scoring.example", token="token")
    assert "secret" not in str(refused.value)


def test_a_path_before_the_api_is_kept(scripted):
    scripted.script.append((200, {}, b'{"status": "alive", "version": "1"}'))
    with Client(f"{scripted.address}/lending/", token="token") as client:
        client.live()
    assert scripted.requests[0][0] == "/lending/health/live"


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"username": "anna"},
        {"password": "p"},
        {"token": "t", "username": "anna"},
        {"token": "t", "username": "anna", "password": "p"},
    ],
)
def test_credentials_are_required(credentials):
    with pytest.raises(ValueError, match="either a token, or a username and a password"):
        Client("https://scoring.example", **credentials)
