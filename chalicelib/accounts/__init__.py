"""Who works for a tenant: sign-in, sessions, members, invitations, API keys."""
