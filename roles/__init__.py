"""THE SEATS: a folder is a seat; a folder in it is an activity."""
