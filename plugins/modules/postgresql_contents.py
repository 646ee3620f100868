#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_contents
short_description: Declare roles, databases and all that they hold in one task
version_added: 0.1.0
description:
  - Does in one task, with one connection a database, what the modules for roles, databases, SQL files, partitions,
    incremental views, privileges, publications and jobs do in one task each. The start of a task and of a connection
    costs more than what most of them find to do.
  - The parts are carried out in that order, database after database, jobs last. Each takes the options of its own
    module and refuses what that refuses. The message begins with the name of the part.
  - After an error the parts before it are done, and those after it are not. A further run goes on.
options:
  roles:
    description:
      - As O(pgops.fleet.postgresql_roles#module:roles).
    type: list
    elements: dict
    default: []
  databases:
    description:
      - As O(pgops.fleet.postgresql_database#module:databases).
    type: list
    elements: dict
    default: []
  contents:
    description:
      - What databases hold.
    type: list
    elements: dict
    default: []
    suboptions:
      database:
        description:
          - Name of the database.
        type: str
        required: true
      scripts:
        description:
          - As O(pgops.fleet.postgresql_scripts#module:sets).
        type: list
        elements: dict
        default: []
      partitions:
        description:
          - As O(pgops.fleet.postgresql_partitions#module:policies).
        type: list
        elements: dict
        default: []
      incremental_views:
        description:
          - As O(pgops.fleet.postgresql_immv#module:views).
        type: list
        elements: dict
        default: []
      privileges:
        description:
          - As O(pgops.fleet.postgresql_privileges#module:privileges).
        type: list
        elements: dict
        default: []
      default_privileges:
        description:
          - As O(pgops.fleet.postgresql_privileges#module:default_privileges).
        type: list
        elements: dict
        default: []
      publications:
        description:
          - As O(pgops.fleet.postgresql_publication#module:publications).
        type: list
        elements: dict
        default: []
  cron:
    description:
      - Jobs of pg_cron. Without it no job is looked at.
    type: dict
    suboptions:
      database:
        description:
          - The server's C(cron.database_name).
        type: str
        required: true
      jobs:
        description:
          - As O(pgops.fleet.postgresql_cron_job#module:jobs).
        type: list
        elements: dict
        default: []
      remove_undeclared:
        description:
          - As O(pgops.fleet.postgresql_cron_job#module:remove_undeclared).
        type: bool
        default: false
attributes:
  check_mode:
    description: Says what a run would change, without changing anything.
    support: full
  diff_mode:
    description: Shows each thing before and after, under the name of its part.
    support: full
notes:
  - PostgreSQL 16 or later.
extends_documentation_fragment:
  - community.postgresql.postgres
seealso:
  - module: pgops.fleet.postgresql_roles
  - module: pgops.fleet.postgresql_database
  - module: pgops.fleet.postgresql_scripts
  - module: pgops.fleet.postgresql_partitions
  - module: pgops.fleet.postgresql_immv
  - module: pgops.fleet.postgresql_privileges
  - module: pgops.fleet.postgresql_publication
  - module: pgops.fleet.postgresql_cron_job
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: A database with its owner, its files and a nightly job
  become: true
  become_user: postgres
  pgops.fleet.postgresql_contents:
    roles:
      - {name: shop_owner, login: false}
      - {name: shop_jobs, login: true, member_of: [shop_owner]}
    databases:
      - {name: shop, owner: shop_owner, extensions: [pg_cron]}
    contents:
      - database: shop
        scripts:
          - name: shop
            role: shop_owner
            scripts: "{{ 'sql/shop' | pgops.fleet.sql_set }}"
        privileges:
          - {role: shop_jobs, object: schema app, privileges: [usage]}
    cron:
      database: shop
      jobs:
        - {name: tidy, cron: "10 3 * * *", run: CALL app.tidy(), as: shop_jobs}
      remove_undeclared: true
"""

RETURN = r"""
parts:
  description:
    - What was looked at, in order, each with the return values of its own module. In check mode as they would be.
    - After an error the parts before it, without those values.
  returned: always
  type: list
  elements: dict
  contains:
    part:
      description: Name of the part, and its database.
      type: str
      returned: always
      sample: SQL files of database shop
    changed:
      description: Whether it changed anything.
      type: bool
      returned: always
      sample: false
    queries:
      description: Statements that were executed. In check mode those that would be.
      returned: success
      type: list
      elements: str
      sample: ["-- shop/R__item_count.sql"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.contents import PartRefused, run_parts


def shown(done):
    """Results and differences of the parts, as the task returns them."""
    return {
        "changed": any(result["changed"] for _part, result in done),
        "parts": [
            {"part": part.label, **{key: value for key, value in result.items() if key != "diff"}}
            for part, result in done
        ],
        "diff": [
            {
                **difference,
                "before_header": f"{part.label}: {difference['before_header']}",
                "after_header": f"{part.label}: {difference['after_header']}",
            }
            for part, result in done
            for difference in result["diff"]
        ],
    }


def main():
    declarations = {"type": "list", "elements": "dict", "default": []}
    content = {
        "database": {"type": "str", "required": True},
        "scripts": declarations,
        "partitions": declarations,
        "incremental_views": declarations,
        "privileges": declarations,
        "default_privileges": declarations,
        "publications": declarations,
    }
    cron = {
        "database": {"type": "str", "required": True},
        "jobs": declarations,
        "remove_undeclared": {"type": "bool", "default": False},
    }
    specification = postgres.postgres_common_argument_spec()
    specification.update(
        roles=declarations,
        databases=declarations,
        contents={"type": "list", "elements": "dict", "default": [], "options": content},
        cron={"type": "dict", "options": cron},
    )
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    done = []
    try:
        run_parts(module, done)
    except PartRefused as refusal:
        # What went well is kept short, so that the message stays in sight.
        parts = [{"part": part.label, "changed": result["changed"]} for part, result in done]
        module.fail_json(msg=str(refusal), changed=any(part["changed"] for part in parts), parts=parts)
    module.exit_json(**shown(done))


if __name__ == "__main__":
    main()
