"""A witness at a web address (C2SP tlog-witness): ``POST <prefix>/add-checkpoint``."""

import re

import aiohttp

from ai_gateway.errors import CheckpointRefused, StoreUnavailable
from ai_gateway.sharelog.witnesses import Cosigned, RemembersOther
from ai_gateway.verifier import Key

_MAX_ANSWER = 16 << 10
_DEADLINE = aiohttp.ClientTimeout(total=5)
_SIZE_TYPE = "text/x.tlog.size"
_OK, _CONFLICT = 200, 409
_WHY = {
    400: "it finds the request malformed",
    403: "it does not know the key that signed; give it the log's verifier key",
    404: "it does not know this log; give it the log's origin and verifier key",
    409: "it has seen another log of the same size: somebody signed two pasts",
    422: "the log does not begin with what it has seen",
}


class HttpWitness:
    """``sharelog.witnesses.Witness``. ``prefix`` is the submission prefix, to which ``/add-checkpoint`` is added."""

    def __init__(self, prefix: str, key: Key) -> None:
        self._url = f"{prefix.rstrip('/')}/add-checkpoint"
        self._key = key

    @property
    def key(self) -> Key:
        return self._key

    async def add_checkpoint(self, request: str) -> Cosigned | RemembersOther:
        headers = {"content-type": "text/plain; charset=utf-8"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_DEADLINE, trust_env=False) as session,
                session.post(self._url, data=request.encode(), headers=headers, allow_redirects=False) as response,
            ):
                status, kind = response.status, response.content_type
                text = (await response.content.read(_MAX_ANSWER)).decode("utf-8", "replace")
        except aiohttp.ClientError as error:
            raise StoreUnavailable(f"it cannot be asked ({type(error).__name__})") from None
        if status == _OK:
            return Cosigned(text)
        if status == _CONFLICT and kind == _SIZE_TYPE and re.fullmatch(r"(0|[1-9][0-9]{0,15})\n", text):
            return RemembersOther(int(text))
        if status in _WHY:
            raise CheckpointRefused(_WHY[status])
        raise StoreUnavailable(f"it answered {status}")
