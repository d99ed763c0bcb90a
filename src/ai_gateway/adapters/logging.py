"""The door to structlog: one JSON object a line, ids and counts only, whoever logs."""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import PurePath
from traceback import extract_tb
from typing import Any, TextIO

import orjson
import structlog

_OURS = "ai_gateway"
_SERVERS = frozenset({"uvicorn.error"})
"""Says when the server starts and stops; its texts hold addresses and process ids."""
_FRAMES = 8

Event = MutableMapping[str, Any]


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send every logger of this process through one formatter.

    Other libraries are capped at warnings, and theirs are told by name and place alone: at debug level they print
    requests and replies, and in warnings they may quote them.
    """
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter(), _withhold_foreign_text],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _place_of_error,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(serializer=_line),
        ],
    )
    output = logging.StreamHandler(stream or sys.stderr)
    output.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(logging.WARNING)
    for name in (_OURS, *_SERVERS):
        logging.getLogger(name).setLevel(level.upper())
    _cap_others()


def _cap_others() -> None:
    """Libraries set levels and outputs of their own when they are imported; call again after importing any."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and not _is_ours(name):
            logger.handlers.clear()
            logger.propagate = True
            if logger.getEffectiveLevel() < logging.WARNING:
                logger.setLevel(logging.WARNING)


cap_others = _cap_others


def _is_ours(name: str) -> bool:
    return name == _OURS or name.startswith(_OURS + ".") or name in _SERVERS


def _withhold_foreign_text(_logger: object, _method: str, event: Event) -> Event:
    record: logging.LogRecord = event["_record"]
    told_by_server = record.name in _SERVERS and record.levelno > logging.WARNING  # may hold a traceback's text
    if told_by_server or not _is_ours(record.name):
        event["event"] = "another library's warning"
        event["at"] = f"{PurePath(record.pathname).name}:{record.lineno}"
    return event


def _place_of_error(_logger: object, _method: str, event: Event) -> Event:
    """An exception's kind and the places it came through. Its text, and the values in its frames, are left out."""
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["kind"] = type(error).__name__
        frames = extract_tb(error.__traceback__)[-_FRAMES:]
        event["at"] = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _line(event: Event, **_options: object) -> str:
    return orjson.dumps(event, default=lambda value: type(value).__name__).decode()
