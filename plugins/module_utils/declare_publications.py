# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publications."""

from __future__ import annotations

from ansible_collections.community.postgresql.plugins.module_utils.database import pg_quote_identifier
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    table_exists,
)

OPERATIONS = ("insert", "update", "delete", "truncate")
PUBLICATION = {
    "name": {"type": "str", "required": True},
    "tables": {"type": "list", "elements": "raw", "default": []},
    "schemas": {"type": "list", "elements": "str", "default": []},
    "via_root": {"type": "bool", "default": False},
    "operations": {"type": "list", "elements": "str", "choices": list(OPERATIONS), "default": list(OPERATIONS)},
    "owner": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {"publications": {"type": "list", "elements": "dict", "required": True, "options": PUBLICATION}}

STATE = """
select p.pubname::text as name, pg_get_userbyid(p.pubowner)::text as owner, p.pubviaroot as via_root,
    p.puballtables as all_tables,
    array_remove(array[case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
        case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end], null) as operations,
    array(select n.nspname::text from pg_catalog.pg_publication_namespace s
        join pg_catalog.pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid order by 1) as schemas,
    coalesce((select jsonb_agg(jsonb_build_object(
            'name', n.nspname || '.' || c.relname,
            'columns', (select jsonb_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and a.attnum = any (r.prattrs)),
            'where', pg_catalog.pg_get_expr(r.prqual, r.prrelid)) order by n.nspname, c.relname)
        from pg_catalog.pg_publication_rel r join pg_catalog.pg_class c on c.oid = r.prrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace where r.prpubid = p.oid), '[]') as tables
from pg_catalog.pg_publication p order by 1
"""


def declared_tables(publication):
    """Tables as dictionaries, by name."""
    tables = [{"name": table} if isinstance(table, str) else table for table in publication["tables"]]
    for table in tables:
        name = table.get("name") if isinstance(table, dict) else None
        if not name or name.count(".") != 1 or not all(name.split(".")) or set(table) - {"name", "columns", "where"}:
            raise Refused(
                f"publication {publication['name']}: table {table!r}; accepted is a name with its schema, for example "
                "app.t1, or a dictionary with name, columns and where."
            )
    return sorted(tables, key=lambda table: table["name"].split("."))


def declared_state(publication):
    """What is asked for, in the form of `STATE`."""
    return {
        "name": publication["name"],
        "owner": publication["owner"],
        "via_root": publication["via_root"],
        "operations": [operation for operation in OPERATIONS if operation in publication["operations"]],
        "schemas": sorted(publication["schemas"]),
        "tables": [
            {"name": table["name"], "columns": table.get("columns"), "where": table.get("where")}
            for table in declared_tables(publication)
        ],
    }


def objects_clause(state):
    """What follows FOR and SET."""
    clauses = []
    for table in state["tables"]:
        columns = ", ".join(pg_quote_identifier(column, "column") for column in table["columns"] or [])
        where = f" where ({table['where']})" if table["where"] else ""
        clauses.append(f"table {quoted_name(table['name'])}{f' ({columns})' if columns else ''}{where}")
    clauses += [f"tables in schema {pg_quote_identifier(schema, 'schema')}" for schema in state["schemas"]]
    return ", ".join(clauses)


def parameters_clause(state):
    via_root = str(state["via_root"]).lower()
    return f"(publish = '{', '.join(state['operations'])}', publish_via_partition_root = {via_root})"


def normalised_where(session, state):
    """The declared conditions in the server's own words, so that they can be compared."""
    for table in state["tables"]:
        if table["where"]:
            probe = "pgops_probe"
            with session.transaction(keep=False):
                session.execute(
                    f"create publication {probe} for table {quoted_name(table['name'])} where ({table['where']})"
                )
                found = session.rows(STATE)
            table["where"] = next(row for row in found if row["name"] == probe)["tables"][0]["where"]
    return state


def ordered_columns(state):
    """Columns count as a set."""
    tables = [{**table, "columns": sorted(table["columns"]) if table["columns"] else None} for table in state["tables"]]
    return {**state, "tables": tables}


def refuse_missing_tables(session, state):
    for table in state["tables"]:
        if not table_exists(session, table["name"]):
            raise Refused(f"publication {state['name']}: table {table['name']} does not exist. Create it first.")


def change_publication(session, before, state):
    """Bring one publication to the declared state; returns what was done."""
    name = pg_quote_identifier(state["name"], "publication")
    change = "none"
    if before is None:
        objects = objects_clause(state)
        session.change(
            f"create publication {name} {f'for {objects} ' if objects else ''}with {parameters_clause(state)}"
        )
        change = "created"
    else:
        if before["all_tables"]:
            raise Refused(
                f"publication {state['name']} is FOR ALL TABLES, which cannot be changed. Drop it (state: absent) first."
            )
        if parameters_clause(before) != parameters_clause(state):
            session.change(f"alter publication {name} set {parameters_clause(state)}")
            change = "altered"
        if (ordered_columns(before)["tables"], before["schemas"]) != (
            ordered_columns(state)["tables"],
            state["schemas"],
        ):
            for statement in object_changes(name, before, state):
                session.change(statement)
            change = "altered"
    if state["owner"] and state["owner"] != (before or {}).get("owner"):
        session.change(f"alter publication {name} owner to {pg_quote_identifier(state['owner'], 'role')}")
        change = change if change != "none" else "altered"
    return change


def object_changes(name, before, state):
    """SET replaces everything at once; an empty publication can only be reached by DROP of each."""
    objects = objects_clause(state)
    if objects:
        return [f"alter publication {name} set {objects}"]
    bare_tables = [{"name": table["name"], "columns": None, "where": None} for table in before["tables"]]
    return [f"alter publication {name} drop {objects_clause({**before, 'tables': bare_tables})}"]


def shown(state):
    return {
        key: value for key, value in (state or {}).items() if key not in ("name", "all_tables") and value is not None
    }


def apply_publication(session, existing, publication):
    """Bring one publication to what is declared; returns its result and its difference."""
    state, before = declared_state(publication), existing.get(publication["name"])
    header = {"before_header": f"publication {state['name']}", "after_header": f"publication {state['name']}"}
    if publication["state"] == "absent":
        if before is None:
            return "none", None
        if session:
            session.change(f"drop publication {pg_quote_identifier(state['name'], 'publication')}")
        return "removed", {**header, "before": shown(before), "after": {}}
    if session:
        if not session.check_mode:
            refuse_missing_tables(session, state)
        if all(table_exists(session, table["name"]) for table in state["tables"]):
            normalised_where(session, state)
        change = change_publication(session, before, state)
    else:
        change = "created"
    after = {**state, "owner": state["owner"] or (before or {}).get("owner")}
    return change, None if change == "none" else {**header, "before": shown(before), "after": shown(after)}


def work(module, session):
    publications = module.params["publications"]
    names = [publication["name"] for publication in publications]
    for name in names:
        if names.count(name) > 1:
            raise Refused(f"publication {name} is declared more than once. Give each publication one entry.")
    existing = {row["name"]: row for row in session.rows(STATE)} if session else {}
    results = [
        (name, *apply_publication(session, existing, item)) for name, item in zip(names, publications, strict=True)
    ]
    return {
        "changed": any(change != "none" for _name, change, _difference in results),
        "diff": [difference for _name, _change, difference in results if difference],
        "publications": [{"name": name, "change": change} for name, change, _difference in results],
        "undeclared": sorted(set(existing) - set(names)),
    }
