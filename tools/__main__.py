"""The commands of ./dev. Each lives in the module named here, which is imported only when its command runs."""

from __future__ import annotations

import difflib
import importlib
import os
import signal
import sys

from local.errors import CommandError, explained

COMMANDS = {
    "demo": ("tools.demo:main", "start everything on this machine and serve until Ctrl-C"),
    "localstack": ("tools.localstack:main", "the package that Lambda gets, deployed on LocalStack without docker"),
    "compose": ("tools.compose:main", "what the containers of localstack-compose.yml run"),
    "test": ("tools.test_run:main", "every check and test; with a name: that part, such as waitlist"),
    "check": ("tools.consistency:main", "prove, in SQL alone, that a database is consistent"),
    "replay": ("tools.replay.command:main", "play a hotel's real bookings against the running API"),
    "prove": ("tools.prove:main", "look for faults for as long as you say, beyond what tests have time for"),
    "seals": ("tools.seals:main", "seal what happened, and check that nothing was changed since"),
    "jobs": ("tools.jobs:main", "list the scheduled functions, run one now, see the last runs"),
    "tenant": ("tools.tenant:main", "create tenants, or list them"),
    "token": ("tools.token:main", "print an access token, as if somebody of a tenant had signed in"),
    "web": ("tools.web:main", "Vite's server for the pages of web/; --build, --schema, --figures, --screens"),
    "vapid": ("tools.vapid:main", "make the key by which push services know who sends notifications"),
    "watch": ("tools.watch:main", "show a tenant's live messages, line by line"),
    "bench": ("tools.bench.command:main", "measure, as ratios within one run"),
    "lock": ("tools.lock:main", "compile the requirements files from pyproject.toml"),
    "advisories": ("tools.advisories:main", "known vulnerabilities of what is installed"),
    "migrate": ("tools.migrate:main", "bring a database to the present schema"),
    "package": ("tools.lambda_package:main", "build the zip that Lambda gets"),
    "deploy": ("tools.deploy:main", "deploy a stage to AWS by CloudFormation, and say where it answers"),
    "template": ("tools.template:main", "regenerate infra/composed/, the CloudFormation of each stage"),
    "schema": ("tools.schema:main", "regenerate chalicelib/database/schema.sql from the migrations"),
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    name = arguments[0] if arguments else "help"
    if name in {"help", "-h", "--help"}:
        print(usage())
        return 0
    if name not in COMMANDS:
        nearest = difflib.get_close_matches(name, COMMANDS, n=1)
        meant = f" Did you mean ./dev {nearest[0]}?" if nearest else ""
        print(f"{usage()}\n\n./dev has no command {name!r}.{meant}", file=sys.stderr)
        return 2
    module, function = COMMANDS[name][0].split(":")
    try:
        code = getattr(importlib.import_module(module), function)(arguments[1:])
        sys.stdout.flush()  # here, where it is noticed that the reader has left
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except CommandError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        sentence = explained(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    else:
        return code
    return 1


def usage() -> str:
    """List the commands."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  ./dev {name:<{width}}{description}" for name, (_, description) in COMMANDS.items()]
    return "\n".join(["Commands (add --help to any of them):", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
