"""The `pgops` command: local hosts, generators, load and benchmarks of pgops.fleet."""
