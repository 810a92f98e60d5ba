"""Who waits: for something that is taken, and for a reservation to be promoted."""
