"""Under which terms something is reserved: a resource and a version of a policy. The one way to them."""
