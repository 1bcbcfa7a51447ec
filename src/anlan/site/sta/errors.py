"""Refusals of the SensorThings interface: in words, in the form its clients read, naming field, value and remedy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from anlan.kernel.answers import json_answer
from anlan.kernel.problem import Problem, TooMany, Unknown
from anlan.site.token_access import refusal


class Unreadable(Problem):
    """An address, a parameter or a body that can't be read as the standard has it."""

    http = 400


class NotAllowed(Problem):
    """The address is there, but not for this method; `allow` says what it takes."""

    http = 405


def unreadable(field: str, value: Any, zh: str, en: str) -> Unreadable:
    """Return a refusal of one part of a request: what is wrong with it and what to write instead."""
    return Unreadable(code=f"sta.{field.lstrip('$').lower()}", zh=f"{field}：{zh}", en=f"{field}: {en}",
                      field=field, value=value)  # fmt: skip


def answer_of(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the refusal as SensorThings clients read it; what concerns the token is told as everywhere."""
    if isinstance(problem, Unknown | TooMany):
        return refusal(problem)
    body = {"type": "error", **{name: value for name, value in problem.as_dict().items() if name != "type"}}
    body |= {"code": problem.http, "message": problem.text(), "error": problem.code}
    response = json_answer(request, body)
    response.status_code = problem.http
    if isinstance(problem, NotAllowed):
        response["Allow"] = str(problem.extra.get("allow", "GET, HEAD"))
    return response
