"""Requests to addresses that users give: they reach the public, and nothing of our own."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters import egress
from chalicelib.adapters.dns import AddressRecords
from chalicelib.adapters.egress import Egress, EgressError, EgressFailure, Reach, is_public, parse_url
from chalicelib.core.errors import UnavailableError
from tests.certificates import DAY, NOW, Authority
from tests.dns_server import running_dns_server
from tests.receiver import Received, Receiver, Reply, running_receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.adapters.egress import Address, Answer

HOST = "hooks.example.com"
LOOPBACK = ip_network("127.0.0.0/8")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def receiver(authority: Authority) -> Generator[Receiver]:
    with running_receiver(authority.server(HOST)) as receiver:
        yield receiver


def leads_to(*addresses: str) -> Callable[[str, float], tuple[Address, ...]]:
    return lambda _name, _seconds: tuple(map(ip_address, addresses))


HERE = leads_to("127.0.0.1")


def guard(receiver: Receiver, authority: Authority, resolve: egress.Resolve = HERE) -> Egress:
    """It may reach loopback addresses, and takes the receiver's port for 443."""
    return Egress(resolve, Reach(receiver.port, (LOOPBACK,)), authority.trust)


def ask(asking: Egress, url: str = f"https://{HOST}/hook", seconds: float = 20, most_bytes: int = 0) -> Answer:
    until = time.monotonic() + seconds
    return asking.request("POST", url, headers={"X-One": "1"}, body=b"{}", until=until, most_bytes=most_bytes)


def failure_of(asking: Egress, url: str = f"https://{HOST}/hook", seconds: float = 20, most_bytes: int = 0) -> str:
    with pytest.raises(EgressError) as caught:
        ask(asking, url, seconds, most_bytes)
    return caught.value.failure


def test_a_request_arrives_as_it_was_made(receiver: Receiver, authority: Authority) -> None:
    answer = ask(guard(receiver, authority), f"https://{HOST}/hook/ä?x=a b".replace(" ", "%20"))
    assert (answer.status, answer.body) == (204, b"")
    (request,) = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/hook/%C3%A4?x=a%20b", b"{}")
    assert request.headers["host"] == f"{HOST}:{receiver.port}"
    assert request.headers["x-one"] == "1"


INTERNAL = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - it is refused
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INTERNAL)
def test_no_address_of_anybody_s_own_network_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_addresses_of_the_public_are(address: str) -> None:
    assert is_public(ip_address(address))


NO_URLS = [
    "",
    "hooks.example.com",
    "http://hooks.example.com/",
    "HTTP://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "//hooks.example.com/",
    "https:hooks.example.com",
    "https:///hook",
    "https://",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://127.0.0.1./",
    "https://127.0.0.1.:443/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[::1/",
    "https://8.8.8.8/",
    "https://localhost/",
    "https://localhost./",
    "https://ⓛocalhost/",
    "https://app.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://hooks/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:8443/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:/",
    "https://hooks.example.com:99999/",
    "https://user@hooks.example.com/",
    "https://user:password@hooks.example.com/",
    "https://@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com\\.internal/",
    "https://hooks.example.com/#here",
    "https://hooks.example.com#@127.0.0.1/",
    " https://hooks.example.com/",
    "https://hooks.example.com/ a",
    "https://hooks.example.com/\r\nX-Two: 2",
    "https://hooks.exam\tple.com/",
    "https://hooks.example.com/\x00",
    "https://hooks..example.com/",
    "https://-hooks.example.com/",
    "https://hooks_1.example.com/",
    "https://xn--a.example.com/",
    "https://hooks.example.com/" + "a" * 2000,
]


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_of_a_public_host_reaches_nobody(url: str, receiver: Receiver, authority: Authority) -> None:
    with pytest.raises(ValueError, match=r"must"):
        parse_url(url)
    assert failure_of(guard(receiver, authority), url) == EgressFailure.INVALID_URL
    assert receiver.connections == 0


