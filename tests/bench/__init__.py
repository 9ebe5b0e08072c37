"""Measurements: each figure beside a limit of the same machine, measured in the same run."""
