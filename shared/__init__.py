"""What every service stands on: contracts, outbox, inbox, database session, settings, observability."""
