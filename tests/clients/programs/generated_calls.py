"""Once round with the generated Python client: quote, submit, wait, download, list. Prints what came of it."""

from __future__ import annotations

import hashlib
import json
import sys
import time

import httpx
from atelier_client import AuthenticatedClient
from atelier_client.api.generations import create_generation, get_generation
from atelier_client.api.images import list_images
from atelier_client.api.quotes import create_quote
from atelier_client.models import Generation, GenerationStatus, ListedImagePage, Order, Problem, Quote, Submission

UNFINISHED = {GenerationStatus.QUEUED, GenerationStatus.RUNNING}

base_url, key = sys.argv[1:]
client = AuthenticatedClient(base_url=base_url, token=key, raise_on_unexpected_status=True)

refused = create_quote.sync(client=client, body=Order(model="nothing", prompt="a lighthouse at dusk"))
assert isinstance(refused, Problem)

quote = create_quote.sync(client=client, body=Order(model="sketch", prompt="a lighthouse at dusk", count=2, seed=7))
assert isinstance(quote, Quote)

order = Submission(model="sketch", prompt="a lighthouse at dusk", count=2, seed=7, quote=quote.id)
generation = create_generation.sync(client=client, body=order, idempotency_key="from-python", prefer="wait=60")
assert isinstance(generation, Generation)
while generation.status in UNFINISHED:
    time.sleep(1)
    looked = get_generation.sync(generation.id, client=client)
    assert isinstance(looked, Generation)
    generation = looked

whole = [hashlib.sha256(httpx.get(image.url).content).hexdigest() == image.sha256 for image in generation.images]
page = list_images.sync(client=client, limit=1)
assert isinstance(page, ListedImagePage)
came_of_it = {
    "refused": [refused.code, refused.errors[0].pointer if refused.errors else None],
    "status": generation.status.value,
    "paid": [quote.price.total, generation.price.captured],
    "whole": whole,
    "newest": str(page.results[0].generation) == str(generation.id),
    "more": page.next_ is not None,
}
json.dump(came_of_it, sys.stdout)
