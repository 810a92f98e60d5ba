"""`./dev web`: Vite's server for those who work on the pages, in front of a running demo."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from local.data_directory import read_data_directory, running_gateway
from local.environment import DEFAULT_PATH
from local.errors import CommandError
from tools.command_line import HOST, interrupt_once, port_number
from tools.web_build import VITE, WEB, build, prepare_alone
from tools.web_figures import measure
from tools.web_schema import write_schema
from tools.web_screens import FOLDER, picture


def main(arguments: list[str]) -> int:
    """Build, write the schema, or run Vite's server until Ctrl-C."""
    options = _parser().parse_args(arguments)
    if options.build:
        interrupt_once()
        return _build()
    if options.schema:
        print(f"Written: {write_schema(prepare_alone())}")
        return 0
    if options.figures:
        interrupt_once()
        print(measure())
        return 0
    if options.screens:
        interrupt_once()
        print(f"Written: {FOLDER}, {picture():,} bytes")
        return 0
    address = running_gateway(read_data_directory(options.data_dir))
    if address is None:
        message = f"No demo runs in {options.data_dir}. Start one with ./dev demo, or name its folder with --data-dir."
        raise CommandError(message)
    node = prepare_alone()
    print(f"Pages as they are in web/, data of {address}. Try: http://{HOST}:{options.port}/t/pine-cabins", flush=True)
    command = [str(node.program), str(VITE), f"--host={HOST}", f"--port={options.port}", "--strictPort"]
    interrupt_once()
    try:
        return subprocess.run(
            command, cwd=WEB, env={**node.variables(), "BERTH_WEB_API": address}, check=False
        ).returncode
    except KeyboardInterrupt:
        return 0


def _build() -> int:
    try:
        build(lambda text: print(text, flush=True))
    except (CommandError, OSError) as error:
        message = f"The web is not built: {error}\n./dev web --build tries again; the API does not need it."
        raise CommandError(message) from error
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev web", description="Serve the pages of web/ as one edits them, in front of a running demo."
    )
    parser.add_argument("--build", action="store_true", help="build web/dist, which the demo serves, and end")
    parser.add_argument("--schema", action="store_true", help="regenerate the types of the API, and end")
    parser.add_argument("--figures", action="store_true", help="measure the pages, write docs/WEB.md, and end")
    parser.add_argument("--screens", action="store_true", help="take the pictures of docs/screens again, and end")
    parser.add_argument("--port", type=port_number, default=5173, help=f"where to listen on {HOST} (5173)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="the running demo's (.local)")
    return parser
