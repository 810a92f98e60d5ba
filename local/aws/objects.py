"""Objects of Amazon S3 as files below a directory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.private_files import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY_BYTES = 512


class RefusedError(Exception):
    """What S3 would refuse: status, code, and why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Objects:
    """Buckets below a directory; each object is a file, its headers are another one beside the buckets."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    def put(self, bucket: str, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Keep an object, whole or not at all. Raises `RefusedError`."""
        path, beside = self._paths(bucket, key)
        write_file(beside, json.dumps(dict(headers)).encode())
        write_file(path, data)

    def get(self, bucket: str, key: str) -> tuple[bytes, dict[str, str]]:
        """Return an object and its headers. Raises `RefusedError` where there is none."""
        path, beside = self._paths(bucket, key)
        try:
            return path.read_bytes(), json.loads(beside.read_bytes())
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise RefusedError(404, "NoSuchKey", "The specified key does not exist.") from error

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is removed already. Raises `RefusedError`."""
        for path in self._paths(bucket, key):
            path.unlink(missing_ok=True)

    def _paths(self, bucket: str, key: str) -> tuple[Path, Path]:
        names = [bucket, *key.split("/")]
        if len(key.encode()) > KEY_BYTES or "\0" in key or any(not name or name.startswith(".") for name in names):
            raise RefusedError(400, "InvalidArgument", "Not a name that is kept here.")
        return self._directory.joinpath(*names), self._directory.joinpath(".headers", *names)
