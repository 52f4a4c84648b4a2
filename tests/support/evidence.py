"""Exports of evidence in tests, and running the program that verifies them."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.documents.evidence_documents import TEMPLATE, evidence_values
from adapters.documents.render_process import render_html
from adapters.evidence import verify as verify_module
from adapters.evidence.zip_packages import ZipPackages
from adapters.system import TimeOrderedIdentifiers
from application.ports.audit.audit_events import AuditEvents
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.evidence_package import EvidenceDocuments, EvidenceRenderer, RecordText
from application.ports.audit.evidence_records import EvidenceRecords
from application.ports.audit.signatures import Signer
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.models.bundles import Bundles
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.evidence_versions import EvidenceVersions
from application.use_cases.audit.export_evidence import ExportedEvidence, ExportEvidence
from application.use_cases.audit.record_event import RecordEvent
from entrypoints.ui.decisions.record_text import record_text

VERIFIER = Path(verify_module.__file__)


class InProcessRenderer(EvidenceRenderer):
    """Renders HTML at once, and no PDF."""

    async def render(self, texts: Sequence[RecordText], *, pdf: bool) -> EvidenceDocuments:
        html = render_html(TEMPLATE, evidence_values(texts))
        return EvidenceDocuments(html.encode(), None, "there is no PDF in this test")


def export_evidence_over(  # noqa: PLR0917 - the ports
    archive: DecisionArchive,
    records: EvidenceRecords,
    checkpoints: Checkpoints,
    events: AuditEvents,
    products: Products,
    policies: Policies,
    bundles: Bundles,
    clock: Clock,
    signer: Signer | None,
    renderer: EvidenceRenderer | None = None,
) -> ExportEvidence:
    """The use case over these ports."""
    identifiers = TimeOrderedIdentifiers()
    assert signer is not None
    return ExportEvidence(
        archive=archive,
        records=records,
        checkpoints=checkpoints,
        versions=EvidenceVersions(products, policies, bundles, record_text),
        packages=ZipPackages(),
        renderer=renderer or InProcessRenderer(),
        create_checkpoint=CreateCheckpoint(checkpoints, signer, clock),
        record_event=RecordEvent(events, EventFactory(clock, identifiers)),
        clock=clock,
        identifiers=identifiers,
        trusted=(signer.public_key,),
        signer=signer,
    )


async def content_of(exported: ExportedEvidence) -> bytes:
    """The bytes of an export's zip file."""
    return b"".join([chunk async for chunk in exported.package.content])


def files_of(package: bytes) -> dict[str, bytes]:
    """The files in a zip file."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip file with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    return content.getvalue()


def verify_in_clean_interpreter(export: Path, *arguments: str) -> tuple[int, str]:
    """Run the verifier without site packages, as a receiver of the export would; its exit code and its output."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(export), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr
