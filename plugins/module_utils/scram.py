# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677), as PostgreSQL stores them.

They are computed here so that no password in clear reaches the server, its log or its statistics.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

from ansible_collections.community.postgresql.plugins.module_utils.saslprep import saslprep

SALT_BYTES = 16
ITERATIONS = 4096
_VERIFIER = re.compile(r"^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$")


def is_verifier(text):
    """Tell whether the text is a verifier rather than a password in clear."""
    return _VERIFIER.match(text) is not None


def make_verifier(password, iterations=ITERATIONS, salt=None):
    """Return the verifier of a password in clear."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${iterations}:{salt_text}${stored_text}:{server_text}"


def matches(password, stored):
    """Tell whether a password, in clear or as a verifier, is the stored one."""
    if stored is None:
        return False
    if is_verifier(password):
        return hmac.compare_digest(password, stored)
    found = _VERIFIER.match(stored)
    if found is None:
        return False
    salt = base64.b64decode(found[2])
    return hmac.compare_digest(make_verifier(password, int(found[1]), salt), stored)


def _prepared(password):
    """Normalize as PostgreSQL does: what SASLprep refuses is taken as it is."""
    try:
        return (saslprep(password) or password).encode("utf-8")
    except ValueError:
        return password.encode("utf-8")
