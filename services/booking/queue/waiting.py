"""How long people wait at an office, for those who wait and those who would come now."""
