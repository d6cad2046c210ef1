"""Between a client and the studio: everything passes, but the first answers are lost on the way."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

PIECE = 65_536


class Lossy:
    """A proxy that closes the client's connection where the answer to a ``POST`` begins, so many times."""

    def __init__(self, port: int, losses: int = 1) -> None:
        self._upstream = port
        self._left = losses
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.posts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        upstream = socket.create_connection(("127.0.0.1", self._upstream))
        threading.Thread(target=self._send, args=(client, upstream), daemon=True).start()
        with client, upstream, suppress(OSError):
            while (piece := upstream.recv(PIECE)) and not self._lost():
                client.sendall(piece)
            for end in (client, upstream):  # which closing alone does not tell the thread that reads from it
                end.shutdown(socket.SHUT_RDWR)

    def _send(self, client: socket.socket, upstream: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(PIECE):
                self.posts += piece.count(b"POST /")
                upstream.sendall(piece)
            upstream.shutdown(socket.SHUT_WR)

    def _lost(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0
