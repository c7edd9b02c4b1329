"""Prints the hashes of TestAHashIsWhatAnotherImplementationMakes.

It follows doc.go and shares no code with the Go package. Needs the package
cryptography with OpenSSL 3.2 or newer. Run: python3 vectors.py
"""

import base64
import struct

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

PARTS = ["user-1", "ios-1", "12345"]
SALT = bytes(range(16))


def text(raw):
    return base64.b64encode(raw).rstrip(b"=").decode()


data = b"".join(struct.pack(">I", len(part)) + part.encode() for part in PARTS)
for memory, passes, lanes in [(19456, 2, 1), (7168, 5, 2)]:
    kdf = Argon2id(salt=SALT, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    print(f"$argon2id$v=19$m={memory},t={passes},p={lanes}${text(SALT)}${text(kdf.derive(data))}")
