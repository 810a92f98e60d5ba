"""The kinds of text that requests hold. Each follows the bounds: `Annotated[str, StringConstraints(…), ONE_LINE]`."""

from __future__ import annotations

from pydantic import AfterValidator

from chalicelib.domain.text import check_line, check_name, check_text

ONE_LINE = AfterValidator(check_line)
PERSON_NAME = AfterValidator(check_name)
MANY_LINES = AfterValidator(check_text)
