"""The embedded runtime: one machine, no docker. Never deployed; chalicelib knows nothing of it.

`environment` opens what is kept (`data_directory`) and the server on it (`postgres`), and migrates. `aws` serves what
the functions ask of AWS, `gateway` is HTTP and WebSocket in front of them, `background` is cron and the queue.
`serve` starts all of these and watches them.
"""
