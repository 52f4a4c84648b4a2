"""Writes the content of an export of evidence into a package."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from application.ports.audit.evidence_package import EvidencePackage, EvidenceRenderer, RecordText, TextSection
from application.ports.audit.evidence_records import Coverage, EvidenceRecords, StoredSubject
from application.ports.audit.signatures import Signer
from application.use_cases.audit.evidence_content import Export, Found, place_of
from application.use_cases.audit.evidence_versions import EvidenceVersions
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import AuditEntry
from domain.audit.event import subject_in
from domain.audit.evidence import (
    KIND,
    MAX_IN_PDF,
    MAX_LINKS,
    SCHEMA,
    entry_content,
    entry_line,
    exact_time,
    json_line,
    statement_on,
)
from domain.canonical_json import canonical_json
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

_NO_CHECKPOINT = "no checkpoint covers the entry yet: the service creates one within a minute; export it again"
_TOO_FAR = f"more than {MAX_LINKS:,} entries lie between the entries of this export and their checkpoints"
_NOTICE = (
    "Compare the public key with one that you obtained elsewhere: a person who controls the service could sign "
    "other records with another key. The documents named document.json count; evidence.html and evidence.pdf are "
    "for reading."
)


class EvidenceWriter:
    """Writes one export."""

    def __init__(
        self,
        package: EvidencePackage,
        records: EvidenceRecords,
        versions: EvidenceVersions,
        renderer: EvidenceRenderer,
        signer: Signer | None,
    ) -> None:
        self._package, self._records, self._renderer, self._signer = package, records, renderer, signer
        self._versions = versions.reader()
        self._links: dict[tuple[UUID, Coverage], str] = {}
        self._checkpoints: dict[int, SignedCheckpoint] = {}

    async def write(self, export: Export, found: Found) -> str:
        """Write everything, and return the SHA-256 of the manifest (hexadecimal)."""
        await self._write_links(found)
        for folder, subjects in found.folders.items():
            for subject in subjects:
                await self._write_subject(f"{folder}/{subject.identifier}", subject, found)
        left_out, texts = await self._write_versions(export, found)
        no_pdf = await self._write_documents(texts)
        manifest = {
            "kind": KIND,
            "schema": SCHEMA,
            "export_id": str(export.export_id),
            "exported_at": exact_time(export.at),
            "exported_by": export.by.name,
            "role": export.by.role.value,
            "selection": export.selection,
            **{folder: [str(each.identifier) for each in subjects] for folder, subjects in found.folders.items()},
            "left_out": left_out,
            "no_pdf": no_pdf,
            "public_keys": sorted({each.public_key.hex() for each in self._checkpoints.values()}),
            "notice": _NOTICE,
            "files": dict(self._package.files),
        }
        await self._package.add("manifest.json", f"{_indented(manifest)}\n".encode())
        digest = self._package.files["manifest.json"]
        if self._signer is not None:
            signed = {
                "key": self._signer.public_key.hex(),
                "signature": self._signer.sign(statement_on(digest)).hex(),
            }
            await self._package.add("signature.json", json_line(signed))
        return digest

    async def _write_links(self, found: Found) -> None:
        """Write the entries from the first one needed to the end that a checkpoint states, for each chain."""
        first: dict[tuple[UUID, Coverage], int] = {}
        for place, coverage in found.coverage.items():
            key = place.chain, coverage
            first[key] = min(place.sequence, first.get(key, place.sequence))
        written = 0
        for (chain, coverage), sequence in sorted(first.items(), key=lambda each: each[0][1].length - each[1]):
            written += coverage.length - sequence + 1
            if written > MAX_LINKS:
                break
            name = f"chains/{chain}-{coverage.checkpoint}.jsonl"
            await self._package.add_lines(name, self._lines(chain, sequence, coverage.length))
            self._links[chain, coverage] = name
        for signed in await self._records.checkpoints({coverage.checkpoint for _, coverage in self._links}):
            number = signed.checkpoint.number
            self._checkpoints[number] = signed
            stated = {"number": number, "key": signed.public_key.hex(), "signature": signed.signature.hex()}
            await self._package.add(f"checkpoints/{number}.txt", signed.checkpoint.statement())
            await self._package.add(f"checkpoints/{number}.json", json_line(stated))

    async def _lines(self, chain: UUID, first: int, last: int) -> AsyncIterator[bytes]:
        async for entry in self._records.links(chain, first, last):
            yield entry_line(entry)

    async def _write_subject(self, folder: str, subject: StoredSubject, found: Found) -> None:
        if subject.document is not None:
            await self._package.add(f"{folder}/document.json", subject.document)
        proof: dict[str, Any] = {
            "entry": entry_content(subject.entries[0]) if subject.entries else {},
            "other_entries": [entry_content(entry) for entry in subject.entries[1:]],
        }
        links, why = self._way_to_checkpoint(subject, found)
        if links is not None:
            proof |= {"links": self._links[links], "checkpoint": links[1].checkpoint}
        else:
            proof["not_proven"] = why
        await self._package.add(f"{folder}/proof.json", json_line(proof))

    def _way_to_checkpoint(self, subject: StoredSubject, found: Found) -> tuple[tuple[UUID, Coverage] | None, str]:
        """The links from a subject's entry to a checkpoint; None, and why, if the export has none."""
        if not subject.entries:
            return None, "it has no audit entry: it was inserted directly, or its entry was removed"
        coverage = found.coverage.get(place_of(subject.entries[0]))
        if coverage is None:
            return None, _NO_CHECKPOINT
        key = subject.entries[0].chain, coverage
        return (key, "") if key in self._links else (None, _TOO_FAR)

    async def _write_versions(self, export: Export, found: Found) -> tuple[list[str], list[RecordText]]:
        stored = {each.identifier: each for each in found.decisions}
        left_out: dict[str, None] = {}
        events = _lines_by_subject(found.events)
        texts = []
        for record in export.decisions:
            await asyncio.sleep(0)  # each takes a fraction of a millisecond, in which nothing else is answered
            described = await self._versions.of(record)
            for name, content in described.files.items():
                if name not in self._package.files:
                    await self._package.add(name, content)
            left_out |= dict.fromkeys(described.left_out)
            subject = stored.get(record.decision_id)
            texts.append(self._with_proof(described.text, record, subject, found, events))
        return list(left_out), texts

    def _with_proof(
        self,
        text: RecordText,
        record: DecisionRecord | UnreadableDecision,
        subject: StoredSubject | None,
        found: Found,
        events: Mapping[str, Sequence[str]],
    ) -> RecordText:
        items: list[tuple[str, str]] = []
        if subject is not None and subject.entries:
            entry = subject.entries[0]
            links, why = self._way_to_checkpoint(subject, found)
            items = [
                ("Audit entry", f"Entry {entry.sequence:,} of chain {entry.chain}"),
                ("Recorded", f"{_minute(entry.at)} for {entry.actor}"),
                ("SHA-256 of the record", entry.content_digest.hex()),
                ("Digest of the entry", entry.digest.hex()),
                *(self._checkpoint_items(links[1]) if links else [("Checkpoint", f"None: {why}")]),
            ]
        sections = [*text.sections, TextSection("Audit trail", tuple(items))]
        if isinstance(record, DecisionRecord):
            named = (
                ("Model", record.model_fingerprint),
                ("Policy", record.policy_fingerprint),
                ("Product", record.product_fingerprint),
            )
            sections.append(TextSection("Fingerprints (SHA-256)", tuple(each for each in named if each[1])))
        about = [str(record.decision_id)]
        if isinstance(record, DecisionRecord):
            about.append(record.decision.policy_version)
        sections += [
            TextSection("Final decision", _final_items(each.subject))
            for each in found.final_decisions
            if each.decision_id == record.decision_id
        ]
        actions = tuple(
            ("", _line(each.subject.entries[0]))
            for each in (*found.actions, *found.final_decisions)
            if each.decision_id == record.decision_id and each.subject.entries
        )
        if actions:
            sections.append(TextSection("Actions on the case, the application and notices", actions))
        lines = tuple(("", line) for subject_name in about for line in events.get(subject_name, ()))
        sections.append(TextSection("Events about this decision and its policy", lines))
        return replace(text, sections=tuple(sections))

    def _checkpoint_items(self, coverage: Coverage) -> list[tuple[str, str]]:
        signed = self._checkpoints.get(coverage.checkpoint)
        if signed is None:
            return [("Checkpoint", f"Checkpoint {coverage.checkpoint}, which was removed")]
        made = f"Checkpoint {coverage.checkpoint:,} of {_minute(signed.checkpoint.at)}"
        return [("Checkpoint", made), ("Signed with public key", signed.public_key.hex())]

    async def _write_documents(self, texts: Sequence[RecordText]) -> str:
        """Write the documents for people; returns why there is no PDF, "" if there is one."""
        few = len(texts) <= MAX_IN_PDF
        documents = await self._renderer.render(texts, pdf=few)
        await self._package.add("evidence.html", documents.html)
        if documents.pdf is not None:
            await self._package.add("evidence.pdf", documents.pdf)
            return ""
        return documents.no_pdf if few else f"a PDF has at most {MAX_IN_PDF} decisions; evidence.html has all"