def test_a_url_is_kept_in_one_form() -> None:
    assert parse_url("HTTPS://Hooks.Example.COM:443").url == "https://hooks.example.com/"
    assert parse_url("https://bücher.example.com/ä?ö=%41").url == "https://xn--bcher-kva.example.com/%C3%A4?%C3%B6=%41"


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::1"])  # noqa: S104 - the same
def test_a_name_that_leads_to_our_own_network_reaches_nobody(
    address: str, receiver: Receiver, authority: Authority
) -> None:
    only_public = Egress(leads_to(address), Reach(receiver.port), authority.trust)
    assert failure_of(only_public) == EgressFailure.NO_PUBLIC_ADDRESS
    assert receiver.connections == 0
    # The same request arrives where that address may be reached: what kept it away is the look at the address.
    allowed = Egress(
        leads_to(address), Reach(receiver.port, (ip_network("0.0.0.0/0"), ip_network("::/0"))), authority.trust
    )
    if address != "::1":  # where the receiver does not listen
        assert ask(allowed).status == 204
        assert receiver.connections == 1


def test_one_address_that_is_not_public_is_enough(receiver: Receiver, authority: Authority) -> None:
    for addresses in (("8.8.8.8", "10.0.0.1"), ("127.0.0.1", "10.0.0.1"), ("127.0.0.1", "fd00:ec2::254")):
        assert failure_of(guard(receiver, authority, leads_to(*addresses))) == EgressFailure.NO_PUBLIC_ADDRESS
    assert receiver.connections == 0


def test_a_name_that_is_answered_differently_the_next_time_leads_nowhere_else(
    receiver: Receiver, authority: Authority
) -> None:
    asked: list[str] = []

    def rebinding(name: str, _: float) -> tuple[Address, ...]:
        asked.append(name)
        return (ip_address("127.0.0.2" if len(asked) == 1 else "127.0.0.1"),)

    with running_receiver(authority.server(HOST), "127.0.0.2", receiver.port) as checked:
        only_one = Egress(rebinding, Reach(receiver.port, (ip_network("127.0.0.2"),)), authority.trust)
        assert ask(only_one).status == 204
        assert (checked.connections, receiver.connections, asked) == (1, 0, [HOST])
        assert failure_of(only_one) == EgressFailure.NO_PUBLIC_ADDRESS
        assert (checked.connections, receiver.connections) == (1, 0)


def test_names_are_looked_up_in_the_dns_and_in_nothing_else(receiver: Receiver, authority: Authority) -> None:
    with running_dns_server() as server:
        server.addresses = {HOST: ["127.0.0.1"], "both.example.com": ["::1", "8.8.8.8"]}
        records = AddressRecords(server.address)
        assert records.read("both.example.com", 4) == (ip_address("8.8.8.8"), ip_address("::1"))
        assert records.read("localhost", 4) == ()  # as /etc/hosts has it
        assert ask(guard(receiver, authority, records.read)).status == 204
        assert failure_of(guard(receiver, authority, records.read), "https://no.example.com/") == (
            EgressFailure.NO_PUBLIC_ADDRESS
        )
        server.silent = True
        with pytest.raises(UnavailableError):
            records.read(HOST, 0.2)
        assert failure_of(guard(receiver, authority, records.read), seconds=0.5) == EgressFailure.NO_PUBLIC_ADDRESS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, receiver: Receiver, authority: Authority) -> None:
    receiver.answer = lambda _: Reply(status, {"Location": f"https://{HOST}/elsewhere"})
    assert ask(guard(receiver, authority)).status == status
    assert [request.path for request in receiver.received] == ["/hook"]


def test_the_certificate_is_for_the_name_and_from_somebody_who_is_trusted(
    receiver: Receiver, authority: Authority, tmp_path: Path
) -> None:
    assert failure_of(guard(receiver, authority), "https://other.example.com/") == EgressFailure.TLS_FAILED
    assert failure_of(guard(receiver, Authority(tmp_path))) == EgressFailure.TLS_FAILED
    with running_receiver(authority.server(HOST, valid_until=NOW - DAY)) as expired:
        assert failure_of(guard(expired, authority)) == EgressFailure.TLS_FAILED
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(guard(receiver, authority)).status == 204


