#!/usr/bin/env python3
"""Makes encryption-vectors.json from docs/encryption.md alone, with the Python package `cryptography`.

It shares no code with the npm package, so that each checks the other:  python3 docs/encryption-vectors.py
"""

import base64
import json
import pathlib
import struct

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LABEL = b"validiant-realtime e2e v1\0"
KEY_7 = bytes(range(32))
KEY_300 = bytes(range(255, 223, -1))
LAST = 2**32 - 1
SESSION = base64.urlsafe_b64encode(bytes(range(16))).decode().rstrip("=")


def lp(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


def var_uint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=info).derive(key)


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def vector(name, kind, project, type_, sender, epoch, key, first_nonce_byte, plaintext, at=None):
    plain = plaintext.encode() if isinstance(plaintext, str) else plaintext
    info = LABEL + struct.pack(">Q", epoch) + lp(project) + lp(sender)
    sender_key = derive(key, info)
    aad = LABEL + lp(kind) + lp(project) + lp(type_) + struct.pack(">Q", epoch) + lp(sender)
    nonce = bytes((first_nonce_byte + i) % 256 for i in range(12))
    sealed = AESGCM(sender_key).encrypt(nonce, plain, aad)
    out = {
        "name": name,
        "kind": kind,
        "projectId": project,
        "type": type_,
        "sender": sender,
        "epoch": epoch,
        "epochKey": key.hex(),
        "info": info.hex(),
        "senderKey": sender_key.hex(),
        "aad": aad.hex(),
        "nonce": nonce.hex(),
        "plaintext": plain.hex(),
        "ciphertext": sealed.hex(),
    }
    if isinstance(plaintext, str):
        out["text"] = plaintext
    if kind in ("doc", "snapshot", "awareness"):
        out["bytes"] = (b"\x01" + var_uint(epoch) + nonce + sealed).hex()
        return out
    envelope = {"e2e": 1, "k": epoch, "n": base64url(nonce), "c": base64url(sealed)}
    if sender.startswith("b:"):
        envelope["by"] = sender
    if kind == "presence":
        if at is not None:
            place_info = LABEL + struct.pack(">Q", epoch) + lp(project) + lp("at")
            place_key = derive(key, place_info)
            mac = hmac.HMAC(place_key, hashes.SHA256())
            mac.update(at.encode())
            tag = base64url(mac.finalize()[:16])
            out |= {"at": at, "placeInfo": place_info.hex(), "placeKey": place_key.hex(), "placeTag": tag}
        envelope["at"] = out.get("placeTag")
    out["envelope"] = compact(envelope)
    return out


def client(counter: int, data: object) -> str:
    return compact({"s": SESSION, "n": counter, "d": data})


VECTORS = [
    vector("the cipher alone", "client", "demo", "client-typing", "u:ann", 7, KEY_7, 0xA0, '{"on":"task:t1"}'),
    vector("an event of a backend", "event", "demo", "TASK_UPDATED", "b:api", 7, KEY_7, 0xB0,
           compact({"i": SESSION, "d": {"taskId": "t1", "title": "Größe 🙂"}})),
    vector("an event of a client", "client", "demo", "client-typing", "u:ann", 7, KEY_7, 0xC0,
           client(1, {"topic": "task:t1", "on": True})),
    vector("an event of a client without a user id", "client", "demo", "client-typing", "c:x1Y2z3", 7, KEY_7, 0xD0,
           client(2, None)),
    vector("presence data", "presence", "demo", "", "u:ann", 7, KEY_7, 0xE0, client(3, {"status": "busy"})),
    vector("presence data at a place", "presence", "demo", "", "u:ann", 7, KEY_7, 0xF0,
           client(4, {"at": "board", "cursor": [0.25, 0.5]}), at="board"),
    # As Yjs makes them: the client 1 writes "Hello" into a text, an update without content, and the client 1 is Ann.
    vector("an update of a document", "doc", "demo", "notes", "u:ann", 300, KEY_300, 0x10,
           bytes.fromhex("0101010004010474657874") + b"\x05Hello" + b"\x00"),
    vector("a snapshot of a document", "snapshot", "demo", "notes", "u:李", 300, KEY_300, 0x20,
           var_uint(1234) + bytes.fromhex("0000")),
    vector("awareness in a document", "awareness", "demo", "notes", "c:x1Y2z3", 300, KEY_300, 0x30,
           bytes.fromhex("01010117") + b'{"user":{"name":"Ann"}}'),
    vector("an empty update under the last epoch", "doc", "projekt-ä", "a/b", "u:", LAST, KEY_300, 0xFA, b""),
]

PATH = pathlib.Path(__file__).with_suffix(".json")
PATH.write_text(json.dumps({"label": LABEL.hex(), "vectors": VECTORS}, indent=2, ensure_ascii=False) + "\n")
print(f"{PATH}: {len(VECTORS)} vectors")
