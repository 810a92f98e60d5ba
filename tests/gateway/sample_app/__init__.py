"""A Chalice project small enough to see through; the gateway's tests put it behind real sockets."""
