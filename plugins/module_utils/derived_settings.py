# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Settings derived from a machine's memory and cores, each with its formula and the source of it.

Starting points for a server nobody has measured yet; whatever was measured is declared and wins.
Chapters and sections are those of the PostgreSQL 16 manual.
"""

from __future__ import annotations

from dataclasses import dataclass

STORAGE = ("ssd", "hdd")
WORKLOADS = ("oltp", "analytics", "mixed")
MEMORY_MB_MINIMUM = 256
# Memory-hungry steps (sorts, hashes) that a connection has at a time, on average.
STEPS_PER_CONNECTION = {"oltp": 3, "mixed": 4, "analytics": 4}
GATHER_WORKERS_MAXIMUM = {"oltp": 2, "mixed": 4, "analytics": 8}
# Of the connections allowed, the share that works at the same moment.
BUSY_SHARE = {"oltp": 1.0, "mixed": 0.5, "analytics": 0.25}


class DerivationError(ValueError):
    """A machine or a wish nothing can be derived from."""


@dataclass(frozen=True)
class Machine:
    """What the derivation looks at. memory_mb is the share of this cluster, not the machine's."""

    memory_mb: int
    cores: int
    storage: str = "ssd"
    workload: str = "oltp"
    max_connections: int = 100
    version: int = 16

    @property
    def shared_buffers_mb(self):
        return self.memory_mb // 4

    @property
    def busy_connections(self):
        return max(1, int(self.max_connections * BUSY_SHARE[self.workload]))

    @property
    def gather_workers(self):
        return min(GATHER_WORKERS_MAXIMUM[self.workload], self.cores // 2)


def clamp(value, low, high):
    return max(low, min(high, int(value)))


def megabytes(value):
    return f"{int(value)}MB"


def _work_mem(machine):
    free = machine.memory_mb - machine.shared_buffers_mb
    return megabytes(clamp(free / (machine.busy_connections * STEPS_PER_CONNECTION[machine.workload]), 4, 1024))


def _max_wal_size_mb(machine):
    return clamp(machine.shared_buffers_mb * 4, 1024, 16384)


# name, formula in words, source, value (None: the server's default is right)
RULES = (
    (
        "shared_buffers",
        "memory / 4",
        "20.4.1: 25% of the memory is a reasonable start on a server of its own",
        lambda m: megabytes(m.shared_buffers_mb),
    ),
    (
        "effective_cache_size",
        "memory * 3 / 4",
        "20.7.2: shared buffers plus the part of the kernel's cache that holds data files",
        lambda m: megabytes(m.memory_mb * 3 // 4),
    ),
    (
        "work_mem",
        "(memory - shared_buffers) / (busy connections * sorts and hashes a connection), 4 MB to 1 GB",
        "20.4.1: several sorts and hashes run at once in one session, and many sessions at once",
        _work_mem,
    ),
    (
        "maintenance_work_mem",
        "memory / 16, 64 MB to 1 GB",
        "20.4.1: larger is safe since few run at once; autovacuum used no more than 1 GB before 17",
        lambda m: megabytes(clamp(m.memory_mb / 16, 64, 1024)),
    ),
    (
        "max_worker_processes",
        "cores + 8",
        "20.4.6: one pool for parallel queries, replication, and extensions such as pg_cron: 8 beside one a core",
        lambda m: m.cores + 8,
    ),
    ("max_parallel_workers", "cores", "20.4.6: of the pool, what parallel queries may take", lambda m: m.cores),
    (
        "max_parallel_workers_per_gather",
        "cores / 2, at most 2 (oltp), 4 (mixed), 8 (analytics)",
        "20.4.6: each worker uses work_mem of its own; 0 switches parallel queries off",
        lambda m: m.gather_workers,
    ),
    (
        "max_parallel_maintenance_workers",
        "cores / 2, at most 4",
        "20.4.6: workers of one index build or vacuum, from the same pool",
        lambda m: clamp(m.cores // 2, 0, 4),
    ),
    (
        "wal_buffers",
        "shared_buffers / 16, at most 64 MB",
        "20.5.1: room for what is written while the WAL before it is flushed; an index build fills 16 MB within one flush of a slow disk, "
        "and then every writer waits for it",
        lambda m: megabytes(clamp(m.shared_buffers_mb / 16, 1, 64)),
    ),
    (
        "max_wal_size",
        "shared_buffers * 4, 1 GB to 16 GB",
        "30.5: checkpoints forced by volume cost full-page writes; more WAL, longer recovery",
        lambda m: megabytes(_max_wal_size_mb(m)),
    ),
    (
        "min_wal_size",
        "max_wal_size / 4",
        "30.5: segments kept for reuse instead of being removed and made anew",
        lambda m: megabytes(_max_wal_size_mb(m) // 4),
    ),
    (
        "checkpoint_timeout",
        "15 minutes",
        "30.5: fewer checkpoints write fewer full pages; recovery stays within minutes",
        lambda m: "15min",
    ),
    (
        "random_page_cost",
        "1.1 on ssd, else the default of 4",
        "20.7.2: the cost of a random page read relative to a sequential one",
        lambda m: 1.1 if m.storage == "ssd" else None,
    ),
    (
        "effective_io_concurrency",
        "200 on ssd before 18, 2 on hdd, else the default",
        "20.4.6: requests the storage serves at once; from 18 asynchronous input reads ahead with a default of 16",
        lambda m: 2 if m.storage == "hdd" else (200 if m.version < 18 else None),
    ),
    (
        "default_statistics_target",
        "500 for analytics, else the default of 100",
        "20.7.4: better estimates for wide scans, longer ANALYZE",
        lambda m: 500 if m.workload == "analytics" else None,
    ),
)

# Fixed values for a host of 1 to 2 GB that one application has to itself: name, value, why.
SMALL = (
    ("max_connections", 100, "20.3.1: each costs memory of its own; more clients go through a pooler"),
    ("superuser_reserved_connections", 3, "20.3.1: for whoever comes to help when all others are taken"),
    ("shared_buffers", "256MB", "20.4.1: 25% of 1 GB"),
    ("effective_cache_size", "1GB", "20.7.2: shared buffers plus what the kernel keeps of data files"),
    ("work_mem", "4MB", "20.4.1: a hundred connections may each use it several times"),
    ("maintenance_work_mem", "64MB", "20.4.1: few run at once"),
    (
        "checkpoint_completion_target",
        0.9,
        "30.5: writes of a checkpoint are spread over nine tenths of the time between two",
    ),
    ("wal_buffers", "16MB", "20.5.1: a segment, as the server chooses by itself from 512 MB of shared buffers on"),
    ("max_wal_size", "1GB", "30.5: what checkpoint_segments said until 9.4, as a size"),
    ("min_wal_size", "256MB", "30.5: max_wal_size / 4"),
    ("random_page_cost", 1.1, "20.7.2: solid-state storage"),
    ("effective_io_concurrency", 200, "20.4.6: solid-state storage"),
    ("log_min_duration_statement", "100ms", "20.8.2: statements that a user notices"),
    ("log_statement", "mod", "20.8.3: who has changed what"),
    ("log_checkpoints", "on", "20.8.3"),
    ("log_connections", "on", "20.8.3: who came, from where"),
    ("log_disconnections", "on", "20.8.3: how long each stayed"),
    ("log_line_prefix", "%m [%p] %q%u@%d %a %h ", "20.8.3: time, process, user, database, application, client"),
)
PROFILES = {"small": SMALL}


def explain_profile(name):
    """Return ``[{name, value, formula, source}]`` of a profile; derived is none, and has no rows."""
    accepted = ("derived", *PROFILES)
    _one_of("profile", name, accepted)
    return [
        {"name": setting, "value": value, "formula": f"profile {name}", "source": source}
        for setting, value, source in PROFILES.get(name, ())
    ]


def explain(machine):
    """Return ``[{name, value, formula, source}]`` for a machine, in the order of the manual."""
    rows = [
        {"name": name, "value": value(machine), "formula": formula, "source": source}
        for name, formula, source, value in RULES
    ]
    return [row for row in rows if row["value"] is not None]


def derive(machine):
    """Return the settings for a machine, with PostgreSQL's own names and units."""
    return {row["name"]: row["value"] for row in explain(machine)}


def machine_from(facts, **wishes):
    """Return the machine that Ansible's facts, or a dict of this module's own words, describe.

    memory_mb and cores among the wishes win over the facts, which in a container are the whole machine's.
    """
    given = {name: value for name, value in wishes.items() if value is not None}
    memory_mb = given.pop("memory_mb", _first(facts, "memory_mb", "memtotal_mb", "ansible_memtotal_mb"))
    cores = given.pop("cores", _first(facts, "cores", "processor_vcpus", "ansible_processor_vcpus"))
    for name in ("storage", "workload", "max_connections", "version"):
        if name in facts:
            given.setdefault(name, facts[name])
    machine = Machine(
        memory_mb=_whole("memory_mb", memory_mb, MEMORY_MB_MINIMUM, "megabytes"),
        cores=_whole("cores", cores, 1, "cores"),
        storage=_one_of("storage", given.pop("storage", "ssd"), STORAGE),
        workload=_one_of("workload", given.pop("workload", "oltp"), WORKLOADS),
        max_connections=_whole("max_connections", given.pop("max_connections", 100), 1, "connections"),
        version=_whole("version", given.pop("version", 16), 16, "the major version"),
    )
    if given:
        raise DerivationError(
            f"unknown {', '.join(sorted(given))}; "
            "accepted: memory_mb, cores, storage, workload, max_connections, version"
        )
    return machine


def _first(facts, *names):
    return next((facts[name] for name in names if facts.get(name) is not None), None)


def _whole(name, value, minimum, unit):
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, bool) or number < minimum:
        raise DerivationError(
            f"{name} is {value!r}; accepted: a whole number of {unit} from {minimum} on (from the facts, or given)"
        )
    return number


def _one_of(name, value, accepted):
    if value not in accepted:
        raise DerivationError(f"{name} is {value!r}; accepted: {', '.join(accepted)}")
    return value
