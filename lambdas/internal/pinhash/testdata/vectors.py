"""Prints the hashes of TestHash_MatchesReferenceImplementation.

It follows doc.go and shares no code with the Go package. Needs the package
cryptography with OpenSSL 3.2 or newer. Run: python3 vectors.py
"""

import base64
import hashlib

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

USER, PIN = "user-1", "12345"


def text(raw):
    return base64.b64encode(raw).rstrip(b"=").decode()


salt = hashlib.sha256(b"pin:" + USER.encode()).digest()[:16]
for memory, passes, lanes in [(19456, 2, 1), (7168, 5, 2)]:
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    print(f"$argon2id$v=19$m={memory},t={passes},p={lanes}${text(salt)}${text(kdf.derive(PIN.encode()))}")
