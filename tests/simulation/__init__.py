"""Simulated days at an office, driven by the real rule of who is next and the real estimate of how long people wait."""
