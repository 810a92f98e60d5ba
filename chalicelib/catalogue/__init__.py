"""What is offered, as administrators keep it: resources, images, windows, units that resources share."""
