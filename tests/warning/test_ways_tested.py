"""A test message in service, where no request has a transaction of its own."""

from __future__ import annotations

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.warning.services.ways_acts import way_test
from tests.warning.channels.posting import way


@pytest.mark.django_db(transaction=True)
def test_what_the_gateway_said_is_on_record() -> None:
    setting = way("sms-a", "sms", "http_sms", {"url": "http://127.0.0.1:1/"})
    found = way_test(by=Actor.system("test"), setting=setting, to="13900001111")
    entry = Entry.objects.get(kind="channel.tested")
    assert (entry.data["setting"], entry.data["state"]) == ("sms-a", found.state)
