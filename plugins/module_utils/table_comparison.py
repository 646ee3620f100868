# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two servers that are asked the same question at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.table_checksums import (
    checksums,
    column_differences,
    cut_of,
    differing_buckets,
    natural_key,
    pin_settings,
    read_columns,
)


class Comparison:
    """Sessions on two servers with everything pinned that a row's text depends on."""

    def __init__(self, here, there):
        self.here = here
        self.there = there
        for session in (here, there):
            pin_settings(session)

    def both(self, question, name, other_name):
        """The answers of question(session, table) on both servers, asked in parallel to see nearly the same moment."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            answers = [pool.submit(question, self.here, name), pool.submit(question, self.there, other_name)]
            return [answer.result() for answer in answers]

    def compare(self, declared, retries, wait_seconds):
        """The result for one declared table, as the module returns it."""
        name, other_name = declared["name"], declared["other_name"] or declared["name"]
        columns_here, columns_there = self.both(read_columns, name, other_name)
        for side, table, columns in (("first", name, columns_here), ("other", other_name, columns_there)):
            if columns is None:
                if self.here.check_mode:
                    return {"name": name, "equal": None}
                raise Refused(f"table {table} does not exist on the {side} server. Accepted: a name with its schema.")
        cut = cut_of(declared, columns_here, natural_key(self.here, name))
        common = [column for column in columns_here if column in columns_there]
        if cut.key not in common:
            raise Refused(f"table {other_name} has no column {cut.key} on the other server. Set key to a common one.")

        def question(session, table, buckets=None):
            return checksums(session, table, common, cut, declared["where"], buckets)

        here, there = self.both(question, name, other_name)
        comparisons = 1
        while (differing := differing_buckets(here, there)) and comparisons <= retries:
            time.sleep(wait_seconds)
            self.look_again(question, (name, here), (other_name, there), [item["bucket"] for item in differing])
            comparisons += 1
        differences = column_differences(columns_here, columns_there)
        return {
            "name": name,
            "equal": not differing and (declared["columns"] == "common" or not any(differences.values())),
            "rows_here": sum(bucket["rows"] for bucket in here.values()),
            "rows_there": sum(bucket["rows"] for bucket in there.values()),
            "key": cut.key,
            "by": cut.by,
            "buckets": len(set(here) | set(there)),
            "differing": differing,
            **differences,
            "comparisons": comparisons,
        }

    def look_again(self, question, here, there, buckets):
        """Replace the answers for some buckets of (table, answers) on both servers."""
        (name, answers_here), (other_name, answers_there) = here, there
        fresh = self.both(lambda session, table: question(session, table, buckets), name, other_name)
        for answers, again in zip((answers_here, answers_there), fresh, strict=True):
            for bucket in buckets:
                answers.pop(bucket, None)
            answers.update(again)
