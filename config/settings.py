"""One settings file; every value that differs between places comes from the environment or the state folder."""

import os
from pathlib import Path
from typing import Any

from jiangxin.ground import state

BASE_DIR = Path(__file__).resolve().parent.parent
ROLE = os.environ.get("JIANGXIN_ROLE", "web")
DEBUG = False
SECRET_KEY = state.secret("django")
ALLOWED_HOSTS = os.environ.get("JIANGXIN_HOSTS", "127.0.0.1,localhost,testserver").split(",")
SECURE = os.environ.get("JIANGXIN_HTTPS", "") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "csp",
    "axes",
    "procrastinate.contrib.django",
    "jiangxin",
]
MIDDLEWARE = [
    "jiangxin.web.door.OnlyDeclared",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "jiangxin.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "jiangxin.web.public.entrance.backend.PasswordAndCode",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
CSRF_FAILURE_VIEW = "jiangxin.web.errors.stale_form"
# Whom a page that failed tells people to call.
CONTACT = os.environ.get("JIANGXIN_CONTACT", "12333 人社咨询热线")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "jiangxin/web/shared/templates", BASE_DIR / "jiangxin/web"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django_cotton.cotton_loader.Loader", "django.template.loaders.filesystem.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "jiangxin.web.frame.frame",
            ],
            "builtins": ["django_cotton.templatetags.cotton", "jiangxin.web.shared.templatetags.jx"],
        },
    }
]
COTTON_DIR = "cotton"
COTTON_ISOLATE_BY_DEFAULT = True


def database(role: str) -> dict[str, Any]:
    """The connection settings of one of the database roles (invariants Z10)."""
    at = state.connection(role)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at["dbname"],
        "HOST": at["host"],
        "PORT": str(at["port"]),
        "USER": at["user"],
        "PASSWORD": at["password"],
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"application_name": f"jiangxin-{role}"},
    }


DATABASES = {"default": database(ROLE), "progress": database(ROLE)}
# The worker sends batches as another role: only that one may (ground.roles.working_as).
if ROLE in ("worker", "owner"):
    DATABASES["releaser"] = database("releaser")
    # Large batches are staged in temporary tables: kept in memory as far as this goes.
    DATABASES["default"]["OPTIONS"] |= {"options": "-c temp_buffers=128MB"}
if ROLE == "web":
    DATABASES["default"]["OPTIONS"] |= {
        "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = state.state_folder() / "static"
STATICFILES_DIRS = [BASE_DIR / "jiangxin/web/shared/static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Where the worker finds what it can do.
PROCRASTINATE_IMPORT_PATHS = ["jiangxin.mainline"]

SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken"]
AXES_USERNAME_CALLABLE = "jiangxin.web.public.entrance.backend.attempt_name"
AXES_LOCKOUT_CALLABLE = "jiangxin.web.public.entrance.backend.keep_page"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("JIANGXIN_LOG", "WARNING")},
}

# Assumed values of the demo county: refused by a database that is not a demo.
ASSUMED_LAW = BASE_DIR / "jiangxin/synth/assumed/parameters"
