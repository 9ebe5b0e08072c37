"""One module for each kind of generated page: each turns the code's own declarations into text."""
