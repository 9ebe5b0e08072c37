"""How the system is set up and started."""
