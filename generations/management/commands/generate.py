"""``manage.py generate EMAIL "prompt" [--model M --count N --aspect-ratio R --seed S --out DIR]``."""

from __future__ import annotations

import datetime as dt
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import enrolment
from accounts.ledger import NotEnoughCredits
from generations import storage, submission
from generations.models import Generation
from generations.submission import InvalidOrder, Order

SECONDS_BETWEEN_LOOKS = 0.2
GRACE = dt.timedelta(minutes=2)  # a deadline is seen to by a worker, or by the sweeper a little later


class Command(BaseCommand):
    """Submits, waits for the worker, saves the files and prints their names."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("prompt")
        parser.add_argument("--model", default="sketch")
        parser.add_argument("--count", type=int, default=1)
        parser.add_argument("--aspect-ratio", default="1:1")
        parser.add_argument("--resolution", default="1K")
        parser.add_argument("--negative-prompt", default="")
        parser.add_argument("--output-format", default="png")
        parser.add_argument("--seed", type=int)
        parser.add_argument("--out", type=Path, default=Path())

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(
            model=options["model"],
            prompt=options["prompt"],
            negative_prompt=options["negative_prompt"],
            aspect_ratio=options["aspect_ratio"],
            resolution=options["resolution"],
            count=options["count"],
            seed=options["seed"],
            output_format=options["output_format"],
        )
        try:
            user = enrolment.person(options["email"])
            submitted = submission.submit(user, order, submission.Entrance(Generation.Source.COMMAND))
        except (enrolment.NotPossible, InvalidOrder, NotEnoughCredits) as error:
            raise CommandError(str(error)) from error
        self._save(_wait(submitted.generation), options["out"])

    def _save(self, generation: Generation, folder: Path) -> None:
        if generation.status != Generation.Status.COMPLETED:
            raise CommandError(f"{generation.status}: {generation.error_detail or generation.error_code}")
        folder.mkdir(parents=True, exist_ok=True)
        for image in generation.images.order_by("position"):
            name = f"{generation.pk}-{image.number}.{storage.EXTENSIONS[image.media_type]}"
            (folder / name).write_bytes(storage.read(storage.original_key(image.sha256, image.media_type)))
            self.stdout.write(str(folder / name))
        if generation.error_detail:
            self.stderr.write(generation.error_detail)


def _wait(generation: Generation) -> Generation:
    """Until it has ended, by its deadline or before."""
    while not generation.is_finished:
        if timezone.now() > generation.deadline + GRACE:
            raise CommandError(f"Generation {generation.pk} is past its deadline and nobody ends it: no worker runs")
        time.sleep(SECONDS_BETWEEN_LOOKS)
        generation.refresh_from_db()
    return generation
