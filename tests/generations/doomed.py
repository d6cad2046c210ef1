"""A worker in a process of its own, with the product's settings, that ``kill -9`` strikes where it is told.

``python -m tests.generations.doomed GENERATION "after submit"``
"""

from __future__ import annotations

import os
import signal
import sys

import django

from tests.generations.dying import Death, mortal


class RealDeath(Death):
    """Takes the whole process with it."""

    def kill(self, name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main(pk: str, boundary: str) -> None:
    """Take steps until it is struck; to come back alive is a failure."""
    from django.db.models.functions import Now  # noqa: PLC0415

    from generations.models import Generation  # noqa: PLC0415
    from generations.providers import registry  # noqa: PLC0415
    from tests.generations.steps import take_steps  # noqa: PLC0415

    (name,) = registry.enabled() - {"sketch"}
    mortal(registry.provider(name), RealDeath(when=lambda passed: passed[-1] == boundary))
    for _ in range(3):
        Generation.objects.filter(pk=pk).update(next_step_at=Now())
        take_steps(Generation.objects.get(pk=pk).pk)


if __name__ == "__main__":
    django.setup()
    main(*sys.argv[1:])
