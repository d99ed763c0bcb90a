"""The yardstick: FastAPI that passes a body on to the vendor and its answer back, and does nothing else."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from fastapi import FastAPI, Request, Response


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        app.state.session = session
        yield


app = FastAPI(lifespan=lifespan)
_VENDOR = os.environ.get("BENCH_VENDOR_URL", "") + "/chat/completions"


@app.post("/pass")
async def pass_on(request: Request) -> Response:
    body = await request.body()
    async with app.state.session.post(_VENDOR, data=body, headers={"content-type": "application/json"}) as answer:
        return Response(await answer.read(), media_type="application/json")
