"""Bare Litestar on the same uvicorn, as the reference."""

import sys

import uvicorn
from litestar import Litestar, get


@get("/")
async def hello() -> dict[str, str]:
    """Return a greeting."""
    return {"hello": "world"}


if __name__ == "__main__":
    uvicorn.run(
        Litestar([hello], openapi_config=None, logging_config=None),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
    )