def _final_items(final: StoredSubject) -> tuple[tuple[str, str], ...]:
    """A final decision in words; one that cannot be read is left to verify.py."""
    try:
        content = json.loads(final.document or b"null")
        checker = content["checker"]
        return (
            ("Outcome", content["outcome"].replace("_", " ")),
            ("Compared with the system", content["override"].replace("_", " ")),
            ("Reason", content["reason_text"]),
            ("Explanation", content["text"]),
            ("Decided by", f"{content['maker']['name']} ({content['maker']['role']})"),
            ("Second person", f"{checker['name']} ({checker['role']})" if checker else "Not required"),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return (("", "It cannot be put into words; the export has its exact bytes and their proof."),)


def _lines_by_subject(events: Sequence[StoredSubject]) -> Mapping[str, Sequence[str]]:
    """Events in words, by what they are about; those that cannot be read are left to verify.py."""
    found: dict[str, list[str]] = {}
    for event in events:
        try:
            subject = subject_in(json.loads(event.document or b"null")["details"])
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue
        found.setdefault(subject, []).extend(_line(entry) for entry in event.entries[:1])
    return found


def _line(entry: AuditEntry) -> str:
    return f"{_minute(entry.at)}: {entry.action}, by {entry.actor}"


def _minute(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def _indented(manifest: Mapping[str, Any]) -> str:
    """Canonical JSON with a line for each member and each file, so that people can read it."""
    parts = [f"  {canonical_json(name)}: {canonical_json(value)}" for name, value in manifest.items()]
    return "{\n" + ",\n".join(parts) + "\n}"
