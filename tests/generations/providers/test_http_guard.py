"""No address that a vendor gives leads inside: the forms, the names, the redirects, with a canary listening."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from generations.providers.base import ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.http.egress import ForbiddenAddress, Origin, Resolver, is_public
from tests.emulators.server import Reply, Server
from tests.generations.providers.contract import fetched
from tests.generations.providers.test_http import vendor_at

# Ways to write this machine, and addresses of inner networks. {port} is where the canary listens.
INSIDE = [
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://[fc00::1]:{port}/",
    "http://[ff02::1]:{port}/",
    "http://10.0.0.1:{port}/",
    "http://172.16.0.1:{port}/",
    "http://192.168.0.1:{port}/",
    "http://100.64.0.1:{port}/",
    "http://169.254.169.254:{port}/latest/meta-data/",
    "http://224.0.0.1:{port}/",
    "http://240.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://198.18.0.1:{port}/",
    "http://vendor.example@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@vendor.example/",
    "http://vendor.example:80#@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http:127.0.0.1:{port}",
    "http://",
    "",
    "http://127.0.0.1:{port}\t/",
    "http://127.0.0.1:99999/",
]


class Canary:
    """Listens on loopback and counts who connects."""

    def __init__(self) -> None:
        self.connections = 0
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self.sockets[0].getsockname()[1]
        if socket.has_ipv6:
            self.sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listener in self.sockets:
            threading.Thread(target=self._listen, args=[listener], daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def stop(self) -> None:
        for listener in self.sockets:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.stop()


def names(table: dict[str, list[str]]) -> Resolver:
    """A resolver that knows only these names; each look-up takes the next address when there are several."""
    return lambda host, port: [table[host].pop(0) if len(table[host]) > 1 else table[host][0]]


class TestGuard:
    @pytest.mark.parametrize("form", INSIDE)
    def test_no_form_of_an_inner_address_is_reached(self, canary: Canary, form: str) -> None:
        url = form.format(port=canary.port)
        for media in ((), self._declared(url)):
            vendor = vendor_at(media=media)
            with pytest.raises(ProviderError):
                fetched(vendor, url)
            vendor.close()
        assert canary.connections == 0

    def _declared(self, url: str) -> tuple[str, ...]:
        """Even a careless declaration must not open the way inside."""
        try:
            Origin.of(url)
        except ForbiddenAddress:
            return ()
        return (url,)

    def test_a_canary_is_heard_when_the_operator_chose_the_address(self, canary: Canary) -> None:
        """The control: the canary does count, and only the operator's own base URL may lead inside."""
        vendor = vendor_at(f"http://127.0.0.1:{canary.port}")
        with pytest.raises(ProviderUnavailable):
            fetched(vendor, f"http://127.0.0.1:{canary.port}/1.png")
        assert canary.connections == 1
        vendor.close()

    @pytest.mark.parametrize("inner", ["127.0.0.1", "::1", "169.254.169.254", "100.64.0.1", "10.0.0.1", "fe80::1%lo"])
    def test_a_name_that_leads_inside_is_not_followed(self, canary: Canary, inner: str) -> None:
        url = f"http://media.example:{canary.port}/1.png"
        vendor = vendor_at(media=(url,), resolver=names({"media.example": [inner]}))
        with pytest.raises(RequestRejected) as caught:
            fetched(vendor, url)
        assert caught.value.code == "forbidden_address"
        assert canary.connections == 0

    def test_one_inner_address_among_good_ones_is_enough_to_refuse(self, canary: Canary) -> None:
        url = f"http://media.example:{canary.port}/1.png"
        vendor = vendor_at(media=(url,), resolver=lambda host, port: ["93.184.216.34", "127.0.0.1"])
        with pytest.raises(RequestRejected):
            fetched(vendor, url)
        assert canary.connections == 0

    def test_a_name_that_changes_its_mind_gains_nothing(self, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
        """DNS rebinding: good when it is looked at, inside when it is connected to."""
        reached: list[tuple[str, int]] = []

        def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
            reached.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", connect)
        url = f"http://media.example:{canary.port}/1.png"
        vendor = vendor_at(media=(url,), resolver=names({"media.example": ["93.184.216.34", "127.0.0.1"]}))
        with pytest.raises(ProviderUnavailable):
            fetched(vendor, url)
        assert reached == [("93.184.216.34", canary.port)], "what was vetted is what is connected to"
        with pytest.raises(RequestRejected):
            fetched(vendor, url)
        assert len(reached) == 1

    @pytest.mark.parametrize(
        "form", ["http://127.0.0.1:{port}/", "http://[::1]:{port}/", "//127.0.0.1:{port}/", "file:///etc/passwd"]
    )
    def test_a_redirect_does_not_lead_inside(self, canary: Canary, form: str) -> None:
        target = form.format(port=canary.port)
        with Server(lambda request: Reply(302, headers={"location": target})) as server:
            vendor = vendor_at(server.origin)
            with pytest.raises(RequestRejected) as caught:
                fetched(vendor, f"{server.origin}/1.png")
            vendor.close()
        assert caught.value.code == "forbidden_address"
        assert canary.connections == 0

    @pytest.mark.parametrize(
        "url",
        [
            "https://fal.media.evil.example/1.png",
            "https://evilfal.media/1.png",
            "https://v3.fal.media:8443/1.png",
            "http://v3.fal.media/1.png",
            "https://v3.fal.media@evil.example/1.png",
            "https://vendor.example:22/1.png",
        ],
    )
    def test_only_declared_hosts_are_asked(self, url: str) -> None:
        vendor = vendor_at(media=("https://fal.media", "https://*.fal.media"))
        with pytest.raises(RequestRejected) as caught:
            fetched(vendor, url)
        assert caught.value.code == "forbidden_address"

    @pytest.mark.parametrize("name", ["fal.media", "v3.fal.media", "V3B.FAL.MEDIA", "a.b.fal.media"])
    def test_a_star_stands_for_every_name_below(self, name: str) -> None:
        declared = [Origin.of("https://fal.media"), Origin.of("https://*.fal.media")]
        assert any(origin.covers(Origin.of(f"https://{name}/1.png")) for origin in declared)

    @pytest.mark.parametrize("address", ["", "10", "media.example", "93.184.216.34/32"])
    def test_what_is_no_address_is_not_open(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
    def test_the_open_internet_is_open(self, address: str) -> None:
        assert is_public(address)
