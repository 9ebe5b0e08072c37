"""What tests stand on: the real PostgreSQL, Kafka and mailbox, and installations of the system on them."""
