"""Streaming replication under a client that counts what it was promised."""
