"""The whole way from signing up to a picture on the screen, and what a program does afterwards.

    python whole_way.py https://studio.example you@example.com

A person signs up, the app makes a key for the server, and from there on everything is the server's.
"""

from __future__ import annotations

import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
from atelier import Problem, Studio, verified

ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk", "count": 2, "seed": 7}


def sign_up(address: str, email: str) -> str:
    """A new account, by the flow of a native app; answers the token of its session."""
    auth = httpx.Client(base_url=f"{address}/api/auth/app/v1/auth", timeout=90)
    pending = auth.post("/signup", json={"email": email, "password": secrets.token_urlsafe(16)}).json()
    auth.headers["X-Session-Token"] = pending["meta"]["session_token"]
    key = input("The address in the mail: ").rstrip("/").rpartition("/")[2]
    proven = auth.post("/email/verify", json={"key": key}).raise_for_status().json()
    token: str = proven["meta"]["session_token"]
    return token


def make_key(address: str, session: str) -> str:
    """A key for the server, which may do no more than it has to."""
    scopes = [f"{kind}:{act}" for kind in ("generations", "images", "webhooks") for act in ("read", "write")]
    made = Studio(address, session=session).post("/keys", {"name": "the server", "scopes": scopes})
    key: str = made["key"]
    return key


def order(studio: Studio) -> Any:
    """Ask what it costs, order it at that price, and wait."""
    try:
        studio.submit(**ORDER, sed=7)
    except Problem as problem:
        print(f"refused: {problem.errors[0]['pointer']} {problem.errors[0]['detail']}")
    quote = studio.post("/quotes", ORDER)
    print(f"costs {quote['price']['total']} of {quote['balance']} credits")
    return studio.finished(studio.submit(**ORDER, quote=quote["id"]))


def look_around(studio: Studio) -> None:
    """Page through what there is, star the newest, and read it again without having it sent again."""
    images = list(studio.pages("/images?limit=1"))
    print(f"{len(images)} pictures in the gallery")
    newest = f"/images/{images[0]['id']}"
    starred = studio.change(newest, starred=True)
    print(f"starred: {starred['starred']}")
    print(f"the same again: {studio.get(newest) is studio.get(newest)}")


def listen(studio: Studio) -> None:
    """Be told by webhook: have a test message sent, and believe it only if its signature is right."""
    messages: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                messages.append(verified(endpoint["secret"], headers, body))
                self.send_response(204)
            except (ValueError, KeyError):
                self.send_response(400)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        endpoint = studio.post("/webhooks", {"url": f"http://127.0.0.1:{server.server_port}/atelier"})
        receiving = threading.Thread(target=server.handle_request)
        receiving.start()
        studio.post(f"/webhooks/{endpoint['id']}/test")
        receiving.join()
    print(f"told of {messages[0]['type']}")


def main(address: str, email: str) -> None:
    """All of it."""
    studio = Studio(address, make_key(address, sign_up(address, email)))
    generation = order(studio)
    print(f"{generation['status']}, paid {generation['price']['captured']}")
    for image in generation["images"]:
        path = Path(f"lighthouse-{image['position']}.png")
        path.write_bytes(studio.picture(image))
        print(f"saved {path}, {image['width']} × {image['height']}")
    look_around(studio)
    listen(studio)


if __name__ == "__main__":
    main(*sys.argv[1:])
