"""A small DNS server on a loopback address: texts and addresses of names; it can be silent, refuse or be slow."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass
class DnsServer:
    """What it answers: texts and addresses by name, `aliases` between names, nothing at all while it is `silent`."""

    address: tuple[str, int]
    records: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    addresses: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    silent: bool = False
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    asked: list[str] = field(default_factory=list[str])

    @property
    def variable(self) -> str:
        """The resolver as the environment names it."""
        return ":".join(map(str, self.address))

    def answer(self, datagram: bytes) -> bytes | None:
        """Answer one question, or not at all."""
        question = dns.message.from_wire(datagram)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if self.silent:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        answer.set_rcode(self.rcode)
        if name in self.aliases:
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{self.aliases[name]}."))
            name = self.aliases[name]
        if name in self.addresses:
            kind = question.question[0].rdtype
            suitable = [one for one in self.addresses[name] if (":" in one) == (kind == dns.rdatatype.AAAA)]
            if suitable:
                answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", dns.rdatatype.to_text(kind), *suitable))
        elif name in self.records:
            texts = [text if text.startswith('"') else f'"{text}"' for text in self.records[name]]
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
        elif self.rcode == dns.rcode.NOERROR:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


@contextmanager
def running_dns_server() -> Generator[DnsServer]:
    """A server that answers until the end of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.1)
        server, over = DnsServer(listener.getsockname()), threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    datagram, whose = listener.recvfrom(4096)
                except TimeoutError:
                    continue
                answer = server.answer(datagram)
                if answer is not None:
                    listener.sendto(answer, whose)

        thread = threading.Thread(target=serve, name="dns")
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()
