"""Kernel settings and huge pages, on a tree of files as a kernel shows them."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.kernel import Kernel, KernelChange, KernelError

GIGABYTE_KB = 1024 * 1024


@pytest.fixture
def kernel(tmp_path):
    files = {
        "proc/meminfo": f"MemTotal:       {4 * GIGABYTE_KB} kB\nHugepagesize:       2048 kB\n",
        "proc/sys/vm/swappiness": "60\n",
        "proc/sys/vm/nr_hugepages": "0\n",
        "proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
        "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
        "etc/sysctl.d/99-others.conf": "vm.swappiness = 60\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Kernel(tmp_path)


def change(kernel, cluster="16/main", settings=None, pages=None, transparent=None):
    return KernelChange(kernel, cluster, settings or {}, pages, transparent)


def test_what_is_declared_is_written_and_set_once(kernel):
    first = change(
        kernel, settings={"vm.swappiness": 10, "net.ipv4.tcp_rmem": "4096 131072 6291456"}, transparent="madvise"
    )
    assert first.is_due
    assert kernel.value("vm.swappiness") == "60"  # looking changes nothing
    first.apply()
    assert kernel.value("vm.swappiness") == "10"
    assert "vm.swappiness = 10\n" in kernel.sysctl_file.read_text()
    assert "enabled - - - - madvise\n" in kernel.tmpfiles_file.read_text()
    kernel.transparent_file.write_text("always [madvise] never\n")  # as a kernel shows what was written
    assert not change(
        kernel, settings={"vm.swappiness": 10, "net.ipv4.tcp_rmem": "4096 131072 6291456"}, transparent="madvise"
    ).is_due


def test_a_running_value_that_differs_from_the_file_is_set_again(kernel):
    change(kernel, settings={"vm.swappiness": 10}).apply()
    kernel._path("vm.swappiness").write_text("30\n")
    again = change(kernel, settings={"vm.swappiness": 10})
    assert [entry["before_header"] for entry in again.diff()] == ["running kernel"]
    again.apply()
    assert kernel.value("vm.swappiness") == "10"


def test_huge_pages_are_the_sum_of_the_clusters_of_the_machine(kernel):
    change(kernel, "16/main", pages=300).apply()
    change(kernel, "16/second", pages=200).apply()
    assert kernel.value("vm.nr_hugepages") == "500"
    assert kernel.shares() == {"16/main": 300, "16/second": 200}
    assert not change(kernel, "16/main", pages=300).is_due
    assert not change(kernel, "16/main", pages=None).is_due  # nobody can say: the share stays
    change(kernel, "16/main", pages=0).apply()
    assert kernel.value("vm.nr_hugepages") == "200"
    change(kernel, "16/second", pages=0).apply()
    assert kernel.value("vm.nr_hugepages") == "0"
    assert not kernel.sysctl_file.exists()


def test_pages_that_others_have_reserved_are_left_alone_where_no_cluster_asks(kernel):
    kernel._path("vm.nr_hugepages").write_text("64\n")
    change(kernel, settings={"vm.swappiness": 10}, pages=0).apply()
    assert kernel.value("vm.nr_hugepages") == "64"


def test_pages_that_the_kernel_cannot_find_are_asked_for_once(kernel):
    change(kernel, pages=300).apply()
    kernel._path("vm.nr_hugepages").write_text("120\n")
    assert not change(kernel, pages=300).is_due


def test_more_huge_pages_than_the_machine_can_give_are_refused(kernel):
    change(kernel, "16/main", pages=1000).apply()
    with pytest.raises(
        KernelError, match="16/main and 16/second would have 4000 MB in huge pages, and the machine has 4096 MB"
    ):
        change(kernel, "16/second", pages=1000)
    assert kernel.shares() == {"16/main": 1000}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"vm.swapiness": 10}, "kernel setting vm.swapiness: this kernel has none"),
        ({"vm.nr_hugepages": 10}, "set postgresql_huge_pages instead"),
    ],
)
def test_wrong_names_are_refused_before_anything_is_set(kernel, settings, words):
    with pytest.raises(KernelError, match=words):
        change(kernel, settings={"vm.swappiness": 1, **settings})
    assert kernel.value("vm.swappiness") == "60"


def test_what_the_kernel_refuses_puts_back_what_was_set_before(kernel):
    due = change(kernel, settings={"net.ipv4.tcp_rmem": "1 2 3", "vm.swappiness": "10"})
    path = kernel._path("vm.swappiness")
    path.unlink()
    path.mkdir()  # cannot be written to, whoever writes
    with pytest.raises(KernelError, match="kernel setting vm.swappiness = 10: the kernel refuses it"):
        due.apply()
    assert kernel.value("net.ipv4.tcp_rmem") == "4096 131072 6291456"
    assert not kernel.sysctl_file.exists()


def test_a_null_takes_a_setting_out(kernel):
    change(kernel, settings={"vm.swappiness": 10}).apply()
    change(kernel, settings={"vm.swappiness": None}).apply()
    assert not kernel.sysctl_file.exists()
    assert kernel.value("vm.swappiness") == "10"  # until the machine starts again


def test_a_kernel_without_transparent_huge_pages_is_none_to_set(kernel):
    kernel.transparent_file.unlink()
    assert not change(kernel, transparent="never").is_due


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv", "run/systemd/container"])
def test_a_container_has_no_kernel_of_its_own(kernel, mark):
    assert kernel.obstacle() == ""
    path = kernel.root / mark
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert "it is a container" in kernel.obstacle()
