#!/usr/bin/env python3
"""Makes encryption-vectors.json from docs/encryption.md alone, with the Python package `cryptography`.

It shares no code with the npm package, so that each checks the other:  python3 docs/encryption-vectors.py
"""

import base64
import json
import pathlib
import struct

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
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


# Keys for devices: HPKE (RFC 9180), mode Auth, from the RFC alone.

KEM = b"KEM" + struct.pack(">H", 0x20)
SUITE = b"HPKE" + struct.pack(">HHH", 0x20, 1, 2)


def mac(key: bytes, data: bytes) -> bytes:
    out = hmac.HMAC(key or bytes(32), hashes.SHA256())
    out.update(data)
    return out.finalize()


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return mac(salt, b"HPKE-v1" + suite + label + ikm)


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return mac(key, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info + b"\x01")[:length]


def public(secret: X25519PrivateKey) -> bytes:
    return secret.public_key().public_bytes_raw()


def hpke_auth(sender, recipient: bytes, ephemeral, info: bytes, aad: bytes, plaintext: bytes) -> bytes:
    point = X25519PublicKey.from_public_bytes(recipient)
    dh = ephemeral.exchange(point) + sender.exchange(point)
    context = public(ephemeral) + recipient + public(sender)
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", dh), b"shared_secret", context, 32)
    schedule = b"\x02" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    secret = extract(SUITE, shared, b"secret", b"")
    key = expand(SUITE, secret, b"key", schedule, 32)
    nonce = expand(SUITE, secret, b"base_nonce", schedule, 12)
    return public(ephemeral) + AESGCM(key).encrypt(nonce, plaintext, aad)


def device(id_: str, first_byte: int) -> dict:
    secret = X25519PrivateKey.from_private_bytes(bytes(first_byte + i for i in range(32)))
    digest = hashes.Hash(hashes.SHA512())
    digest.update(b"validiant-realtime device v1\0" + lp(id_) + public(secret))
    whole = digest.finalize()
    groups = [int.from_bytes(whole[5 * i : 5 * i + 5], "big") % 100_000 for i in range(12)]
    return {
        "id": id_,
        "privateKey": secret.private_bytes_raw().hex(),
        "publicKey": base64url(public(secret)),
        "fingerprint": " ".join(f"{group:05}" for group in groups),
    }


def wrap(project: str, epoch: int, key: bytes, by: dict, to: dict, first_ephemeral_byte: int) -> dict:
    ephemeral = X25519PrivateKey.from_private_bytes(bytes(first_ephemeral_byte + i for i in range(32)))
    sender = X25519PrivateKey.from_private_bytes(bytes.fromhex(by["privateKey"]))
    recipient = base64.urlsafe_b64decode(to["publicKey"] + "=")
    info = b"validiant-realtime wrap v1\0" + lp(project) + struct.pack(">Q", epoch)
    aad = lp(by["id"]) + lp(to["id"])
    sealed = hpke_auth(sender, recipient, ephemeral, info, aad, key)
    return {
        "projectId": project,
        "epoch": epoch,
        "epochKey": key.hex(),
        "by": by["id"],
        "to": to["id"],
        "ephemeral": ephemeral.private_bytes_raw().hex(),
        "info": info.hex(),
        "aad": aad.hex(),
        "wrapped": base64url(b"\x01" + sealed),
    }


PHONE, LAPTOP = device("ann-phone", 0x40), device("ben-laptop", 0x60)
WRAPS = [
    wrap("demo", 7, KEY_7, PHONE, LAPTOP, 0x80),
    wrap("projekt-ä", LAST, KEY_300, LAPTOP, LAPTOP, 0xA0),
]

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
ALL = {"label": LABEL.hex(), "vectors": VECTORS, "devices": [PHONE, LAPTOP], "wraps": WRAPS}
PATH.write_text(json.dumps(ALL, indent=2, ensure_ascii=False) + "\n")
print(f"{PATH}: {len(VECTORS) + len(WRAPS)} vectors")
