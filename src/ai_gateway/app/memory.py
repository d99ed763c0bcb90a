"""What a start leaves behind: given back once, so that a worker holds what it uses."""

import ctypes
import gc
import sys


def settle() -> None:
    """When everything is loaded: collect, hand freed pages back to the system, and never look at what is left again.

    Imports and model files leave a tenth of the process in freed blocks that glibc keeps; one collection of what was
    loaded at start takes longer than most requests.
    """
    gc.collect()
    gc.set_threshold(20_000, 20, 20)  # a call makes thousands of values and no cycles
    _give_back()
    gc.freeze()


def _give_back() -> None:
    """``malloc_trim(3)``: glibc keeps what was freed, and has this to give it back; other C libraries have neither."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
