"""The state of the local hosts as tables to read."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pgops.local.clusters import SYSTEMS, System
from pgops.paths import ROOT

PACKAGE_SOURCES = {"pgdg": "apt.postgresql.org", "distribution": "Debian's own packages"}


def render(status: dict[str, Any]) -> RenderableType:
    """All tables for what `status.collect` returned."""
    hosts = status["hosts"]
    parts: list[RenderableType] = [hosts_table(hosts)]
    answering = [host for host in hosts if "server" in host]
    for system in SYSTEMS:
        with_rows = [host for host in answering if host["system"] == system]
        if any(host["months"] for host in with_rows):
            parts.append(months_table(SYSTEMS[system].table, with_rows))
    if any(host["partitioned"] for host in answering):
        parts.append(partitioned_table(answering))
    if any("totals" in host for host in answering):
        parts.append(totals_table(answering))
    if any(host["views"] for host in answering):
        parts.append(views_table(answering))
    if any(host["jobs"] for host in answering):
        parts.append(jobs_table(answering))
    if any(host["slots"] or host["receivers"] or host["subscriptions"] or "upstream" in host for host in answering):
        parts.append(replication_table(answering))
    archiving = [host for host in answering if "archive" in host]
    if archiving:
        parts.append(archive_table(archiving))
    return Group(*parts)


def _table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    # A title is folded at the width of its table, and some tables are narrow.
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        min_width=len(title),
    )
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def hosts_table(hosts: list[dict[str, Any]]) -> Table:
    """Hosts: where, as what, in which state, which PostgreSQL from where."""
    table = _table("Hosts", "host", "container", "address", "role", "state", "PostgreSQL", "from")
    for host in hosts:
        server = host.get("server", {})
        version = server.get("version", "").split(" ")[0]
        source = PACKAGE_SOURCES.get(host.get("package_source", ""), "")
        address = ":".join(str(host[part]) for part in ("address", "port") if host["address"] and part in host)
        table.add_row(host["host"], host["container"], address, _role(host, hosts), host["state"], version, source)
    return table


def _role(host: dict[str, Any], hosts: list[dict[str, Any]]) -> Text:
    """Primary, standby or subscriber; two primaries of one system take what the other does not have."""
    role = host.get("role", "")
    twins = [other for other in hosts if other.get("role") == role == "primary" and other["system"] == host["system"]]
    return Text(f"primary, one of {len(twins)}", style="bold red") if len(twins) > 1 else Text(role)


def months_table(name: str, hosts: list[dict[str, Any]]) -> Table:
    """Rows of a system's table by month on each of its hosts, side by side."""
    names = [host["host"] for host in hosts]
    compared = ["equal"] if len(hosts) > 1 else []
    table = _table(f"Rows of {name} by month", "month", *names, *compared, right=(*names,))
    counts = {host["host"]: {row["month"]: row["rows"] for row in host["months"]} for host in hosts}
    months = sorted({month for by_month in counts.values() for month in by_month})
    for month in months:
        rows = [counts[name].get(month, 0) for name in names]
        table.add_row(month, *(f"{count:,}" for count in rows), *(equality(rows) for _ in compared))
    table.add_section()
    sums = [sum(counts[name].values()) for name in names]
    table.add_row("all", *(f"{count:,}" for count in sums), *(equality(sums) for _ in compared))
    return table


def partitioned_table(hosts: list[dict[str, Any]]) -> Table:
    """Tables of systems that have several, in their present shapes; rows as the statistics estimate them."""
    table = _table(
        "Tables", "host", "table", "partitioned by", "partitions", "rows (estimate)", "size",
        right=("partitions", "rows (estimate)", "size"),
    )  # fmt: skip
    for host in hosts:
        for found in host["partitioned"]:
            table.add_row(
                host["host"],
                found["name"],
                found["key"] or "",
                str(found["partitions"] or ""),
                f"{found['estimated_rows'] or 0:,}",
                size(found["size_bytes"] or 0),
            )
    return table


