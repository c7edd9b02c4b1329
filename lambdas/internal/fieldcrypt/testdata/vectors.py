"""Writes vectors.json: what version 1 of the format must produce and refuse.

It follows docs/field-encryption.md and shares no code with the Go package, so
that the two check each other. Needs the package cryptography.
Run: python3 vectors.py > vectors.json
"""

import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
NONCE = bytes(range(0xA0, 0xAC))
PLACE = ["Users", "Suser-1", "email"]
TEXT = "ada@example.com"


def derive(data_key):
    """HKDF-SHA-256 of RFC 5869 without salt: 32 bytes of key, 32 of commitment."""
    prk = hmac.new(bytes(32), data_key, hashlib.sha256).digest()
    block, out = b"", b""
    for counter in (1, 2):
        block = hmac.new(prk, block + b"expenzez fieldcrypt 1" + bytes([counter]), hashlib.sha256).digest()
        out += block
    return out[:32], out[32:]


def seal(data_key, nonce, place, text, version=1):
    key, commitment = derive(data_key)
    bound = bytes([version]) + b"".join(struct.pack(">I", len(p.encode())) + p.encode() for p in place)
    return bytes([version]) + commitment + nonce + AESGCM(key).encrypt(nonce, text.encode(), bound)


def vector(name, sealed, place=PLACE, key=KEY, nonce=NONCE, text=TEXT, refused=""):
    return {"name": name, "key": key.hex(), "nonce": nonce.hex(), "place": place, "text": text,
            "sealed": sealed.hex(), "refused": refused}


def opening(name, place=PLACE, text=TEXT, nonce=NONCE):
    return vector(name, seal(KEY, nonce, place, text), place=place, text=text, nonce=nonce)


def flipped(sealed, index):
    changed = bytearray(sealed)
    changed[index] ^= 1
    return bytes(changed)


def commitment_of_another_key():
    sealed = seal(KEY, NONCE, PLACE, TEXT)
    return sealed[:1] + derive(OTHER_KEY)[1] + sealed[33:]


good = seal(KEY, NONCE, PLACE, TEXT)
print(json.dumps([
    opening("an e-mail address"),
    opening("one byte", text="x"),
    opening("any alphabet", text="Łódź, ул. Ленина 1, 東京 🏠"),
    opening("longer than a block", text="12 St James's Square, London " * 8),
    opening("an item with a sort key", place=["BankConnections", "Suser-1", "Sconnection-7", "accessToken"]),
    opening("a numeric key", place=["Statements", "Suser-1", "N202607", "holder"]),
    opening("another nonce", nonce=bytes(12)),
    vector("another attribute", good, place=["Users", "Suser-1", "address"], refused="another item or attribute"),
    vector("another item", good, place=["Users", "Suser-2", "email"], refused="another item or attribute"),
    vector("another table", good, place=["UserEmails", "Suser-1", "email"], refused="another item or attribute"),
    vector("parts that join to the same text", good, place=["Users", "Suser-1e", "mail"], refused="another item or attribute"),
    vector("a part more", good, place=["Users", "Suser-1", "S", "email"], refused="another item or attribute"),
    vector("another key", good, key=OTHER_KEY, refused="another data key"),
    vector("another key's commitment put in front", commitment_of_another_key(), key=OTHER_KEY, refused="another item or attribute"),
    vector("a changed version", flipped(good, 0), refused="format 0"),
    vector("a later version", seal(KEY, NONCE, PLACE, TEXT, version=2), refused="format 2"),
    vector("a changed commitment", flipped(good, 1), refused="another data key"),
    vector("a changed nonce", flipped(good, 33), refused="is damaged"),
    vector("a changed ciphertext", flipped(good, 45), refused="is damaged"),
    vector("a changed tag", flipped(good, -1), refused="is damaged"),
    vector("a byte more", good + b"\0", refused="is damaged"),
    vector("a byte less", good[:-1], refused="is damaged"),
    vector("a header without a tag", good[:45], refused="fewer than"),
    vector("nothing", b"", refused="fewer than"),
    vector("the clear text", TEXT.encode(), refused="fewer than"),
], indent=1, ensure_ascii=False))
