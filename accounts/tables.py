"""Tables as CSV, a line at a time: those of years are never whole in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone

BATCH = 1000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What the writer writes to: it answers what it was given."""

    def write(self, text: str) -> str:
        return text


def lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The head, then the rows, of which no text is taken for a formula."""
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])


def answer(name: str, text: Iterable[str]) -> StreamingHttpResponse:
    """A file to download, named for the day."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'}
    return StreamingHttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def harmless(text: str) -> str:
    """Text that a spreadsheet takes for text, whoever wrote it."""
    return f"'{text}" if text.startswith(FORMULA) else text
