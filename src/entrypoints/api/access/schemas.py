"""Requests and responses on access tokens and passwords."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.access.password_policy import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH

_Name = Annotated[str, Meta(min_length=1, examples=["broker-portal"])]
_Password = Annotated[str, Meta(min_length=1, extra_json_schema={"format": "password"})]
_NewPassword = Annotated[
    str,
    Meta(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH, extra_json_schema={"format": "password"}),
]


class TokenRequest(Struct, frozen=True):
    """A form of OAuth2's password grant (RFC 6749, section 4.3)."""

    grant_type: Literal["password"]
    username: _Name
    password: _Password


class TokenResponse(Struct, frozen=True):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Meta(description="Lifetime in seconds.", examples=[3600])]


class PasswordChange(Struct, frozen=True):
    """A form that changes the user's own password."""

    username: _Name
    current_password: _Password
    new_password: _NewPassword
