"""The shapes of the six kinds of policy file. Their published form is ``policies/schemas/*.schema.json``."""

from collections.abc import Mapping

from ai_gateway.policies.callers_shape import CALLERS
from ai_gateway.policies.feature_shape import FEATURE
from ai_gateway.policies.recognizers import RECOGNIZERS
from ai_gateway.policies.retention import RETENTION
from ai_gateway.policies.shape import Record
from ai_gateway.policies.taxonomy_shape import TAXONOMY
from ai_gateway.policies.vendors_shape import VENDORS

FILE_SHAPES: Mapping[str, Record] = {
    "taxonomy": TAXONOMY,
    "vendors": VENDORS,
    "callers": CALLERS,
    "retention": RETENTION,
    "recognizers": RECOGNIZERS,
    "feature": FEATURE,
}
