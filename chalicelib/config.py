"""The only reader of the environment. Embedded, LocalStack and AWS differ in these variables alone."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from chalicelib.access.model.limits import Limits
from chalicelib.telemetry.logs import LogFormat

if TYPE_CHECKING:
    from collections.abc import Mapping


class ConfigurationError(Exception):
    """The environment lacks something or holds nonsense; says which variable and what is expected."""

    for_the_log = True


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that deployments may differ in (the table in docs/OPERATIONS.md explains each variable)."""

    database_url: str
    replica_url: str
    """Empty: the primary answers everything."""
    signing_keys: tuple[tuple[str, str], ...]
    pool_size: int
    public_url: str
    manage_url: str
    """Where a guest's link leads, with `{token}` and perhaps `{tenant}` and `{id}` in it; empty: emails have none."""
    manage_days: int
    """For how long after its end what a guest's link leads to can be seen by it."""
    request_seconds: float
    prepare_after: int | None
    mail_from: str
    images_bucket: str
    queue_url: str
    notify_in_background: bool
    websocket_url: str
    """Where clients connect; empty where there is no WebSocket API."""
    connections_key: tuple[str, str] | None
    """Access key and secret for `@connections` alone; None: the ones that the function has for all of AWS."""
    edge_key: str
    """The secret with which CloudFront may state the caller's address; empty: no request may."""
    origins: tuple[str, ...]
    """Whose pages may open connections."""
    jobs_database_url: str
    """Empty where no scheduled function runs."""
    job_seconds: float
    keep_months: int | None
    """Of events, beside the present one; None: all."""
    oidc: tuple[str, str, str] | None
    """Issuer, client id, and where the issuer's keys are."""
    limits: Limits
    page: str
    """The file of the built page of the public sites; empty: the one beside the functions."""
    map_tiles: tuple[str, str] | None
    """Where tiles of maps are, with `{z}`, `{x}` and `{y}` in it, and whom their makers want named; None: no tiles."""
    dns_resolver: tuple[str, int] | None
    """Address and port of the resolver that is asked for the records of domains; None: the machine's own."""
    vapid: tuple[str, str] | None
    """The key that says to push services who sends, and where its owner can be reached; None: nothing is pushed."""
    push_hosts: tuple[str, ...]
    """Of push services: names, or `*.` and what the name ends with."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read and check the variables. Raises `ConfigurationError`."""
        values = os.environ if environment is None else environment
        return cls(
            database_url=_required(values, "DATABASE_URL", "a postgresql:// address of the role berth_app"),
            replica_url=values.get("DATABASE_REPLICA_URL", ""),
            signing_keys=_signing_keys(values),
            pool_size=int(_number(values, "BERTH_POOL_SIZE", default=1, minimum=1)),
            public_url=values.get("BERTH_PUBLIC_URL", "").rstrip("/"),
            manage_url=_manage_url(values),
            manage_days=int(_number(values, "BERTH_MANAGE_DAYS", default=30, minimum=0)),
            request_seconds=_number(values, "BERTH_REQUEST_SECONDS", default=10, minimum=0.1),
            prepare_after=int(_number(values, "BERTH_PREPARE_AFTER", default=0, minimum=0)) or None,
            mail_from=values.get("BERTH_MAIL_FROM", "") or "Berth <berth@localhost>",
            images_bucket=values.get("BERTH_IMAGES_BUCKET", ""),
            queue_url=values.get("BERTH_QUEUE_URL", ""),
            notify_in_background=values.get("BERTH_NOTIFY_IN_BACKGROUND", "") == "1",
            websocket_url=values.get("BERTH_WEBSOCKET_URL", ""),
            connections_key=_connections_key(values),
            edge_key=values.get("BERTH_EDGE_KEY", ""),
            origins=_origins(values),
            jobs_database_url=values.get("BERTH_JOBS_DATABASE_URL", ""),
            job_seconds=_number(values, "BERTH_JOB_SECONDS", default=20, minimum=1),
            keep_months=int(_number(values, "BERTH_KEEP_MONTHS", default=0, minimum=0)) or None,
            oidc=_oidc(values),
            limits=_limits(values),
            page=values.get("BERTH_PAGE", ""),
            map_tiles=_map_tiles(values),
            dns_resolver=_dns_resolver(values),
            vapid=_vapid(values),
            push_hosts=_push_hosts(values),
        )


