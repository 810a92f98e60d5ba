"""HTTP: thin routes, one blueprint per capability. `endpoint` is the one decorator; everything else comes from it."""
