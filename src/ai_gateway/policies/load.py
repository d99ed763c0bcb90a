"""Policy files to policies, strictly: every mistake of every file is told at once; nothing is used until there is none.

1. Each file is read and checked against its shape.
2. What has its shape becomes values.
3. Names are looked up and contradictions found, across files.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ai_gateway.documents import Document, ReadDocument, Value
from ai_gateway.errors import ConfigurationError
from ai_gateway.model import CallerId, CategoryCode, EntityType, FeatureName, Purpose, VendorName
from ai_gateway.policies import build
from ai_gateway.policies.agree import Finding, Known, beyond_notice, taxonomy_findings, vendor_findings
from ai_gateway.policies.agree_callers import caller_findings
from ai_gateway.policies.agree_feature import feature_findings
from ai_gateway.policies.file_shapes import FILE_SHAPES
from ai_gateway.policies.parts import Part
from ai_gateway.policies.policy import CallerRule, FeatureKind, FeaturePolicy, Policies, Retention, Taxonomy
from ai_gateway.policies.recognizer import Recognizers
from ai_gateway.policies.recognizers import CheckExpression, recognizers, recognizers_findings
from ai_gateway.policies.retention import retention, retention_findings
from ai_gateway.policies.shape import Report, check
from ai_gateway.policies.vocabulary import StandingRule

TAXONOMY_FILE = "taxonomy.yaml"
VENDORS_FILE = "vendors.yaml"
CALLERS_FILE = "callers.yaml"
"""May be missing: then no caller has aliases, a default feature, or unattributed requests."""
RETENTION_FILE = "retention.yaml"
"""May be missing: then nothing is ever pruned."""
RECOGNIZERS_FILE = "recognizers.yaml"
"""May be missing: then only what the gateway brings is found."""
_NAMED = (TAXONOMY_FILE, VENDORS_FILE, CALLERS_FILE, RETENTION_FILE, RECOGNIZERS_FILE)
FEATURES_FOLDER = "features/"
MAX_FILES = 200


def load(texts: Mapping[str, str], read: ReadDocument, expressions: CheckExpression = lambda _: None) -> Policies:
    """``texts`` maps a path within the policies folder (``features/x.yaml``) to the file's text; ``expressions`` says
    what is wrong with a recognizer's pattern.

    Raises ``ConfigurationError`` with one line per problem: ``file:line:column: #/json/pointer: what is wrong``.
    """
    loading = _Loading(texts, read, expressions)
    policies = loading.policies()
    if policies is None:
        raise ConfigurationError(*loading.problems())
    return policies


class _Loading:
    """One load: the reports of all files, and what could be built from them."""

    def __init__(self, texts: Mapping[str, str], read: ReadDocument, expressions: CheckExpression) -> None:
        self.unreadable: list[str] = []
        if len(texts) > MAX_FILES:
            self.unreadable.append(f"features:1:1: #: more than {MAX_FILES} files")
            texts = {}
        for name in (TAXONOMY_FILE, VENDORS_FILE):
            if name not in texts:
                self.unreadable.append(f"{name}:1:1: #: the file is missing")
        self.reports = {file: report for file in sorted(texts) if (report := self._read(file, texts[file], read))}
        self.known = self._known()
        self.features = dict(self._whole_features())
        self.callers = dict(self._callers())
        self._agree()
        self._add(RECOGNIZERS_FILE, self._recognizer_findings(expressions))

    def _read(self, file: str, text: str, read: ReadDocument) -> Report | None:
        kind = _kind(file)
        if kind is None:
            self.unreadable.append(f"{file}:1:1: #: is no policy file; there are {', '.join(_NAMED)}, features/*.yaml")
            return None
        try:
            report = Report(read(text, file))
        except ConfigurationError as error:
            self.unreadable.extend(error.problems)
            return None
        check(FILE_SHAPES[kind], report.document.data, "", report)
        return report

    def problems(self) -> tuple[str, ...]:
        found = {problem for report in self.reports.values() for problem in report.problems}
        return (*self.unreadable, *(str(problem) for problem in sorted(found)))

    def _known(self) -> Known:
        taxonomy, vendors = self.reports.get(TAXONOMY_FILE), self.reports.get(VENDORS_FILE)
        categories = dict(_clean(taxonomy, "categories"))
        sources = dict(_clean(taxonomy, "sources"))
        return Known(
            category_names=_names(taxonomy, "categories"),
            source_names=_names(taxonomy, "sources"),
            vendor_names=_names(vendors, "vendors"),
            categories={CategoryCode(code): build.category(code, part) for code, part in categories.items()},
            sources={name: build.data_source(name, part) for name, part in sources.items()},
            entities={
                EntityType(kind): CategoryCode(part.text("category")) for kind, part in _clean(taxonomy, "entities")
            },
            vendors={VendorName(name): build.vendor(name, part) for name, part in _clean(vendors, "vendors")},
        )

    def _whole_features(self) -> Iterable[tuple[str, Part]]:
        for file, report in self.reports.items():
            if _kind(file) == "feature" and not report.problems:
                yield file, Part.of(file, "", report.document.data)

    def _callers(self) -> Iterable[tuple[CallerId, CallerRule]]:
        for name, part in _clean(self.reports.get(CALLERS_FILE), "callers"):
            yield CallerId(name), build.caller(name, part)

    def _agree(self) -> None:
        """Report what the shapes cannot see. Every file is looked at as far as it has its shape."""
        for file, report in self.reports.items():
            data = report.document.data
            self._add(file, beyond_notice(data, self._notice_lines()))
            if file == TAXONOMY_FILE and isinstance(data, dict):
                self._add(file, taxonomy_findings(Part.of(file, "", data), self.known))
        for vendor in self.known.vendors.values():
            self._add(VENDORS_FILE, vendor_findings(vendor))
        features = {file: build.feature(part, "") for file, part in self.features.items()}
        for file, feature in features.items():
            self._add(file, feature_findings(feature, self.features[file], self.known))
        whole = {str(feature.name): feature for feature in features.values()}
        files = (file for file in self.reports if _kind(file) == "feature")
        names = frozenset(file.removeprefix(FEATURES_FOLDER).removesuffix(".yaml") for file in files)
        for rule in self.callers.values():
            self._add(CALLERS_FILE, caller_findings(rule, whole, names))
        if (kept := self._retention()) is not None:
            self._add(RETENTION_FILE, retention_findings(kept))

    def _add(self, file: str, findings: Iterable[Finding]) -> None:
        for pointer, what in list(findings):
            self.reports[file].add(pointer, what)

    def _notice_lines(self) -> int:
        report = self.reports.get(TAXONOMY_FILE)
        data = report.document.data if report is not None and report.clean("/notice") else None
        if not isinstance(data, dict) or "notice" not in data:
            return 9999
        return Part.of(TAXONOMY_FILE, "", data).part("notice").whole("lines")

    def _recognizer_findings(self, expressions: CheckExpression) -> Iterable[Finding]:
        report = self.reports.get(RECOGNIZERS_FILE)
        if report is None or not report.clean(""):
            return ()
        return recognizers_findings(Part.of(RECOGNIZERS_FILE, "", report.document.data), expressions)

    def _recognizers(self) -> Recognizers:
        report = self.reports.get(RECOGNIZERS_FILE)
        return Recognizers() if report is None else recognizers(Part.of(RECOGNIZERS_FILE, "", report.document.data))

    def _retention(self) -> Retention | None:
        report = self.reports.get(RETENTION_FILE)
        if report is None or not report.clean(""):
            return None
        return retention(Part.of(RETENTION_FILE, "", report.document.data))

    def policies(self) -> Policies | None:
        if self.unreadable or any(report.problems for report in self.reports.values()):
            return None
        taxonomy = _taxonomy(self.reports[TAXONOMY_FILE].document, self.known)
        features = [self._feature(part) for part in self.features.values()]
        return Policies(
            taxonomy=taxonomy,
            vendors=MappingProxyType(dict(self.known.vendors)),
            features=MappingProxyType({FeatureName(feature.name): feature for feature in features}),
            digest=build.digest({file: report.document.data for file, report in self.reports.items()}),
            callers=MappingProxyType(self.callers),
            retention=self._retention(),
            recognizers=self._recognizers(),
        )

    def _feature(self, part: Part) -> FeaturePolicy:
        used = {choice.text("vendor") for choice in part.listed("vendors")}
        vendors = Part.of(VENDORS_FILE, "", self.reports[VENDORS_FILE].document.data).part("vendors").values
        covered: list[Value] = [
            dict(part.values),
            self.reports[TAXONOMY_FILE].document.data,
            {name: vendors[name] for name in sorted(used)},
        ]
        if build.feature(part, "").kind is FeatureKind.EXCHANGE and CALLERS_FILE in self.reports:
            covered.append(self.reports[CALLERS_FILE].document.data)  # says whose requests run as it, and as whom
        return build.feature(part, build.digest(*covered))


def _taxonomy(document: Document, known: Known) -> Taxonomy:
    part = Part.of(TAXONOMY_FILE, "", document.data)
    purposes = part.part("purposes")
    return Taxonomy(
        categories=MappingProxyType(dict(known.categories)),
        entities=MappingProxyType(dict(known.entities)),
        digest=build.digest(document.data),
        sources=MappingProxyType(dict(known.sources)),
        rules=MappingProxyType({StandingRule(name): rule.ref for name, rule in part.part("rules").named()}),
        purposes=MappingProxyType({Purpose(code): purposes.text(code) for code in purposes.values}),
        notice_version=part.part("notice").text("version"),
    )


def _kind(file: str) -> str | None:
    if file in _NAMED:
        return file.removesuffix(".yaml")
    return "feature" if file.startswith(FEATURES_FOLDER) and file.endswith(".yaml") else None


def _table(report: Report | None, key: str) -> Mapping[str, Value]:
    data = report.document.data if report else None
    table = data.get(key) if isinstance(data, dict) else None
    return table if isinstance(table, dict) else {}


def _names(report: Report | None, key: str) -> frozenset[str]:
    return frozenset(_table(report, key))


def _clean(report: Report | None, key: str) -> Iterable[tuple[str, Part]]:
    """The entries of a table that have their shape."""
    for name, value in _table(report, key).items():
        place = f"/{key}/{name.replace('~', '~0').replace('/', '~1')}"
        if report is not None and report.clean(place):
            yield name, Part.of(report.document.file, place, value)
