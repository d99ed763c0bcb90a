"""What processes have used, from Linux's ``/proc``."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_MS = 1000.0 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """``cpu`` in milliseconds, of all threads; ``memory`` is the largest process' resident set, in MB."""

    cpu: float
    memory: float


def spent(pids: Sequence[int]) -> Spent:
    cpu = memory = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        cpu += (int(fields[11]) + int(fields[12])) * _TICK_MS
        resident = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
        memory = max(memory, int(resident) * _PAGE / 1e6)
    return Spent(cpu=cpu, memory=memory)


def family_cpu(pid: int) -> float:
    """Milliseconds of a process and of its children, those that ended included: a PostgreSQL server's."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11:15]) * _TICK_MS
    running = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(_cpu_of(int(child)) for child in running)


def _cpu_of(pid: int) -> float:
    try:
        return spent([pid]).cpu
    except (FileNotFoundError, ProcessLookupError):  # it ended a moment ago, and is its parent's now
        return 0.0


def waiting() -> float:
    """How many processes of the whole machine ran or waited for a core, over the last minute."""
    return os.getloadavg()[0]
