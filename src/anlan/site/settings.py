"""Django settings: read once from the typed options. The composition root; nothing else reads `options` for Django."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from anlan.kernel.options import options
from anlan.site.stages import having

BASE = Path(__file__).resolve().parent

SECRET_KEY = options.secret_key
DEBUG = options.debug
ALLOWED_HOSTS = [host.strip() for host in options.allowed_hosts.split(",") if host.strip()]
ROOT_URLCONF = "anlan.site.urls"
WSGI_APPLICATION = "anlan.site.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "procrastinate.contrib.django",
    "anlan.kernel",
    *(f"anlan.{stage}" for stage in having("apps")),
    "anlan.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "anlan.site.middleware.security_headers",
    "anlan.site.middleware.public_first",
    "anlan.site.refusals.refusals",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "anlan.site.token_access.token_access",
    "anlan.site.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "anlan.site.middleware.scope",
    "anlan.site.middleware.problems",
]


def database(url: str) -> dict[str, Any]:
    """Return Django's database settings for a PostgreSQL address (libpq form; a socket folder goes in `host`)."""
    parts = conninfo_to_dict(url)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        **{key: str(parts[name]) for name, key in named.items() if parts.get(name)},
        # Compiling a query costs more than any of these short ones takes.
        "OPTIONS": {
            "application_name": f"anlan-{options.role}",
            "connect_timeout": 10,
            "options": "-c jit=off",
            # Lets `kernel.asking` keep plans. The ORM's own cursors bind in the client and never do.
            "prepare_threshold": 5,
        },
    }


DATABASES = {"default": database(options.database_url or "postgresql:///anlan")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "kernel.Account"
AUTHENTICATION_BACKENDS = ["anlan.site.sign_in.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/sign-in"
SESSION_COOKIE_NAME = "anlan_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = options.https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"

USE_TZ = True
TIME_ZONE = options.time_zone
USE_I18N = True
LANGUAGE_CODE = options.language
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "anlan_language"
LOCALE_PATHS = [BASE.parent / "locale"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "anlan.site.context.shell",
            ]
        },
    }
]
STATIC_URL = "/static/"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
LOGGING_CONFIG = None
