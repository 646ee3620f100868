"""Where clients connect to and as whom: the connection service files that a deploy writes."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from pgops.errors import PgopsError


@dataclass(frozen=True)
class Service:
    """One file, read anew for each connection, so that a replaced login is taken up."""

    path: Path
    name: str

    def parameters(self) -> dict[str, str]:
        """What the file says now."""
        parser = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
        try:
            with self.path.open(encoding="utf-8") as file:
                parser.read_file(file)
            return dict(parser[self.name])
        except FileNotFoundError:
            raise PgopsError(
                f"there is no {self.path}: deploy the system first, or give a connection string with --dsn"
            ) from None
        except (configparser.Error, KeyError, UnicodeDecodeError) as error:
            raise PgopsError(
                f"{self.path} is no connection service file with a section [{self.name}]: {error}"
            ) from None

    def conninfo(self, **more: str) -> str:
        return make_conninfo(**(self.parameters() | more))


def of_inventory(inventory: Path, name: str) -> Service:
    """The file of a role's clients in the secrets of an environment."""
    return Service(inventory / ".secrets" / "services" / f"{name}.conf", name)
