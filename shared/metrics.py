"""The names of all technical metrics, in one place. Business figures come from SQL instead, see `statistics`."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

# Outbox: rows waiting for Kafka, and how long the oldest has been waiting (0 when there is none).
OUTBOX_ROWS = Gauge("outbox_rows", "Events waiting in the outbox.")
OUTBOX_OLDEST_AGE = Gauge("outbox_oldest_age_seconds", "Age of the oldest event waiting in the outbox.")
EVENTS_SENT = Counter("events_sent_total", "Events that Kafka acknowledged.", ["topic"])
SEND_FAILURES = Counter("events_send_failures_total", "Sends that failed and will be repeated.", ["topic"])

# Consumer: what became of each record.
EVENTS_CONSUMED = Counter("events_consumed_total", "Events whose effects were committed.", ["type"])
EVENTS_REPEATED = Counter("events_repeated_total", "Events that had been handled before.", ["type"])
EVENTS_SKIPPED = Counter("events_skipped_total", "Events without effect here.", ["reason"])
EVENTS_FAILED = Counter("events_failed_total", "Batches that were rolled back and will come again.", ["reason"])
EVENTS_DEAD_LETTERED = Counter("events_dead_lettered_total", "Records put aside as dead letters.", ["topic"])
EVENT_END_TO_END = Histogram(
    "event_end_to_end_seconds", "From the event's time to its committed effect.", ["type"], buckets=_LATENCY
)
CONSUMER_LAG = Gauge("consumer_lag", "Records of a topic that this process has yet to read.", ["topic"])
CONSUMER_HALTED = Gauge("consumer_halted", "1 after too many dead letters in a row, until the process is restarted.")
KAFKA_UP = Gauge("kafka_up", "1 while the relay reaches Kafka; 0 also in a replica whose relay stands by.")
JOB_SUCCESS = Gauge("job_last_success_timestamp_seconds", "When a time-driven job last ended well.", ["task"])
DEAD_LETTERS = Gauge("dead_letters", "Dead letters waiting for someone.")

# HTTP: by route, never by path, so that no id becomes a label.
HTTP_SECONDS = Histogram("http_request_seconds", "Time to answer.", ["method", "route", "status"], buckets=_LATENCY)

# Switches of the gateway. `office` is `*` for the whole tenant.
SWITCH_OFF = Gauge("switch_off", "1 while a behaviour is switched off.", ["tenant", "office", "switch"])

# Waiting room of the gateway, by tenant.
RUSH_OPEN = Gauge("rush_open", "1 while people wait before they can book.", ["tenant"])
RUSH_WAITING = Gauge("rush_waiting", "People in the waiting room.", ["tenant"])
