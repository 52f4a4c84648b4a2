"""The policies, products and models that made the decisions of an export."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.audit.evidence_package import DescribeRecord, RecordText
from application.ports.models.bundles import Bundles
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import DecisionUnreadable, require_fit
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition

_OF_MODEL = ("SHA256SUMS", "manifest.json", "model_card.json", "model_card.md")
"""The files of a model that are exported: its fingerprint is the digest of the first, which lists all files."""


@dataclass(frozen=True, slots=True)
class Described:
    """A decision in words, with the files of its versions by name; `left_out` names versions not archived."""

    text: RecordText
    files: Mapping[str, bytes]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceVersions:
    """Finds the archived versions, each once for an export, and puts decisions into words with them."""

    products: Products
    policies: Policies
    bundles: Bundles
    describe: DescribeRecord

    def reader(self) -> "VersionReader":
        """A reader for one export."""
        return VersionReader(self)


class VersionReader:
    """Reads each version of an export once."""

    def __init__(self, ports: EvidenceVersions) -> None:
        self._ports = ports
        self._products: dict[tuple[str, str], ProductDefinition | None] = {}
        self._policies: dict[tuple[str, str, str], ScoringPolicy | None] = {}
        self._models: dict[str, Mapping[str, bytes]] = {}

    async def of(self, record: DecisionRecord | UnreadableDecision) -> Described:
        """A decision in words with its versions."""
        if isinstance(record, UnreadableDecision):
            return Described(_unreadable(record), {}, ())
        files: dict[str, bytes] = {}
        left_out = []
        product = await self._product(record)
        if product is not None:
            files[_name("product", product.fingerprint)] = product.document.encode()
        elif record.product_fingerprint:
            left_out.append(_name("product", record.product_fingerprint))
        policy = None if product is None else await self._policy(record, product)
        if policy is not None:
            files[_name("policy", policy.fingerprint)] = policy.document.encode()
        elif record.policy_fingerprint:
            left_out.append(_name("policy", record.policy_fingerprint))
        model = await self._model(record.model_fingerprint)
        files |= model
        if not model:
            left_out.append(f"versions/model-{record.model_fingerprint}")
        return Described(self._text(record, policy, product), files, tuple(left_out))

    async def _product(self, record: DecisionRecord) -> ProductDefinition | None:
        version, fingerprint = record.application.product, record.product_fingerprint
        key = str(version), fingerprint
        if key not in self._products:
            try:
                self._products[key] = await self._ports.products.find(version, fingerprint)
            except VersionNotArchived:
                self._products[key] = None
        return self._products[key]

    async def _policy(self, record: DecisionRecord, product: ProductDefinition) -> ScoringPolicy | None:
        version, fingerprint = record.decision.policy_version, record.policy_fingerprint
        key = version, fingerprint, product.fingerprint
        if key not in self._policies:
            try:
                self._policies[key] = await self._ports.policies.find(version, fingerprint, product)
            except VersionNotArchived:
                self._policies[key] = None
        return self._policies[key]

    async def _model(self, fingerprint: str) -> Mapping[str, bytes]:
        if fingerprint not in self._models:
            found = await self._ports.bundles.find(fingerprint) or {}
            self._models[fingerprint] = {
                f"versions/model-{fingerprint}/{file}": found[file] for file in _OF_MODEL if file in found
            }
        return self._models[fingerprint]

    def _text(
        self, record: DecisionRecord, policy: ScoringPolicy | None, product: ProductDefinition | None
    ) -> RecordText:
        if product is None:
            return _unreadable(record, "the definition of its product is not archived")
        try:
            require_fit(record, product)
        except DecisionUnreadable as fault:
            return _unreadable(record, fault.decision.problem)
        return self._ports.describe(record, policy, product)


def _name(kind: str, fingerprint: str) -> str:
    return f"versions/{kind}-{fingerprint}.json"


def _unreadable(record: DecisionRecord | UnreadableDecision, problem: str = "") -> RecordText:
    why = problem or (record.problem if isinstance(record, UnreadableDecision) else "")
    summary = (f"The record cannot be put into words: {why}.", "The export has its exact bytes and their proof.")
    return RecordText(str(record.decision_id), "Record cannot be read", summary, ())
