"""Events of reminding a lower level. The docstrings are the public documentation."""

from __future__ import annotations

from anlan.kernel.journal import Event


class ResponseReminded(Event, kind="response.reminded", version=1):
    """A county stands under a warning and has started no response: it was reminded, and its superior level told.

    warning, number, colour: the warning's; times: which reminder this is, from 1; minutes: since the warning was issued;
    task: the county's; told: the superior level's task, of the city's desk or, where a county stands right under the
    province, of the province's; either is empty when this node knows no such desk; rule: version of the rule.
    """

    warning: str
    number: str
    colour: str
    times: int
    minutes: int
    task: str
    told: str
    rule: str


class ReminderSettled(Event, kind="response.reminder_settled", version=1):
    """Nothing more is waited for. warning; times: how often the county was reminded; why: started (a response was), over
    (the warning was) or most (reminded as often as the rule says).
    """

    warning: str
    times: int
    why: str
