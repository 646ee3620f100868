"""What answers from this machine: short questions to repositories and registries."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable

ANSWER_SECONDS = 5.0


def within(seconds: float, question: Callable[[], bool]) -> bool:
    """Answer to a question, False when there is none in time.

    Name resolution has no time-out of its own, so it is waited for from outside.
    """
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(question()), daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers and answers[0])


def apt_suite_answers(uri: str, suite: str) -> bool:
    """Whether an apt repository serves a suite's signed index (and not some network's login page)."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(f"{uri}/dists/{suite}/InRelease", timeout=ANSWER_SECONDS) as response:
                return response.read(64).startswith(b"-----BEGIN PGP SIGNED MESSAGE")
        except (OSError, ValueError):
            return False

    return within(2 * ANSWER_SECONDS, ask)


def registry_answers(url: str = "https://registry-1.docker.io/v2/") -> bool:
    """Whether the registry of container images answers; to one who has not logged in it says 401."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):
                return True
        except urllib.error.HTTPError as error:
            return error.code == 401
        except (OSError, ValueError):
            return False

    return within(2 * ANSWER_SECONDS, ask)
