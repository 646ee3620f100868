#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: files
short_description: Declare small files and folders of a host in one task
version_added: 0.1.0
description:
  - Writes files from given contents and makes folders, with owner, group and mode, in the order given.
  - A file takes its place in one step; a reader sees the old or the new one.
  - One task for a list, because a task costs about the same whether it looks at one file or at ten.
options:
  files:
    description:
      - Files and folders. A folder comes before what is in it.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - Absolute path.
        type: path
        required: true
      content:
        description:
          - Text of the file, in UTF-8. A file needs either this or O(files[].content_base64).
        type: str
      content_base64:
        description:
          - Content of a binary file, in Base64; lines may be folded.
        type: str
      directory:
        description:
          - The path is a folder.
        type: bool
        default: false
      owner:
        description:
          - Owner.
        type: str
        default: root
      group:
        description:
          - Group.
        type: str
        default: root
      mode:
        description:
          - Mode in octal digits.
        type: str
        default: "0644"
      secret:
        description:
          - Content that is shown nowhere, neither in the diff nor at the highest verbosity.
        type: bool
        default: false
attributes:
  check_mode:
    description: Says what a run would change, without changing anything.
    support: full
  diff_mode:
    description: Shows each file before and after, but for secret ones.
    support: full
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: A folder with a key
  pgops.fleet.files:
    files:
      - {path: /etc/example, directory: true, mode: "0750"}
      - {path: /etc/example/key, content: "{{ key }}", mode: "0600", secret: true}
"""

RETURN = r"""
written:
  description: Paths that were made or changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/example/key]
"""

import base64
import hashlib
import os
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def wanted_content(module, item):
    """Bytes of a file, None for a folder."""
    given = [key for key in ("content", "content_base64") if item[key] is not None]
    if item["directory"]:
        if given:
            module.fail_json(msg=f"{item['path']}: a folder has no {given[0]}; leave it out, or leave out directory")
        return None
    if len(given) != 1:
        module.fail_json(msg=f"{item['path']}: {len(given)} contents; accepted: either content or content_base64")
    if item["content"] is not None:
        return item["content"].encode()
    try:
        # Encoders fold their lines.
        return base64.b64decode("".join(item["content_base64"].split()), validate=True)
    except ValueError as error:
        module.fail_json(msg=f"{item['path']}: content_base64 is no Base64 ({error})")


def content_now(module, item):
    """Bytes of the file that is there, None without one."""
    path = Path(item["path"])
    if (path.exists() or path.is_symlink()) and path.is_dir() != item["directory"]:
        kind = "folder" if item["directory"] else "file"
        module.fail_json(msg=f"{path} is there and is no {kind}; move it away first")
    return path.read_bytes() if path.is_file() else None


def attributes(item, path):
    """What AnsibleModule wants to know of a file's owner, group and mode."""
    unchanged = {"secontext": [None, None, None], "attributes": None}
    return {"path": path, "owner": item["owner"], "group": item["group"], "mode": item["mode"], **unchanged}


def make(module, item, content):
    """Make the folder, or put the file in its place with its mode from the first moment."""
    path = Path(item["path"])
    try:
        if item["directory"]:
            path.mkdir(parents=True)
            module.set_fs_attributes_if_different(attributes(item, str(path)), False)
            return
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".pgops-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        module.set_fs_attributes_if_different(attributes(item, draft), False)
        Path(draft).replace(path)
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be made: {error}. Declare the folder that it is in before it.")


def shown(item, content):
    if item["directory"]:
        return "folder\n"
    if item["secret"]:
        return "(secret)\n"
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"(binary, {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()})\n"


def declare(module, item):
    """Bring one file to what is declared; returns its difference, None when it is right."""
    path, content = item["path"], wanted_content(module, item)
    exists, before = Path(path).exists(), content_now(module, item)
    header = {"before_header": path, "after_header": path}
    if not exists or before != content:
        if not module.check_mode:
            make(module, item, content)
        return {**header, "before": shown(item, before) if exists else "", "after": shown(item, content)}
    difference = {}
    if module.set_fs_attributes_if_different(attributes(item, path), False, diff=difference):
        return {**header, **difference}
    return None


def main():
    item = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str", "no_log": False},
        "content_base64": {"type": "str", "no_log": False},
        "directory": {"type": "bool", "default": False},
        "owner": {"type": "str", "default": "root"},
        "group": {"type": "str", "default": "root"},
        "mode": {"type": "str", "default": "0644"},
        "secret": {"type": "bool", "default": False, "no_log": False},
    }
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True, "options": item}},
        supports_check_mode=True,
    )
    for item in module.params["files"]:
        if item["secret"]:
            module.no_log_values.update(text for text in (item["content"], item["content_base64"]) if text)
    differences = [
        difference for difference in (declare(module, item) for item in module.params["files"]) if difference
    ]
    module.exit_json(
        changed=bool(differences),
        diff=differences,
        written=[difference["after_header"] for difference in differences],
    )


if __name__ == "__main__":
    main()
