"""A result for somebody who reads it."""

from __future__ import annotations

from typing import Any

from pgops_backup.table import readable

DIFFERENCES_SHOWN = 20


def lines(result: dict[str, Any]) -> list[str]:
    """Lines of text."""
    if not result:
        return ["there was no drill yet"]
    found = [f"drill of {result['cluster']}, {result['started_at']}: {result['outcome'].upper()}"]
    if result["message"]:
        found.append(f"  {result['message']}")
    backup, point, rto, rpo = (result[name] for name in ("backup", "moment", "rto", "rpo"))
    replayed = result["wal_replayed_bytes"]
    if backup:
        found.append(
            f"backup     {backup['label']}, {readable(backup['database_bytes'])}, ended {backup['ended_at']}"
            + (f"; {readable(replayed)} of WAL replayed" if replayed is not None else "")
        )
    if point:
        found.append(
            f"moment     {point['at']}, {point['lsn']}, found in {point['seconds']} s ({point['tries']} tries)"
        )
    if rto:
        found.append(
            f"RTO        {rto['seconds']} s: {rto['restore_seconds']} s restore, {rto['recovery_seconds']} s recovery"
        )
    if rpo:
        found.append(rpo_line(rpo))
    comparison = result["comparison"]
    if comparison:
        found += comparison_lines(comparison)
    found += [check_line(check) for check in result["checks"]]
    amcheck = result["amcheck"]
    if amcheck:
        words = "nothing is wrong" if amcheck["ran"] and not amcheck["problems"] else amcheck["why"]
        found.append(f"structure  {words or 'WRONG: ' + '; '.join(amcheck['problems'][:DIFFERENCES_SHOWN])}")
    found += [f"warning    {warning}" for warning in result["warnings"]]
    return found


def rpo_line(rpo: dict[str, Any]) -> str:
    """What would have been missing."""
    if rpo["seconds"] is None:
        return f"RPO        not known: {rpo['basis']}"
    return f"RPO        {rpo['seconds']} s, {readable(rpo['bytes'])} of WAL that were not in the archive"


def comparison_lines(comparison: dict[str, Any]) -> list[str]:
    """What was compared, what not, and what differs."""
    found = [
        f"compared   {comparison['tables']} tables, {comparison['rows']} rows, {comparison['sequences']} sequences in "
        f"{', '.join(comparison['databases'])}; {len(comparison['differences'])} differences"
    ]
    found += [difference_line(difference) for difference in comparison["differences"][:DIFFERENCES_SHOWN]]
    if len(comparison["differences"]) > DIFFERENCES_SHOWN:
        found.append(f"           and {len(comparison['differences']) - DIFFERENCES_SHOWN} more in the result's file")
    found += [f"left out   {item['database']}: {item['table']}, {item['why']}" for item in comparison["left_out"]]
    return found


def difference_line(difference: dict[str, Any]) -> str:
    """One difference."""
    return (
        f"DIFFERS    {difference['database']}: {difference['kind']} {difference['object']}: {difference['what']}; "
        f"source: {side(difference['here'])}, copy: {side(difference['there'])}"
    )


def side(figures: Any) -> str:
    """What one side has."""
    if not isinstance(figures, dict):
        return str(figures)
    return figures.get("error") or f"{figures['rows']} rows, checksum {figures['checksum']}"


def check_line(check: dict[str, Any]) -> str:
    """One check."""
    if check["error"]:
        return f"check      {check['name']}: FAILED: {check['error']}"
    if check["wrong"]:
        return f"check      {check['name']}: WRONG, {check['wrong']} rows: {'; '.join(check['rows'])}"
    return f"check      {check['name']}: holds"
