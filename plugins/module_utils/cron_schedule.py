# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What pg_cron takes as a schedule, told apart before the server sees it.

pg_cron is lenient where it should not be: it ignores what follows the fifth field and whatever clings to a number
("5;" counts as 5), and a range that runs backwards never fires. All of these are refused here.
"""

from __future__ import annotations

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# name, lowest, highest, names that stand for lowest and the numbers after it
FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of week", 0, 7, WEEKDAYS),
)
KEYWORDS = ("reboot", "restart", "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly")

ACCEPTED_INTERVAL = "1 to 59 seconds, written as '5 seconds'; for longer intervals use cron, for example '*/2 * * * *'"
ACCEPTED_CRON = (
    "five fields (minute, hour, day of month, month, day of week) of numbers, ranges, lists, steps and names, "
    "for example '10 3 * * *', '*/15 8-17 * * mon-fri', '0 0 $ * *' for a month's last day, "
    "or one of " + ", ".join(f"@{keyword}" for keyword in KEYWORDS)
)
INTERVAL_SINCE = (1, 5)
LAST_DAY_SINCE = (1, 6)

_INTERVAL = re.compile(r"([0-9]+)\s+seconds?", re.IGNORECASE)
_RANGE = re.compile(r"(?P<first>\*|[0-9A-Za-z]+)(?:-(?P<last>[0-9A-Za-z]+))?(?:/(?P<step>[0-9]+))?")


def normal_interval(text):
    """'5 seconds' in the form in which it is stored."""
    match = _INTERVAL.fullmatch(text.strip())
    if not match or not 1 <= int(match[1]) <= 59:
        raise ValueError(f"accepted: {ACCEPTED_INTERVAL}")
    return f"{int(match[1])} second{'' if int(match[1]) == 1 else 's'}"


def normal_cron(text):
    """A schedule in cron's form with single blanks between its fields."""
    text = " ".join(text.split())
    if text.startswith("@"):
        if text[1:] in KEYWORDS:
            return text
        raise ValueError(f"{text} is no keyword of pg_cron; accepted: {ACCEPTED_CRON}")
    fields = text.split(" ")
    if len(fields) != len(FIELDS):
        raise ValueError(f"{len(fields) if text else 0} fields instead of 5; accepted: {ACCEPTED_CRON}")
    for value, (name, low, high, names) in zip(fields, FIELDS, strict=True):
        if name == "day of month" and value == "$":
            continue
        for part in value.split(","):
            problem = _range_problem(part, low, high, names)
            if problem:
                raise ValueError(f"{name} {value!r}: {problem}; accepted: {ACCEPTED_CRON}")
    return text


def _range_problem(part, low, high, names):
    """Why an element of a field's list is wrong, None when it is right."""
    match = _RANGE.fullmatch(part)
    if not match or (match["first"] == "*" and match["last"]):
        return f"{part!r} is neither a number, a range, a name nor *"
    bounds = [_number(word, low, names) for word in (match["first"], match["last"]) if word and word != "*"]
    for word, number in zip((match["first"], match["last"]), bounds, strict=False):
        if number is None or not low <= number <= high:
            return f"{word} is not between {low} and {high}" + (f" nor one of {', '.join(names)}" if names else "")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        return f"the range {part} runs backwards, so pg_cron would never run it"
    step = match["step"]
    if step and len(bounds) == 1:
        return f"a step needs a range or * before it, as in */{step}"
    if step and not 1 <= int(step) <= high:
        return f"step {step} is not between 1 and {high}"
    return None


def _number(word, low, names):
    if word.isdigit():
        return int(word)
    return names.index(word.lower()) + low if word.lower() in names else None


def version_problem(schedule, version):
    """Why pg_cron of this version ('1.4') does not know a schedule that newer ones do, None when it does."""
    numbers = tuple(int(part) for part in re.findall(r"[0-9]+", version)[:2])
    if schedule.endswith(("second", "seconds")) and numbers < INTERVAL_SINCE:
        return f"intervals in seconds need pg_cron 1.5, this is {version}"
    if "$" in schedule and numbers < LAST_DAY_SINCE:
        return f"$ (last day of the month) needs pg_cron 1.6, this is {version}"
    return None
