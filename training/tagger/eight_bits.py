"""Matrices in eight bits with a scale for each output, and back.

Seven of the eight bits are used: without VNNI instructions onnxruntime adds pairs of products in 16 bits, which would
saturate.
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

_MOST = 63


def packed(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """(outputs, inputs) to whole numbers (inputs, outputs) and the scales."""
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-8) / _MOST
    return np.rint(weight / scale[:, None]).astype(np.int8).T, scale.astype(np.float32)


def unpacked(numbers: npt.NDArray[np.int8], scale: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The inverse, within half a step of each scale."""
    return np.ascontiguousarray((numbers.astype(np.float32) * scale).T)


def verified(path: Path, sha256: str) -> bytes:
    """The file's bytes. Raises ``SystemExit`` unless their digest begins with ``sha256``, which must say something."""
    content = path.read_bytes()
    if not sha256 or not hashlib.sha256(content).hexdigest().startswith(sha256):
        raise SystemExit(f"{path.name} is not the model whose SHA-256 begins with '{sha256}'")
    return content