@dataclass(frozen=True, slots=True)
class ReleaseConfig:
    """What functions of releases need, which migrate and rotate secrets (the same table explains it)."""

    database_address: str
    owner_secret: str
    role_secrets: tuple[str, ...]
    functions: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ReleaseConfig:
        """Read the variables. Raises `ConfigurationError`."""
        values = os.environ if environment is None else environment
        return cls(
            database_address=_required(
                values, "BERTH_DATABASE_ADDRESS", "a postgresql:// address without user and password"
            ),
            owner_secret=_required(values, "BERTH_OWNER_SECRET", "the id of the secret of the database's owner"),
            role_secrets=_names(values, "BERTH_ROLE_SECRETS"),
            functions=_names(values, "BERTH_FUNCTIONS"),
        )

    def dsn(self, secret: Mapping[str, str]) -> str:
        """Return the address for the user and password of a secret."""
        scheme, rest = self.database_address.split("://", 1)
        return f"{scheme}://{quote(secret['username'], safe='')}:{quote(secret['password'], safe='')}@{rest}"


def _names(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(one for one in values.get(name, "").split(",") if one)


@dataclass(frozen=True, slots=True)
class TelemetryConfig:
    """What is reported, and how: read when the functions are loaded, so that a failure of that is logged, too."""

    log_format: LogFormat
    log_level: str
    metrics_service: str
    """Under which name CloudWatch gets metrics; empty: it gets none."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TelemetryConfig:
        """Read and check the variables. Raises `ConfigurationError`."""
        values = os.environ if environment is None else environment
        log_format = values.get("BERTH_LOG_FORMAT", "") or "json"
        if log_format not in ("json", "text"):
            message = f"BERTH_LOG_FORMAT is {log_format!r}; it must be json or text."
            raise ConfigurationError(message)
        level = values.get("BERTH_LOG_LEVEL", "") or "INFO"
        if level not in LOG_LEVELS:
            message = f"BERTH_LOG_LEVEL is {level!r}; it must be one of {', '.join(LOG_LEVELS)}."
            raise ConfigurationError(message)
        return cls(log_format, level, values.get("BERTH_METRICS_SERVICE", ""))


def trace_id() -> str:
    """The id under which AWS X-Ray knows the present call; Lambda sets it for each. Empty elsewhere."""
    return os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root=")


def _required(values: Mapping[str, str], name: str, meaning: str) -> str:
    value = values.get(name, "")
    if not value:
        message = f"{name} is not set; it must be {meaning}."
        raise ConfigurationError(message)
    return value


def _number(values: Mapping[str, str], name: str, *, default: float, minimum: float) -> float:
    text = values.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = minimum - 1
    if not number >= minimum:
        message = f"{name} is {text!r}; it must be a number of at least {minimum:g}."
        raise ConfigurationError(message)
    return number


def _origins(values: Mapping[str, str]) -> tuple[str, ...]:
    given = values.get("BERTH_ORIGINS", "")
    if not given:
        public = urlsplit(values.get("BERTH_PUBLIC_URL", ""))
        return (f"{public.scheme}://{public.netloc}",) if public.netloc else ()
    origins = tuple(one.strip().rstrip("/") for one in given.split(",") if one.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            message = f"BERTH_ORIGINS holds {origin!r}; an origin is like https://book.example.com, without a path."
            raise ConfigurationError(message)
    return origins


def _dns_resolver(values: Mapping[str, str]) -> tuple[str, int] | None:
    given = values.get("BERTH_DNS_RESOLVER", "")
    if not given:
        return None
    address, _, port = given.rpartition(":")
    try:
        resolver = str(ip_address(address.strip("[]"))), int(port)
    except ValueError:
        resolver = "", 0
    if not 0 < resolver[1] < 2**16:
        message = f"BERTH_DNS_RESOLVER is {given!r}; it must be an IP address and a port, like 10.0.0.2:53."
        raise ConfigurationError(message)
    return resolver


def _vapid(values: Mapping[str, str]) -> tuple[str, str] | None:
    key, subject = values.get("BERTH_VAPID_KEY", ""), values.get("BERTH_VAPID_SUBJECT", "")
    if not key:
        return None
    if not VAPID_KEY.fullmatch(key):
        message = "BERTH_VAPID_KEY must be a key as ./dev vapid prints it: 43 characters of base64url."
        raise ConfigurationError(message)
    if not VAPID_SUBJECT.fullmatch(subject):
        message = (
            f"BERTH_VAPID_SUBJECT is {subject!r}; beside BERTH_VAPID_KEY it must say where push services reach you, "
            "like mailto:operations@example.com."
        )
        raise ConfigurationError(message)
    return key, subject


def _push_hosts(values: Mapping[str, str]) -> tuple[str, ...]:
    hosts = tuple(one.strip() for one in values.get("BERTH_PUSH_HOSTS", "").split(",") if one.strip())
    for host in hosts:
        if not PUSH_HOST.fullmatch(host):
            message = f"BERTH_PUSH_HOSTS holds {host!r}; it must hold names of hosts, like *.push.example.com."
            raise ConfigurationError(message)
    return hosts or PUSH_HOSTS


def _map_tiles(values: Mapping[str, str]) -> tuple[str, str] | None:
    template, credits_line = values.get("BERTH_MAP_TILES", ""), values.get("BERTH_MAP_CREDITS", "")
    if not template:
        return None
    # One host alone, since the pages' policy names it.
    is_one_host = re.match(r"https://[a-z0-9.-]+(:[0-9]{1,5})?/", template) is not None
    if not is_one_host or any(part not in template for part in ("{z}", "{x}", "{y}")) or not credits_line:
        message = (
            f"BERTH_MAP_TILES is {template!r}; it must be an address like "
            "https://tiles.example.com/{z}/{x}/{y}.png, and BERTH_MAP_CREDITS must name the makers of the map."
        )
        raise ConfigurationError(message)
    return template, credits_line


def _manage_url(values: Mapping[str, str]) -> str:
    public_url = values.get("BERTH_PUBLIC_URL", "").rstrip("/")
    template = values.get("BERTH_MANAGE_URL", "") or (f"{public_url}/manage#{{token}}" if public_url else "")
    try:
        link = template.format(tenant="tenant", id="id", token="token")  # noqa: S106 - fills the template in
    except (LookupError, ValueError):
        link = ""
    if template and not ("{token}" in template and re.match(r"https?://[^/?#\s]+", link)):
        message = (
            f"BERTH_MANAGE_URL is {template!r}; it must be an address like https://book.example.com/r#{{token}}, "
            "which may also hold {tenant} and {id}."
        )
        raise ConfigurationError(message)
    return template


def _limits(values: Mapping[str, str]) -> Limits:
    usual = Limits()
    return Limits(
        **{
            member: int(_number(values, f"BERTH_{member.upper()}", default=getattr(usual, member), minimum=0))
            for member in LIMITS
        }
    )


def _connections_key(values: Mapping[str, str]) -> tuple[str, str] | None:
    access_key, _, secret_key = values.get("BERTH_CONNECTIONS_KEY", "").partition(":")
    if not access_key and not secret_key:
        return None
    if not access_key or not secret_key:
        message = "BERTH_CONNECTIONS_KEY must be an access key and its secret, with a colon between them."
        raise ConfigurationError(message)
    return access_key, secret_key


def _oidc(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    issuer, client_id, keys_url = (
        values.get(name, "") for name in ("BERTH_OIDC_ISSUER", "BERTH_OIDC_CLIENT_ID", "BERTH_OIDC_KEYS_URL")
    )
    if not (issuer or client_id or keys_url):
        return None
    if not (issuer and client_id and keys_url):
        message = "BERTH_OIDC_ISSUER, BERTH_OIDC_CLIENT_ID and BERTH_OIDC_KEYS_URL are set together or not at all."
        raise ConfigurationError(message)
    return issuer, client_id, keys_url


def _signing_keys(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    text = _required(
        values, "BERTH_SIGNING_KEYS", "one or more kid:secret pairs separated by commas; the first one signs"
    )
    keys = tuple((kid, secret) for kid, _, secret in (pair.strip().partition(":") for pair in text.split(",")))
    if any(not kid or len(secret) < MINIMUM_SECRET for kid, secret in keys):
        message = (
            f"BERTH_SIGNING_KEYS must hold kid:secret pairs whose secrets have at least {MINIMUM_SECRET} characters."
        )
        raise ConfigurationError(message)
    return keys


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LIMITS = tuple(field.name for field in fields(Limits))
"""Each is set by a variable of its name: `writes_of_email` by BERTH_WRITES_OF_EMAIL."""
ORIGIN = re.compile(r"https?://[^/?#\s]+")
"""RFC 6454, section 6.1, of web pages."""
VAPID_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
VAPID_SUBJECT = re.compile(r"(mailto:[^@\s]+@[^@\s]+|https://\S+)")
"""RFC 8292, section 2.1."""
PUSH_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.notify.windows.com",
)
"""What Chrome, Firefox, Safari and Edge subscribe at."""
MINIMUM_SECRET = 32
"""Characters of a signing secret; HS256 wants at least its hash length (RFC 7518, section 3.2)."""
