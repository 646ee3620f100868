# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: secret
short_description: A secret of the environment, generated on first use
version_added: 0.1.0
description:
  - Returns the secret kept in a file below the environment's secrets directory on the controller.
  - The first use generates it. Of several forks that ask at the same moment one writes, and all return its value.
  - In check mode nothing is written. A secret that does not exist yet is then a random value nobody keeps.
options:
  _terms:
    description:
      - Path of each secret relative to O(directory), such as V(passwords/transactions_replication).
      - The last part of the path is the name that is looked for in O(vault).
    type: list
    elements: str
    required: true
  directory:
    description:
      - The environment's secrets directory.
      - This directory and those below it are made with mode 0700 when missing; a secret's file has mode 0600.
    type: path
    required: true
  vault:
    description: Secrets by name, usually from Ansible Vault. A value given here wins, and no file is read or written.
    type: dict
    default: {}
  length:
    description: Characters of a generated secret, letters and digits of ASCII. From 16 to 256.
    type: int
    default: 40
notes:
  - A file that the group or others may access is refused rather than tightened, because somebody may have read it.
  - An empty file is refused rather than filled, because a server may still hold the secret that once stood in it.
"""

EXAMPLES = r"""
- name: Make the role that the subscriber connects as
  community.postgresql.postgresql_user:
    name: transactions_replication
    password: "{{ lookup('pgops.fleet.secret', 'passwords/transactions_replication',
      directory=postgresql_secrets_directory, vault=postgresql_passwords) }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The secrets, in the order of the terms.
  type: list
  elements: str
"""

import os
import secrets
import stat
import string
from pathlib import Path, PurePosixPath

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

ALPHABET = string.ascii_letters + string.digits  # needs no quoting in a passfile, a connection string or a URI
SHORTEST = 16
LONGEST = 256


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        length = self.get_option("length")
        if not SHORTEST <= length <= LONGEST:
            raise AnsibleLookupError(f"length: {length} is not accepted; give a number from {SHORTEST} to {LONGEST}")
        directory, vault = Path(self.get_option("directory")), self.get_option("vault") or {}
        check_mode = bool((variables or {}).get("ansible_check_mode"))
        return [self._secret(term, directory, vault, length, check_mode) for term in terms]

    @staticmethod
    def _secret(term, directory, vault, length, check_mode):
        relative = relative_path(term)
        if relative.name in vault:
            return vault_value(vault, relative.name)
        path = directory / relative
        try:
            return read_secret(path)
        except FileNotFoundError:
            value = generate_secret(length)
        if check_mode:
            return value
        create_secret(directory, path, value)
        return read_secret(path)


def relative_path(term):
    path = PurePosixPath(term if isinstance(term, str) else "")
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise AnsibleLookupError(
            f"secret {term!r}: not a path inside the secrets directory; give one such as 'passwords/app_reader'"
        )
    return path


def vault_value(vault, name):
    value = vault[name]
    if not isinstance(value, str) or not value:
        raise AnsibleLookupError(
            f"vault: the value of {name!r} is {'empty' if value in ('', None) else type(value).__name__}; "
            "give a non-empty string, or leave the key out to have the secret generated"
        )
    return value


def generate_secret(length):
    return "".join(secrets.choice(ALPHABET) for _unused in range(length))


def read_secret(path):
    """The secret in the file; FileNotFoundError when there is none."""
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            refuse_open_mode(path, status)
            value = file.read().rstrip("\n")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise AnsibleLookupError(
            f"secret {path}: cannot be read: {error}; make it a UTF-8 text file that {current_user()} may read"
        ) from error
    if not value.strip():
        raise AnsibleLookupError(
            f"secret {path}: the file is empty; put the secret back that the servers know, "
            "or remove the file to have a new one generated"
        )
    return value


def refuse_open_mode(path, status):
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise AnsibleLookupError(
            f"secret {path}: mode {mode:04o} lets the group or others at it, accepted is 0600; "
            f"if nobody can have read it 'chmod 600 {path}', otherwise remove the file to have a new secret generated"
        )


def create_secret(directory, path, value):
    """Give the file to the first who comes, complete at the moment it appears; the others leave it as it is.

    The text is written to a file of our own (O_EXCL) and linked to its name: link() fails where open(O_EXCL) would,
    but no other fork can see a file that is there and not filled yet, not even after a crash in between.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        make_directories(directory, path.parent)
        try:
            write_draft(draft, value)
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(path.parent)
    except OSError as error:
        raise AnsibleLookupError(
            f"secret {path}: cannot be created: {error}; let {current_user()} write there, or set 'directory'"
        ) from error


def make_directories(directory, parent):
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    current = directory
    for part in parent.relative_to(directory).parts:
        current /= part
        current.mkdir(mode=0o700, exist_ok=True)


def write_draft(draft, value):
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path):
    """After this a power cut cannot take back a secret that a server may be told in the next second."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def current_user():
    return f"user id {os.geteuid()}"
