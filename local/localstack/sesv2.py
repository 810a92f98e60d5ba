# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
"""Amazon SES v2 inside of LocalStack, whose free edition has the older SES alone.

`SendEmail` of v2 becomes `SendEmail` of v1, which looks whether the sender is verified and keeps the email where
`/_aws/ses` lists it, without what was attached. Nothing else of v2 is here: LocalStack answers that it has not got it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to
from localstack.http import Response, route
from localstack.runtime import hooks
from localstack.services.edge import ROUTER

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

SIGNED_FOR = re.compile(r"Credential=([^/]+)/\d{8}/([a-z0-9-]+)/ses/")


@hooks.on_infra_start()
def add_sesv2() -> None:
    """Answer SES v2's SendEmail."""
    ROUTER.add(send_email)


@route("/v2/email/outbound-emails", methods=["POST"])
def send_email(request: Request, **_: object) -> Response:
    """Hand one simple email over to SES v1, in the account and region that it was signed for."""
    signed = SIGNED_FOR.search(request.headers.get("Authorization", ""))
    if signed is None:
        return _refused(403, "MissingAuthenticationTokenException", "The request is not signed for SES.")
    key, region = signed.groups()
    try:
        asked = json.loads(request.get_data())
        simple = asked["Content"]["Simple"]
        email = {
            "Source": asked["FromEmailAddress"],
            "Destination": asked["Destination"],
            "Message": {"Subject": simple["Subject"], "Body": simple["Body"]},
        }
    except (ValueError, KeyError, TypeError) as error:
        return _refused(400, "BadRequestException", f"Only simple emails are handed over to SES v1: {error!r}.")
    try:
        sent = connect_to(aws_access_key_id=key, region_name=region).ses.send_email(**email)
    except ClientError as error:
        said = error.response.get("Error", {})
        return _refused(400, said.get("Code", ""), said.get("Message", ""))
    return Response(json.dumps({"MessageId": sent["MessageId"]}), 200, content_type="application/json")


def _refused(status: int, kind: str, message: str) -> Response:
    headers = {"x-amzn-errortype": kind}
    return Response(json.dumps({"message": message}), status, headers, content_type="application/json")
