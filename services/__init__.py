"""The services: one folder, one service, one image, one database. They meet in Kafka only."""