def size(size_bytes: int) -> str:
    """A size in kB or MB."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1e3:,.0f} kB"


def equality(counts: list[int]) -> Text:
    """Whether all counts are the same; the hosts are asked one after the other while rows keep arriving."""
    difference = max(counts) - min(counts)
    if difference == 0:
        return Text("yes", style="green")
    return Text(f"differ by {difference:,}", style="yellow")


def totals_table(hosts: list[dict[str, Any]]) -> Table:
    """The largest totals, and whether all of them equal a recount of the rows."""
    with_totals = [host for host in hosts if "totals" in host]
    names = [host["host"] for host in with_totals]
    table = _table("Totals (app.t1_totals), largest first", "client_id", "operation_type", *names, right=(*names,))
    rows: dict[tuple[Any, Any], dict[str, str]] = {}
    for host in with_totals:
        for row in host["top_totals"]:
            rows.setdefault((row["client_id"], row["operation_type"]), {})[host["host"]] = _amount(row)
    for (client, operation), amounts in rows.items():
        table.add_row(str(client), operation, *(amounts.get(name, "") for name in names))
    table.add_section()
    table.add_row("all", "", *(_amount(host["totals"]) for host in with_totals))
    table.add_row("equal to a recount", "", *(_recount(host) for host in with_totals))
    return table


def _amount(row: dict[str, Any]) -> str:
    return f"{row['amount']} ({row['transactions']:,} rows)"


def _recount(host: dict[str, Any]) -> Text:
    if "drift" not in host:
        return Text("not asked")
    groups = host["drift"]["groups"]
    if groups == 0:
        return Text("yes", style="green")
    return Text(f"{groups:,} groups differ: select * from app.totals_drift()", style="bold red")


def views_table(hosts: list[dict[str, Any]]) -> Table:
    """Materialized views: what they hold, how old they are, and how their refreshes went."""
    table = _table(
        "Materialized views", "host", "view", "sums", "all together", "refreshed", "took", "refreshes", "skipped",
        "differ from a recount", right=("sums", "all together", "refreshed", "took", "refreshes", "skipped"),
    )  # fmt: skip
    for host in hosts:
        for view in host["views"]:
            table.add_row(
                host["host"],
                view["name"],
                f"{view['groups']:,}",
                view["amount"],
                ago(view["age_seconds"]),
                "" if view["last_duration_seconds"] is None else f"{view['last_duration_seconds'] * 1000:.0f} ms",
                f"{view['refreshes']:,}",
                f"{view['skipped']:,}",
                _view_drift(view["wrong_groups"]),
            )
    return table


def _view_drift(groups: int) -> Text:
    """Rows that have changed since the last refresh are no mistake: the next brings them."""
    return Text(f"{groups:,} until the next refresh", style="yellow") if groups else Text("none", style="green")


def jobs_table(hosts: list[dict[str, Any]]) -> Table:
    """Jobs of pg_cron with their last runs."""
    table = _table(
        "Jobs", "host", "job", "schedule", "user", "last run", "took", "status", "failed in the last hour",
        right=("last run", "took", "failed in the last hour"),
    )  # fmt: skip
    for host in hosts:
        for job in host["jobs"]:
            failed = job["failed_last_hour"]
            table.add_row(
                host["host"],
                job["name"],
                job["schedule"],
                job["user"],
                ago(job["last_run_seconds_ago"]),
                "" if job["last_duration_ms"] is None else f"{job['last_duration_ms']:.0f} ms",
                _job_status(job),
                Text(str(failed), style="bold red" if failed else ""),
            )
    return table


def _job_status(job: dict[str, Any]) -> Text:
    if not job["active"]:
        return Text("not active", style="yellow")
    status = job["last_status"]
    if status is None:
        return Text("not yet due")
    if status == "failed":
        return Text(f"failed: {(job['last_message'] or '').strip()}", style="bold red")
    return Text(status, style="green")


def ago(seconds: float | None) -> str:
    """A time span in words, e.g. '4 s ago'."""
    if seconds is None:
        return "never"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def replication_table(hosts: list[dict[str, Any]]) -> Table:
    """Both ends of logical and of streaming replication."""
    table = _table("Replication", "host", "what", "state", "behind", right=("behind",))
    for host in hosts:
        for slot in host["slots"]:
            state = Text("streaming", style="green") if slot["active"] else Text("nobody connected", style="bold red")
            behind = f"{slot['lag_bytes']:,} bytes, {slot['lag_seconds']:.1f} s"
            table.add_row(host["host"], f"slot {slot['name']}", state, behind)
        for receiver in host["receivers"]:
            colour = "green" if receiver["state"] == "streaming" else "yellow"
            state = Text(f"{receiver['state']}, {receiver['sync_state']}", style=colour)
            behind = f"{receiver['lag_bytes'] or 0:,} bytes, {receiver['lag_seconds']:.1f} s"
            table.add_row(host["host"], f"standby {receiver['name']}", state, behind)
        if "upstream" in host:
            table.add_row(host["host"], *_upstream(host["upstream"]))
        for subscription in host["subscriptions"]:
            heard = ago(subscription["last_message_seconds_ago"])
            table.add_row(
                host["host"],
                f"subscription {subscription['name']}",
                _subscription_state(subscription),
                f"heard {heard}",
            )
    return table


def _upstream(upstream: dict[str, Any]) -> tuple[str, Text, str]:
    """What a standby is fed from, in the columns of the table."""
    behind = f"{upstream['replay_lag_bytes'] or 0:,} bytes, last commit {ago(upstream['last_commit_seconds_ago'])}"
    if upstream["status"] is None:
        return "a primary to follow", Text("nobody connected", style="bold red"), behind
    colour = "green" if upstream["status"] == "streaming" else "yellow"
    source = f"follows {upstream['host']}:{upstream['port']}, timeline {upstream['timeline']}"
    return source, Text(upstream["status"], style=colour), behind


def _subscription_state(subscription: dict[str, Any]) -> Text:
    if not subscription["enabled"]:
        return Text("disabled", style="bold red")
    if not subscription["applying"]:
        return Text("not connected", style="bold red")
    waiting = subscription["tables_not_ready"]
    return Text(f"{waiting} tables being copied", style="yellow") if waiting else Text("applying", style="green")


def archive_table(hosts: list[dict[str, Any]]) -> Table:
    """Archiving of WAL segments."""
    table = _table(
        "WAL archive", "host", "mode", "archived", "last", "failed", "last failure", right=("archived", "failed")
    )
    for host in hosts:
        archive = host["archive"]
        table.add_row(
            host["host"],
            archive["mode"],
            f"{archive['archived']:,}",
            ago(archive["last_archived_seconds_ago"]),
            Text(f"{archive['failed']:,}", style="yellow" if archive["failed"] else ""),
            f"{archive['last_failed']}, {ago(archive['last_failed_seconds_ago'])}" if archive["failed"] else "",
        )
    return table


def connecting(status: dict[str, Any]) -> list[str]:
    """How to get in: as postgres inside a host, or as a client with TLS from this machine."""
    hosts = [host for host in status["hosts"] if "server" in host]
    if not hosts:
        return []
    secrets = f"inventories/{status['environment']}/.secrets"
    readers = {name: system.reader_now(ROOT / secrets) for name, system in SYSTEMS.items()}
    lines = ["Connect", *(f"  make psql HOST={host['host']}" for host in hosts)]
    for host in hosts:
        # The name is what the certificate must prove; the address is where it is.
        system = SYSTEMS[host["system"]]
        lines.append(
            f"  postgresql://{readers[host['system']]}@{host['host']}:{host['port']}/{system.database}"
            f"?hostaddr={host['address']}&sslmode=verify-full&sslrootcert={secrets}/certificates/ca.crt"
        )
    for name, system in SYSTEMS.items():
        members = [host for host in hosts if host["system"] == name and host.get("role") in ("primary", "standby")]
        if len(members) > 1:
            lines += [f"  whoever is the primary of {name}:", f"  {following(system, members, secrets)}"]
    shown = dict.fromkeys(readers[host["system"]] for host in hosts)
    return [*lines, *(f"  password of {reader}: {secrets}/passwords/{reader}" for reader in shown)]


def following(system: System, members: list[dict[str, Any]], secrets: str) -> str:
    """A connection string that finds the primary, whoever it is at the moment."""
    places = ",".join(f"{host['host']}:{host['port']}" for host in members)
    addresses = ",".join(host["address"] for host in members)
    # Not read-write: a role with default_transaction_read_only would find nobody.
    return (
        f"postgresql://{system.reader}@{places}/{system.database}?hostaddr={addresses}&target_session_attrs=primary"
        f"&connect_timeout=2&tcp_user_timeout=3000&sslmode=verify-full&sslrootcert={secrets}/certificates/ca.crt"
    )


def show(status: dict[str, Any], console: Console) -> None:
    """Print the tables, and lines to copy, which are never broken."""
    console.print(render(status))
    console.print("\n".join(connecting(status)), soft_wrap=True, markup=False, highlight=False)
