"""Ways in which people and other systems are told of events, one file each."""
