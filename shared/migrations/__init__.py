"""The history of the messaging tables, the same in every service's database."""
