"""Run a module of the collection in this process against a real server, and take its JSON result."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from unittest import mock

import pytest
from ansible.module_utils import _internal
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args


class ModuleFailed(Exception):
    """The module ended with fail_json; `result` is what it returned."""

    def __init__(self, result: dict) -> None:
        super().__init__(result["msg"])
        self.result = result


class Modules:
    """The modules, connected to one database of one server."""

    def __init__(self, host: str, port: int, database: str, user: str = "postgres") -> None:
        self.connection = {"login_host": host, "login_port": port, "login_db": database, "login_user": user}

    def run(self, name: str, *, check: bool = False, **options) -> dict:
        """Call module `name`; options override the connection's."""
        module = importlib.import_module(f"ansible_collections.pgops.fleet.plugins.modules.{name}")
        arguments = {**self.connection, **options, "_ansible_check_mode": check, "_ansible_diff": True}
        output = io.StringIO()
        warnings._global_warnings.clear()  # they outlive a module within one process
        # Warnings belong to the result; where a test imported a filter, Ansible would take itself for a controller.
        on_host = mock.patch.object(_internal, "is_controller", False)
        with on_host, patch_module_args(arguments), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
            module.main()
        result = json.loads(output.getvalue())
        result["warnings"] = [warning["event"]["msg"] for warning in result.get("warnings", [])]
        if result.get("failed"):
            raise ModuleFailed(result)
        return result

    def fails(self, name: str, *, check: bool = False, **options) -> str:
        """Call a module that must fail; its message."""
        with pytest.raises(ModuleFailed) as failure:
            self.run(name, check=check, **options)
        return failure.value.result["msg"]


VOLATILE = ("invocation", "warnings")


def without(result: dict, keys: tuple[str, ...]) -> dict:
    return {key: value for key, value in result.items() if key not in keys}


def run_by_the_pattern(modules: Modules, name: str, state, *, same_queries: bool = True, **options) -> dict:
    """Check mode tells the truth and changes nothing; the run does it; a second run finds nothing to do.

    `state()` returns what the module is about, as the database has it. Returns the result of the run.
    same_queries=False is for modules that document that check mode cannot know every statement.
    """
    before = state()
    promised = modules.run(name, check=True, **options)
    assert promised["changed"], promised
    assert state() == before, "check mode changed the database"
    done = modules.run(name, **options)
    ignored = VOLATILE if same_queries else (*VOLATILE, "queries")
    assert without(done, ignored) == without(promised, ignored), "check mode said something else than the run did"
    after = state()
    assert after != before
    for check in (True, False):
        again = modules.run(name, check=check, **options)
        assert not again["changed"], again
        assert again["diff"] == []
        assert again["queries"] == []
    assert state() == after
    return done
