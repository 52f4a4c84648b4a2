#!/usr/bin/env python3
"""Verifies an export of evidence on credit decisions, offline, with the standard library of Python 3.9 or later.

    python verify.py EXPORT --key KEY

EXPORT is the zip file, or the folder with its content; by default the folder of this program. KEY is the public
key of the lender's service, which you obtained from somewhere else than this export. The exit code is

    0   everything is unchanged and signed with a key that you gave
    1   something was changed, or is missing
    2   the export or the arguments cannot be read
    3   nothing was found changed, but not everything is proven: the text says what is not
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
HEX = re.compile("([0-9a-f]{2})+")
MAX_BYTES = 2 << 30
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
DECISION_RECORDED, FINAL_DECISION_RECORDED = "decision recorded", "final decision recorded"
ENTRY = ("chain", "sequence", "at", "actor", "action", "subject", "content_digest", "previous", "digest")
UNCHANGED, CHANGED, UNREADABLE, NOT_PROVEN = 0, 1, 2, 3


class Fault(Exception):
    """Something was changed or is missing; the text says what."""


class NotProven(Exception):
    """Nothing was found changed, but this is not proven; the text says why."""


# --- Ed25519 signatures (RFC 8032, section 5.1.7) ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add_points(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: tuple[int, ...]) -> tuple[int, ...]:
    result: tuple[int, ...] = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add_points(result, point)
        point, scalar = add_points(point, point), scalar >> 1
    return result


def point_of(encoded: bytes) -> tuple[int, ...] | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - x2) % P != 0 or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature (64 bytes) is that of the message by the private key of this public key (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    public, commitment = point_of(key), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if base is None or public is None or commitment is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = multiply(scalar, base), add_points(commitment, multiply(challenge, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P


# --- The files of the export; nothing is ever extracted ---


class Export:
    """The content of a zip file or a folder, by safe and unique names."""

    def __init__(self, place: Path) -> None:
        self._place, self._zip = place, None if place.is_dir() else zipfile.ZipFile(place)
        self.names: set[str] = set()
        size = 0
        for name, length in self._listed():
            if not SAFE_NAME.fullmatch(name):
                raise Fault(f"the file name {shown(name)} is not one of an export")
            if name in self.names:
                raise Fault(f"the file {name} is contained twice")
            self.names.add(name)
            size += length
        if size > MAX_BYTES:
            raise Fault(f"the export has more than {MAX_BYTES:,} bytes")

    def _listed(self) -> Iterable[tuple[str, int]]:
        if self._zip is not None:
            first = min((entry.header_offset for entry in self._zip.infolist()), default=0)
            if first != 0 or self._place.read_bytes()[-22:-18] != b"PK\5\6":
                raise Fault(
                    "something was added before or after the zip file, which other programs could read instead"
                )
            for entry in self._zip.infolist():
                yield entry.orig_filename, entry.file_size
            return
        for path in sorted(self._place.rglob("*")):
            name = path.relative_to(self._place).as_posix()
            if path.is_symlink():
                raise Fault(f"{shown(name)} is a symbolic link")
            if not path.is_dir():
                yield name, path.stat().st_size

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise Fault(f"the file {shown(name)} is missing")
        try:
            return self._zip.read(name) if self._zip is not None else (self._place / name).read_bytes()
        # zipfile raises NotImplementedError for a compression or version that it does not know.
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
            raise Fault(f"the file {name} cannot be read ({fault})") from None
        except Exception as fault:  # such as zlib.error, of damaged content
            raise Fault(f"the file {name} is damaged ({fault})") from None

    def read_json(self, name: str) -> dict[str, Any]:
        content = parsed(self.read(name), name)
        if not isinstance(content, dict):
            raise Fault(f"{name} is not a JSON object")
        return content


def parsed(text: bytes, name: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a member is given twice")
        return dict(pairs)

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as fault:
        raise Fault(f"{name} is not valid JSON ({fault})") from None


def shown(text: object) -> str:
    return ascii(str(text)[:200])


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- The audit trail: entries in chains, whose ends are stated by signed checkpoints ---


def digest_of(entry: dict[str, Any]) -> str:
    """The SHA-256 over the fields of an entry, each preceded by its length."""
    fields = (
        entry["chain"].replace("-", ""),
        str(entry["sequence"]),
        entry["at"],
        entry["actor"],
        entry["action"],
        entry["subject"].replace("-", ""),
        entry["content_digest"],
        entry["previous"],
    )
    return sha256("".join(f"{len(text)}:{text}" for text in fields).encode())


def check_entry(entry: Any, place: str) -> dict[str, Any]:
    if not isinstance(entry, dict) or set(entry) != set(ENTRY) or type(entry["sequence"]) is not int:
        raise Fault(f"{place} is not an entry of an audit trail")
    if not all(isinstance(entry[name], str) for name in ENTRY if name != "sequence"):
        raise Fault(f"{place} is not an entry of an audit trail")
    if digest_of(entry) != entry["digest"]:
        raise Fault(f"{place}: the digest of entry {entry['sequence']} does not match its content")
    return entry


class Trail:
    """The links and checkpoints of an export, each verified once."""

    def __init__(self, export: Export, keys: set[str]) -> None:
        self._export, self._keys = export, keys
        self._links: dict[str, tuple[str, int, list[str]]] = {}
        self._checkpoints: dict[int, tuple[set[str], str, str]] = {}
        self.used_keys: set[str] = set()

    def links(self, name: str) -> tuple[str, int, list[str]]:
        """The chain, the number of the first entry, and the digests of all entries of a file of links."""
        if name not in self._links:
            chain, first = "", 0
            digests: list[str] = []
            for line in self._export.read(name).splitlines():
                entry = check_entry(parsed(line, name), name)
                if not digests:
                    chain, first = entry["chain"], entry["sequence"]
                elif entry["chain"] != chain or entry["sequence"] != first + len(digests):
                    raise Fault(f"{name}: entry {first + len(digests)} is missing")
                elif entry["previous"] != digests[-1]:
                    raise Fault(f"{name}: entry {entry['sequence']} is not linked to the one before")
                digests.append(entry["digest"])
            self._links[name] = chain, first, digests
        return self._links[name]

    def checkpoint(self, number: int) -> tuple[set[str], str, str]:
        """The lines of a signed checkpoint, its time and its key."""
        if number not in self._checkpoints:
            name = f"checkpoints/{number}"
            statement, signed = self._export.read(f"{name}.txt"), self._export.read_json(f"{name}.json")
            lines = statement.decode("utf-8", "replace").splitlines()
            head = ["credit-scoring checkpoint of the audit trail", f"number {number}"]
            if lines[:2] != head or not lines[2].startswith("at "):
                raise Fault(f"{name}.txt is not the statement of checkpoint {number}")
            key = self.check_signature(signed, statement, f"checkpoint {number}")
            self._checkpoints[number] = set(lines[4:]), lines[2][3:], key
        return self._checkpoints[number]

    def check_signature(self, signed: dict[str, Any], statement: bytes, what: str) -> str:
        key, signature = str(signed.get("key")), str(signed.get("signature"))
        if not (HEX.fullmatch(key) and HEX.fullmatch(signature)):
            raise Fault(f"{what} has no key and signature in hexadecimal")
        if not is_signed(bytes.fromhex(key), statement, bytes.fromhex(signature)):
            raise Fault(f"the signature of {what} does not match its content")
        if self._keys and key not in self._keys:
            raise Fault(f"{what} is signed with another key than you gave: {shown(key)}")
        self.used_keys.add(key)
        return key

    def prove(self, proof: dict[str, Any], place: str) -> str:
        """Check that an entry leads to a signed checkpoint, and describe where; raises NotProven."""
        entry = proof["entry"]
        where = f"recorded at {shown(entry['at'])[1:-1]} by {shown(entry['actor'])} as entry {entry['sequence']}"
        where = f"{where} of chain {shown(entry['chain'])[1:-1]}"
        number, name = proof.get("checkpoint"), proof.get("links")
        if number is None or name is None:
            why = proof.get("not_proven") or "the export has no checkpoint for it"
            raise NotProven(f"{where}; {shown(why)[1:-1]}")
        if type(number) is not int or not isinstance(name, str):
            raise Fault(f"{place} names no checkpoint")
        chain, first, digests = self.links(name)
        at = entry["sequence"] - first
        if entry["chain"] != chain or not 0 <= at < len(digests) or digests[at] != entry["digest"]:
            raise Fault(f"its entry is not in the chain that leads to checkpoint {number}")
        lines, made_at, key = self.checkpoint(number)
        if f"chain {chain} length {first + len(digests) - 1} digest {digests[-1]}" not in lines:
            raise Fault(f"its chain does not end as checkpoint {number} states")
        return f"{where}; covered by checkpoint {number} of {shown(made_at)[1:-1]}, signed with key {key}"


# --- Decisions, what people did about them, and events ---


def check_subject(export: Export, trail: Trail, folder: str, identifier: str, member: str) -> tuple[Any, str]:
    """Check a document with its proof; return its content, and a description of the proof; raises NotProven."""
    proof = export.read_json(f"{folder}/proof.json")
    entry = check_entry(proof.get("entry"), f"{folder}/proof.json")
    document = export.read(f"{folder}/document.json")
    if proof.get("other_entries") != []:
        raise Fault("it has more than one audit entry: others were inserted")
    if entry["subject"] != identifier:
        raise Fault(f"its audit entry is about {shown(entry['subject'])}")
    if sha256(document) != entry["content_digest"]:
        raise Fault("its document is not the one that was recorded: its SHA-256 differs from the audit entry's")
    content = parsed(document, f"{folder}/document.json")
    if not isinstance(content, dict) or content.get(member) != identifier:
        raise Fault("its document is about another identifier")
    fixed = {"decision_id": DECISION_RECORDED, "final_decision_id": FINAL_DECISION_RECORDED}
    action = fixed.get(member) or content.get("action" if member == "action_id" else "kind")
    if entry["action"] != action:
        raise Fault(f"its audit entry is not of the action {shown(action)}")
    return content, trail.prove(proof, f"{folder}/proof.json")


def check_versions(export: Export, document: dict[str, Any], left_out: list[str]) -> None:
    """Check the policy, product and model that the document names against their fingerprints."""
    for kind in ("policy", "product"):
        fingerprint = document.get(f"{kind}_fingerprint")
        name = f"versions/{kind}-{fingerprint}.json"
        if not fingerprint or name in left_out:
            continue
        if sha256(export.read(name)) != fingerprint:
            raise Fault(f"the {kind} in the export is not the one that decided: {name} has another SHA-256")
    folder = f"versions/model-{document.get('model_fingerprint')}"
    if folder in left_out:
        return
    sums = export.read(f"{folder}/SHA256SUMS")
    if sha256(sums) != document.get("model_fingerprint"):
        raise Fault(f"the model in the export is not the one that decided: {folder}/SHA256SUMS was changed")
    listed = {line[66:]: line[:64] for line in sums.decode("utf-8", "replace").splitlines()}
    if f"{folder}/manifest.json" not in export.names:
        raise Fault(f"the manifest of the model is missing: {folder}/manifest.json")
    for name in sorted(export.names):
        file = name[len(folder) + 1 :]
        if (
            name.startswith(f"{folder}/")
            and file != "SHA256SUMS"
            and listed.get(file) != sha256(export.read(name))
        ):
            raise Fault(f"{name} is not a file of the model that decided")


# --- The whole export ---


def check_files(export: Export, manifest: dict[str, Any]) -> list[str]:
    """The faults of files that differ from the manifest."""
    files = manifest.get("files")
    if manifest.get("kind") != "evidence" or manifest.get("schema") != 1 or not isinstance(files, dict):
        raise Fault(f"{MANIFEST} is not that of an export that this program can verify")
    faults = [
        f"{shown(name)} is not listed in {MANIFEST}" for name in export.names - set(files) - {MANIFEST, SIGNATURE}
    ]
    for name, digest in files.items():
        if name not in export.names:
            faults.append(f"the file {shown(name)} is missing")
        elif sha256(export.read(name)) != digest:
            faults.append(f"{name} was changed: its SHA-256 differs from {MANIFEST}")
    return sorted(faults)


def check_manifest(export: Export, trail: Trail) -> str:
    """Check the signature over the manifest, which makes the export as a whole unchangeable; raises NotProven."""
    if SIGNATURE not in export.names:
        raise NotProven("the export as a whole is not signed: decisions may have been left out of it")
    statement = f"credit-scoring export of evidence\nmanifest {sha256(export.read(MANIFEST))}\n".encode()
    return f"signed with key {trail.check_signature(export.read_json(SIGNATURE), statement, MANIFEST)}"


def identifiers(export: Export, manifest: dict[str, Any], kind: str) -> list[str]:
    listed = manifest.get(kind, None if kind in {"decisions", "events"} else [])  # earlier exports have no others
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise Fault(f"{MANIFEST} lists no {kind}")
    if len(set(listed)) < len(listed):
        raise Fault(f"{MANIFEST} lists one of the {kind} twice")
    found = {name.split("/")[1] for name in export.names if name.startswith(f"{kind}/")}
    if found != set(listed):
        raise Fault(f"the {kind} in the export are not those that {MANIFEST} lists")
    return listed


def names_left_out(manifest: dict[str, Any]) -> list[str]:
    listed = manifest.get("left_out")
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise Fault(f"{MANIFEST} does not list what was left out")
    return listed


def verify(place: Path, keys: set[str], say: Any) -> int:
    """Verify an export, say what was found line by line, and return the exit code."""
    changed, unproven = [], []

    def check(what: str, find: Any) -> None:
        try:
            say(f"{what}: unchanged. {find()}.")
        except NotProven as reason:
            unproven.append(what)
            say(f"{what}: NOT PROVEN. {reason}.")
        except (Fault, KeyError, IndexError, TypeError, ValueError, AttributeError) as fault:
            changed.append(what)
            say(f"{what}: CHANGED. {fault if isinstance(fault, Fault) else 'it is not of an export'}.")

    def check_decision(identifier: str) -> str:
        document, proven = check_subject(export, trail, f"decisions/{identifier}", identifier, "decision_id")
        check_versions(export, document, left_out)
        return proven

    try:
        export = Export(place)
        trail, manifest = Trail(export, keys), export.read_json(MANIFEST)
        left_out = names_left_out(manifest)
        for fault in check_files(export, manifest):
            changed.append(fault)
            say(f"file: CHANGED. {fault}.")
        decisions = identifiers(export, manifest, "decisions")
        others = {kind: identifiers(export, manifest, kind) for kind in ("final_decisions", "actions", "events")}
    except Fault as fault:
        say(f"export: CHANGED. {fault}.")
        return CHANGED
    check(f"export of {len(decisions)} decision(s)", lambda: check_manifest(export, trail))
    for one in decisions:
        check(f"decision {shown(one)[1:-1]}", lambda one=one: check_decision(one))
    for kind, listed in others.items():
        name = kind[:-1]
        for one in listed:
            check(
                f"{name.replace('_', ' ')} {shown(one)[1:-1]}",
                lambda kind=kind, name=name, one=one: check_subject(
                    export, trail, f"{kind}/{one}", one, f"{name}_id"
                )[1],
            )
    for name in left_out:
        unproven.append(name)
        say(f"{shown(name)[1:-1]}: NOT PROVEN. The service no longer has it.")
    say(f"SHA-256 of {MANIFEST}: {sha256(export.read(MANIFEST))}")
    for key in sorted(trail.used_keys if not keys else ()):
        say(f"KEY NOT COMPARED: {key}. Compare it with the public key that you obtained elsewhere (--key).")
    return conclusion(changed, unproven, compared=bool(keys), say=say)


def conclusion(changed: list[str], unproven: list[str], *, compared: bool, say: Any) -> int:
    if changed:
        say(f"RESULT: CHANGED. {len(changed)} part(s) of this export are not as they were recorded.")
        return CHANGED
    if unproven or not compared:
        why = f"{len(unproven)} part(s) are not proven" if unproven else "the key was not compared"
        say(f"RESULT: NOTHING FOUND CHANGED, BUT NOT PROVEN: {why}.")
        return NOT_PROVEN
    say("RESULT: UNCHANGED. Everything is as it was recorded, and signed with the key that you gave.")
    return UNCHANGED


def main(arguments: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument(
        "--key", action="append", default=[], help="a public key, 64 hexadecimal digits; repeatable"
    )
    given = parser.parse_args(arguments)
    keys = {key.strip().lower() for key in given.key}
    wrong = sorted(key for key in keys if not re.fullmatch("[0-9a-f]{64}", key))
    if wrong:
        parser.error(f"not a public key of 64 hexadecimal digits: {wrong[0]}")
    try:
        return verify(given.export, keys, lambda line: sys.stdout.write(f"{line}\n"))
    except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as fault:
        sys.stderr.write(f"{given.export} cannot be read: {fault}\n")
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
