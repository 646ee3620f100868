"""Hosts on this machine: systemd containers for the local inventory and for tests."""
