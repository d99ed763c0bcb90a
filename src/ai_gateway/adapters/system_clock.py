"""The machine's clock."""

import time

_NANOSECONDS = 1_000_000


class SystemClock:
    """``ports.Clock``."""

    def now(self) -> int:
        return time.time_ns() // _NANOSECONDS
