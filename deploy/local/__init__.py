"""The embedded start: PostgreSQL, Kafka and a mailbox without Docker, and the runner that keeps everything going."""
