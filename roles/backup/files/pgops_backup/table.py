"""The state of a stanza for somebody who reads it."""

from __future__ import annotations

from typing import Any

HEADER = ("backup", "type", "restores from", "took", "database", "in repository")


def table(status: dict[str, Any]) -> str:
    """Lines of text."""
    lines = [f"stanza {status['stanza']}: {'ok' if status['ok'] else status['message']}"]
    rows = [HEADER, *(_row(backup) for backup in status["backups"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines += [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if not status["backups"]:
        lines.append("  there is no backup: playbooks/backup.yml makes one")
    lines.append(f"archive: {status['archive_first']} to {status['archive_last']}, {_gaps(status['archive'])}")
    if status["archive"].get("free_bytes") is not None:
        lines.append(f"repository: {_room(status['archive'])}")
    lines.append(f"verification: {_verification(status['verification'])}")
    lines.append(f"timers: {', '.join(status['timers']) or 'none runs'}")
    if status["backup_running"]:
        lines.append("a backup is running")
    return "\n".join(lines)


def _row(backup: dict[str, Any]) -> tuple[str, ...]:
    return (
        backup["label"] + (" (page errors)" if backup["error"] else ""),
        backup["type"],
        backup["restores_from"],
        f"{backup['seconds']} s",
        readable(backup["database_bytes"]),
        readable(backup["repository_bytes"]),
    )


def _gaps(archive: dict[str, Any]) -> str:
    if not archive:
        return "not looked at yet"
    if archive.get("error"):
        return f"could not be looked at: {archive['error']}"
    gaps = [
        f"GAP of {gap['count']} segments {gap['first']} to {gap['last']}, "
        + (f"closed by {gap['closed_by']}" if gap["closed_by"] else "not closed yet")
        for gap in archive["gaps"]
    ]
    return "; ".join(gaps) or f"no gap (looked at {archive['looked_at']})"


def _room(archive: dict[str, Any]) -> str:
    seconds = archive["seconds_until_full"]
    ends = (
        f"full in {seconds / 3600:.1f} hours at the present rate" if seconds is not None else "not growing at present"
    )
    return f"{readable(archive['free_bytes'])} of {readable(archive['total_bytes'])} are free, {ends}"


def _verification(verification: dict[str, Any]) -> str:
    if not verification:
        return "not yet"
    if verification["ok"]:
        return f"everything is whole ({verification['began_at']})"
    return f"DAMAGED ({verification['began_at']}): {'; '.join(verification['problems'])}"


def readable(size: float) -> str:
    """Bytes in the largest fitting unit."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
