"""What an inventory may say is what the modules take: an attribute more on either side is a promise that nobody keeps."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils import (
    declare_cron_jobs,
    declare_databases,
    declare_immvs,
    declare_partitions,
    declare_privileges,
    declare_publications,
    declare_roles,
    inventory_schema,
)

OPTIONS = {
    "databases": declare_databases.DATABASE,
    "roles": declare_roles.ROLE,
    "privileges": declare_privileges.PRIVILEGE,
    "default_privileges": declare_privileges.DEFAULT_PRIVILEGE,
    "partitions": declare_partitions.POLICY,
    "incremental_views": declare_immvs.VIEW,
    "cron_jobs": declare_cron_jobs.JOB,
    "publications": declare_publications.PUBLICATION,
}
# Read by the role before the module sees the item.
OF_THE_INVENTORY = {"databases": {"scripts"}, "roles": {"secret", "login_of"}, "cron_jobs": set()}


@pytest.mark.parametrize("name", OPTIONS)
def test_attributes_are_the_module_s(name):
    accepted = set(inventory_schema.LISTS[name]["fields"]) - OF_THE_INVENTORY.get(name, {"database"})
    assert accepted == set(OPTIONS[name])


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("incremental_views", "indexes"),
        ("partitions", "by"),
        ("partitions", "partitions"),
        ("partitions", "retention"),
        ("partitions", "hooks"),
        ("partitions", "indexes"),
    ],
)
def test_inner_attributes_are_the_module_s(name, attribute):
    spec = inventory_schema.LISTS[name]["fields"][attribute]
    assert set(spec.get("of", spec)["fields"]) == set(OPTIONS[name][attribute]["options"])
