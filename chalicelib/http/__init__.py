"""How requests come in and answers go out: one decorator declares an endpoint. It knows no capability."""
