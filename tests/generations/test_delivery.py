"""Pictures on their way from a vendor's address to the storage: through a file, never whole through memory."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import IO

import pytest

from accounts.models import User
from generations.types import Finished, Picture
from tests.emulators import faults
from tests.emulators.server import Reply, Server
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, png
from tests.generations.providers.test_http import Vendor, vendor_at
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db

LARGE = 20 * 1024 * 1024
PIECE = bytes(64 * 1024)


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def aside(
    storage_kind: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Where a picture is until it has been looked at: on the disk of the files, or among what is temporary."""
    folder = tmp_path_factory.mktemp("aside")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return tmp_path if storage_kind == "files" else folder


@dataclass
class Fetching(FakeProvider):
    """Answers at once with an address, where a real client fetches the picture; notes what is open meanwhile."""

    url: str = ""
    client: Vendor = field(default_factory=vendor_at)
    watched: Path = Path()
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.submits = [Finished([Picture(url=self.url)])]

    def fetch(self, url: str, into: IO[bytes]) -> None:
        self.open = opened(self.watched)
        self.client.fetch(url, into)


def opened(folder: Path) -> list[str]:
    """The files below a folder that this process has open, those without a name among them."""
    links = Path("/proc/self/fd")
    found = [str(link.readlink()) for link in links.iterdir() if link.is_symlink()]
    return [name for name in found if name.startswith(str(folder))]


class LargePicture(BaseHTTPRequestHandler):
    """A sound picture with twenty megabytes behind it, of which this server never has more than a piece."""

    def do_GET(self) -> None:
        small = png()
        self.send_response(200)
        self.send_header("Content-Length", str(len(small) + LARGE))
        self.end_headers()
        self.wfile.write(small)
        for _ in range(LARGE // len(PIECE)):
            self.wfile.write(PIECE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), LargePicture) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(60)


def test_a_large_picture_is_never_whole_in_memory(alice: User, origin: str, aside: Path) -> None:
    provider = Fetching(url=f"{origin}/1.png", client=vendor_at(origin), watched=aside)
    advance(make_generation(alice), provider)  # whatever is made once is there
    generation = make_generation(alice)
    tracemalloc.start()
    try:
        advance(generation, provider)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert generation.images.get().size > LARGE
    assert most < LARGE / 5
    provider.client.close()


FAILURES: dict[str, faults.Fault] = {
    "cut off": faults.cut(5000),
    "byte by byte": faults.dripping(0.05),
    "too large": faults.huge(announced=False),
    "announced as too large": faults.huge(),
    "no picture": lambda proceed: Reply(body=bytes(100)),
    "a page": faults.page(),
    "torn": faults.truncated(400),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_cannot_be_fetched_leaves_no_file_behind(alice: User, aside: Path, failure: str) -> None:
    sound = Reply(body=png(size=(640, 480)) + bytes(9000), headers={"content-type": "image/png"})
    with Server(lambda request: FAILURES[failure](lambda: sound)) as server:
        provider = Fetching(url=f"{server.origin}/1.png", client=vendor_at(server.origin), watched=aside)
        generation = advance(make_generation(alice), provider)
        provider.client.close()
    assert not generation.images.exists()
    assert len(provider.open) == 1, "there was a file to leave behind"
    assert opened(aside) == []
    assert list(aside.iterdir()) == []
