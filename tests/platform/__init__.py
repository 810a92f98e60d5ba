"""The ground that everything stands on: the launcher, the migrations, the commands."""
