"""A claim must last longer than handing one mail over may take, or no message is ever reached in time."""

import pytest
from pydantic import ValidationError

from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import TIMEOUT_SECONDS


@pytest.mark.parametrize("seconds", [0, 1, TIMEOUT_SECONDS])
def test_a_claim_that_is_over_before_a_mail_can_be_sent_is_refused(seconds: int) -> None:
    with pytest.raises(ValidationError, match="claim_seconds"):
        NotificationsSettings(claim_seconds=seconds)


def test_a_claim_that_lasts_longer_is_accepted() -> None:
    assert NotificationsSettings(claim_seconds=TIMEOUT_SECONDS + 5).claim_seconds == TIMEOUT_SECONDS + 5
