"""A fair peer, as people build such a service today: FastAPI, pydantic, a pandas row into `predict_proba`, Redis,
one SQLAlchemy insert per request, uvicorn with one worker. No reasons, no policy, no audit trail.

The model has the shape of the service's (200 trees of depth 3), both start with cold caches, and both write to the
same PostgreSQL with the same durability.
"""

import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import redis.asyncio as redis
import uvicorn
from fastapi import FastAPI
from lightgbm import LGBMClassifier
from pydantic import BaseModel, Field
from sqlalchemy import DateTime, Float, Text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.applications import forms

WORDS = ("emp_length", "home_ownership", "term", "purpose")


class Application(BaseModel):
    """The request."""

    annual_inc: float = Field(ge=0)
    emp_length: str
    home_ownership: str
    loan_amnt: float = Field(gt=0)
    term: str
    purpose: str
    fico_range_low: int = Field(ge=300, le=850)
    fico_range_high: int = Field(ge=300, le=850)
    dti: float = Field(ge=0)
    revol_util: float | None = None
    inq_last_6mths: int = Field(ge=0)
    delinq_2yrs: int = Field(ge=0)
    pub_rec: int = Field(ge=0)


class Answer(BaseModel):
    """The answer."""

    success: bool
    prediction: dict[str, Any]
    request_id: str
    timestamp: datetime


class Base(DeclarativeBase):
    """Tables."""


class Decision(Base):
    """A recorded decision."""

    __tablename__ = "peer_decisions"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    request: Mapped[str] = mapped_column(Text)
    pd: Mapped[float] = mapped_column(Float)


def frame(rows: list[dict[str, Any]], categories: dict[str, list[str]]) -> pd.DataFrame:
    """Rows as the model takes them."""
    table = pd.DataFrame(rows)
    for name in WORDS:
        table[name] = pd.Categorical(table[name], categories=categories[name])
    return table


def trained() -> tuple[LGBMClassifier, dict[str, list[str]]]:
    """A model with the shape of the service's model."""
    rows: list[dict[str, Any]] = [dict(form) for form in forms(5000)]
    categories = {name: sorted({row[name] for row in rows}) for name in WORDS}
    bad = np.random.default_rng(1).random(len(rows)) < 0.15
    model = LGBMClassifier(n_estimators=200, max_depth=3, num_leaves=8, n_jobs=1, verbose=-1)
    model.fit(frame(rows, categories), bad)
    return model, categories


def create_app(database_url: str, redis_url: str) -> FastAPI:
    """The application."""
    model, categories = trained()
    engine: AsyncEngine = create_async_engine(database_url)
    sessions = async_sessionmaker(engine)
    cache = redis.from_url(redis_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/api/v1/predictions")
    async def predict(application: Application) -> Answer:
        body = application.model_dump()
        key = "peer:" + json.dumps(body, sort_keys=True)
        cached = await cache.get(key)
        if cached is None:
            probability = float(model.predict_proba(frame([body], categories))[0, 1])
            await cache.set(key, probability, ex=3600)
        else:
            probability = float(cached)
        identifier = str(uuid.uuid4())
        async with sessions() as session:
            session.add(Decision(id=identifier, at=datetime.now(UTC), request=json.dumps(body), pd=probability))
            await session.commit()
        return Answer(
            success=True,
            prediction={
                "prediction": int(probability >= 0.5),
                "probability": 1 - probability,
                "risk_score": 100 * probability,
                "model_version": "1.0.0",
            },
            request_id=identifier,
            timestamp=datetime.now(UTC),
        )

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[2], sys.argv[3]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="error",
    )
