"""The tests. Each area has its folder; `conftest` gives every test that asks a database of its own."""
