"""Ways in which events are delivered to people and other systems, one file each."""
