"""The review stage."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Review reads what every earlier stage wrote and writes nothing of its own."""

    name = "anlan.review"
    label = "review"
    verbose_name = "复盘 Review"
