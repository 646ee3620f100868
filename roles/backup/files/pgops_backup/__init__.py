"""Looks after backups and the archive of WAL. Standard library only: it runs on database hosts."""
