"""Coordination through Redis or Valkey: the one door to it.

Every key carries the prefix and an expiry; every call has a deadline; a lost connection is tried once more (the scripts
allow it), a slow server is not. Made for one primary, also with replicas behind it; Redis Cluster is not supported,
because one script touches several keys.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from ai_gateway.adapters import redis_scripts
from ai_gateway.errors import CoordinationUnavailable
from ai_gateway.ports import MAX_KEPT_BYTES, Change, Claimed, Done, Looked, Running

_Argument = str | bytes | int

_TICKET_SECONDS = 60.0
_SPARE_SECONDS = 5.0
"""How much longer than its lease a change's mark stays on the server."""


class RedisCoordination:
    """``ports.Coordination``. ``url`` begins ``redis://``, ``rediss://`` or ``unix://``; ``deadline`` in s per call."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "aigw:",
        deadline: float = 1.0,
        connect_timeout: float = 0.5,
        connections: int = 64,
    ) -> None:
        # More callers than connections wait for one, within the deadline; a plain pool would turn them away.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=deadline,
            socket_timeout=deadline,
            socket_connect_timeout=connect_timeout,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),  # one exchange less per connection
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._prefix = prefix
        self._deadline = deadline
        register = self._redis.register_script
        self._claim = register(redis_scripts.CLAIM)
        self._complete = register(redis_scripts.COMPLETE)
        self._release = register(redis_scripts.RELEASE)
        self._forget = register(redis_scripts.FORGET)
        self._kept = register(redis_scripts.KEPT)
        self._tally = register(redis_scripts.TALLY)
        self._look_up = register(redis_scripts.LOOK_UP)
        self._put = register(redis_scripts.PUT)
        self._begin_change = register(redis_scripts.BEGIN_CHANGE)
        self._end_change = register(redis_scripts.END_CHANGE)

    async def claim(self, key: str, note: bytes, lease: float) -> Claimed | Running | Done:
        token = secrets.token_hex(16)
        state, *rest = await self._run(self._claim, [self._claim_key(key)], [token, note, _ms(lease)])
        if state == b"done":
            return Done(rest[0])
        if state == b"running":
            return Running(rest[0], max(rest[1], 0) / 1000)
        return Claimed(token)

    async def complete(self, key: str, token: str, value: bytes, keep: float, about: Sequence[str] = ()) -> bool:
        if len(value) > MAX_KEPT_BYTES:
            return False
        keys = [self._claim_key(key), *map(self._about_key, about)]
        return bool(await self._run(self._complete, keys, [token, value, _ms(keep)]))

    async def release(self, key: str, token: str) -> None:
        await self._run(self._release, [self._claim_key(key)], [token])

    async def forget(self, about: str) -> int:
        return int(await self._run(self._forget, [self._about_key(about)], []))

    async def kept(self, key: str) -> bytes | None:
        value: bytes | None = await self._run(self._kept, [self._claim_key(key)], [])
        return value

    async def tally(self, key: str, seconds: float) -> int:
        return int(await self._run(self._tally, [f"{self._prefix}tally:{key}"], [_ms(seconds)]))

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
        if not keys:
            return {}
        args: list[_Argument] = [secrets.token_hex(16), _ms(_TICKET_SECONDS)]
        found = await self._run(self._look_up, self._cache_keys(keys), args)
        return {
            key: Looked(value, None if ticket is None else ticket.decode())
            for key, (value, ticket) in zip(keys, found, strict=True)
        }

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:
        small = {key: entry for key, entry in entries.items() if len(entry[1]) <= MAX_KEPT_BYTES}
        if not small:
            return 0
        args: list[_Argument] = [_ms(keep)]
        for ticket, value in small.values():
            args += [ticket, value]
        return int(await self._run(self._put, self._cache_keys(small), args))

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:
        change = Change(tuple(keys), secrets.token_hex(16))
        args: list[_Argument] = [change.mark, _ms(lease), _ms(lease + _SPARE_SECONDS)]
        await self._run(self._begin_change, self._cache_keys(keys), args)
        return change

    async def end_change(self, change: Change) -> None:
        args: list[_Argument] = [change.mark, secrets.token_hex(16), _ms(_TICKET_SECONDS)]
        await self._run(self._end_change, self._cache_keys(change.keys), args)

    async def check(self) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._redis.ping()
        except (RedisError, OSError) as error:
            raise _away(error) from None

    async def close(self) -> None:
        await self._redis.aclose()

    def _claim_key(self, key: str) -> str:
        return f"{self._prefix}claim:{key}"

    def _about_key(self, about: str) -> str:
        return f"{self._prefix}about:{about}"

    def _cache_keys(self, keys: Iterable[str]) -> list[str]:
        return [f"{self._prefix}cache:{key}" for key in keys]

    async def _run(self, script: AsyncScript, keys: list[str], args: Sequence[_Argument]) -> Any:  # noqa: ANN401
        try:
            async with asyncio.timeout(self._deadline):
                return await script(keys, args)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            raise _away(error) from None


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _away(error: Exception) -> CoordinationUnavailable:
    return CoordinationUnavailable(
        "Redis cannot be reached or did not answer in time; check AI_GATEWAY_REDIS_URL and try again",
        cause=type(error).__name__,
    )
