"""The yardstick: FastAPI that passes a body on to the vendor and its answer back, and does nothing else."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        app.state.session = session
        yield


app = FastAPI(lifespan=lifespan)
_VENDOR = os.environ.get("BENCH_VENDOR_URL", "") + "/chat/completions"
_JSON = {"content-type": "application/json"}


@app.post("/pass")
async def pass_on(request: Request) -> Response:
    body = await request.body()
    async with app.state.session.post(_VENDOR, data=body, headers=_JSON) as answer:
        return Response(await answer.read(), media_type="application/json")


@app.post("/stream")
async def stream_on(request: Request) -> Response:
    body = await request.body()

    async def pieces() -> AsyncIterator[bytes]:
        async with app.state.session.post(_VENDOR, data=body, headers=_JSON) as answer:
            async for piece in answer.content.iter_any():
                yield piece

    return StreamingResponse(pieces(), media_type="text/event-stream")