def test_answers_are_read_as_far_as_they_are_wanted(receiver: Receiver, authority: Authority) -> None:
    receiver.answer = lambda _: Reply(200, {"ETag": '"1"', "Set-Cookie": "a=b"}, (b"1234", b"5678"))
    asking = guard(receiver, authority)
    answer = ask(asking, most_bytes=8)
    assert (answer.body, answer.headers) == (b"12345678", {"etag": '"1"'})
    assert failure_of(asking, most_bytes=7) == EgressFailure.TOO_LARGE
    assert ask(asking).body == b""
    receiver.answer = lambda _: Reply(200, {"Content-Encoding": "gzip"}, (b"\x1f\x8b" + b"0" * 6,))
    assert ask(asking, most_bytes=8).body == b"\x1f\x8b000000"  # nothing is unpacked
    assert receiver.received[-1].headers["accept-encoding"] == "identity"


def test_an_answer_that_comes_byte_by_byte_ends_in_time(
    receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "REQUEST_SECONDS", 0.6)
    receiver.answer = lambda _: Reply(200, {}, (b"1",) * 10_000, pause=0.05)
    begun = time.monotonic()
    assert failure_of(guard(receiver, authority), most_bytes=20_000) == EgressFailure.TIMED_OUT
    assert time.monotonic() - begun < 20  # with a timeout between two bytes alone it would take 500 seconds


def test_it_ends_before_the_instant_that_it_is_given(receiver: Receiver, authority: Authority) -> None:
    def never(_: Received) -> Reply:
        receiver.over.wait()
        return Reply()

    receiver.answer = never
    assert failure_of(guard(receiver, authority), seconds=0.3) == EgressFailure.TIMED_OUT
    assert failure_of(guard(receiver, authority), seconds=-1) == EgressFailure.TIMED_OUT
    assert len(receiver.received) == 1


def test_who_takes_a_connection_and_says_nothing_is_left_in_time(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asking = Egress(leads_to("127.0.0.1"), Reach(silent.getsockname()[1], (LOOPBACK,)), authority.trust)
        assert failure_of(asking, seconds=0.3) == EgressFailure.TIMED_OUT


def test_a_connection_that_takes_all_of_the_time_is_closed(
    receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []

    def connect_late(address: tuple[str, int], seconds: float) -> socket.socket:
        made.append(socket.create_connection(address, 20))
        time.sleep(seconds)
        return made[-1]

    monkeypatch.setattr(egress, "create_connection", connect_late)
    assert failure_of(guard(receiver, authority), seconds=0.3) == EgressFailure.TIMED_OUT
    assert [one.fileno() for one in made] == [-1]


def test_another_address_is_tried_where_nobody_takes_the_connection(receiver: Receiver, authority: Authority) -> None:
    asking = guard(receiver, authority, leads_to("127.0.0.3", "127.0.0.1"))
    assert ask(asking).status == 204
    nobody = guard(receiver, authority, leads_to("127.0.0.3", "127.0.0.4", "127.0.0.1"))
    assert failure_of(nobody) == EgressFailure.NOT_CONNECTED


def test_an_answer_that_is_no_http_is_one_failure_like_others(authority: Authority) -> None:
    context = authority.server(HOST)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            accepted, _ = listening.accept()
            with context.wrap_socket(accepted, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"SSH-2.0-OpenSSH_9.6\r\nsecret\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        asking = Egress(leads_to("127.0.0.1"), Reach(listening.getsockname()[1], (LOOPBACK,)), authority.trust)
        with pytest.raises(EgressError) as caught:
            ask(asking, most_bytes=100)
        thread.join()
    assert str(caught.value) == EgressFailure.BROKEN_ANSWER


def test_nothing_that_was_answered_or_sent_is_logged(
    receiver: Receiver, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer = lambda _: Reply(500, {}, (b"a secret of theirs",))
    with caplog.at_level(logging.DEBUG):
        assert ask(guard(receiver, authority), most_bytes=100).status == 500
        assert failure_of(guard(receiver, authority), "https://other.example.com/") == EgressFailure.TLS_FAILED
    assert caplog.text == ""


def test_no_other_module_speaks_http_by_itself() -> None:
    house = Path(egress.__file__).parents[1]
    speaks = re.compile(r"^\s*(?:from|import) (?:http\.client|urllib\.request|urllib3|requests|httpx|aiohttp)\b", re.M)
    speaking = [str(path.relative_to(house)) for path in house.rglob("*.py") if speaks.search(path.read_text("utf-8"))]
    to_aws = "adapters/stack_answers.py"  # CloudFormation says where it is told how a stack went
    assert sorted(speaking) == ["adapters/egress.py", to_aws]
