"""Throwaway databases on a throwaway cluster: what the fixtures of `conftest` are made of."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier

from chalicelib.database.migrations.migrate import migrate
from local.postgres import start_cluster
from tests.folders import folder_for_clusters

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg.sql import Composed

    from local.postgres.cluster import Cluster

PASSWORDS: dict[str, str] = dict.fromkeys(("postgres", "berth_app", "berth_jobs", "berth_readonly"), "only-for-tests")
TEMPLATE = "berth_template"


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its name and the addresses of its roles."""

    name: str
    owner: str
    app: str
    jobs: str
    readonly: str


@contextmanager
def cluster_with_template(major: int) -> Generator[Cluster]:
    """A throwaway cluster with a migrated template database that `new_database` copies."""
    with folder_for_clusters() as folder, start_cluster(folder, PASSWORDS, durable=False, major=major) as cluster:
        _create(cluster, TEMPLATE, "template0")
        migrate(cluster.owner_dsn(TEMPLATE))
        cluster.give_passwords()
        yield cluster


@contextmanager
def new_database(cluster: Cluster, template: str = TEMPLATE) -> Generator[Database]:
    """A database like the template, gone at the end together with whoever is still connected to it."""
    name = f"test_{secrets.token_hex(6)}"
    _create(cluster, name, template)
    try:
        yield Database(
            name, cluster.owner_dsn(name), cluster.app_dsn(name), cluster.jobs_dsn(name), cluster.readonly_dsn(name)
        )
    finally:
        _execute(cluster, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _create(cluster: Cluster, name: str, template: str) -> None:
    # A quarter of the processor time of the other strategy, which writes every page to the log as well.
    statement = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _execute(cluster, statement.format(Identifier(name), Identifier(template)))


def _execute(cluster: Cluster, statement: Composed) -> None:
    with psycopg.connect(cluster.owner_dsn("postgres"), autocommit=True) as connection:
        connection.execute(statement)
