"""The real package on LocalStack without docker: LocalStack in host mode, and what its free edition leaves out.

`installation` brings LocalStack into an environment of its own, `emulator` runs it, `stack` deploys the package,
`sockets` stands in for WebSocket APIs. `launcher`, `executor` and `sesv2` run inside of LocalStack's process: they, and
what they import from here (`sandbox`, `runtime_api`), use LocalStack and the standard library alone. `bootstrap` runs
inside of the functions' processes.
"""
