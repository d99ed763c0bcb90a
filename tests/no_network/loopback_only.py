"""Refuses every connection and look-up that would leave this machine, and says which one it was."""

import ipaddress
import socket
from typing import Any, NoReturn


class NetworkUsed(AssertionError):
    """Something tried to reach beyond loopback."""


def _local(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _refuse(what: str, where: object) -> NoReturn:
    raise NetworkUsed(f"{what} beyond loopback: {where!r}")


def install() -> None:
    """Replace ``socket``'s ways out. Idempotent."""
    if getattr(socket, "_loopback_only", False):
        return
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _local(address[0]):
            _refuse("connection", address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX and not _local(address[0]):
            _refuse("connection", address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _local(host):
            _refuse("name look-up", host)
        return look_up(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[assignment, method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = guarded_look_up
    socket._loopback_only = True  # type: ignore[attr-defined]
