"""All settings, from the environment only. With an empty environment Atelier runs embedded: see ``config.embedded``."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import embedded, env, issuer, logs, openapi

django_stubs_ext.monkeypatch()

BASE_DIR = env.BASE_DIR
VAR = Path(env.text("ATELIER_VAR", str(BASE_DIR / "var")))
EMBEDDED = not env.text("DATABASE_URL")
DEBUG = env.flag("DEBUG", default=False)
PORT = env.integer("PORT", 8000, minimum=1)
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_BASE_URL)
CALLBACKS = bool(env.text("PUBLIC_BASE_URL"))  # vendors may call back where the operator says that we are reachable
HTTPS = _public.scheme == "https"


def _secret_key() -> str:
    """The configured key; embedded, one that is drawn on the first start and kept in ``var/``."""
    if key := env.text("SECRET_KEY"):
        return key
    if not EMBEDDED and not DEBUG:
        raise ImproperlyConfigured(
            "Set SECRET_KEY (or SECRET_KEY_FILE): without it sessions and links cannot be signed"
        )
    path = VAR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")  # earlier ones: what they signed stays valid
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"), _public.hostname or "localhost"]
ALLOWED_HOSTS.append(f"queue.{ALLOWED_HOSTS[-1]}")  # what some of fal's clients make of it
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    *issuer.APPS,
    "config",
    "accounts",
    "generations",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "rest_framework",
    "storages",
    "accounts.apps.StudioAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "accounts.middleware.RequestIdMiddleware",
    "generations.dialects.cors.CorsMiddleware",
    "accounts.middleware.UnavailableMiddleware",
    "accounts.middleware.BodyLimitMiddleware",
    "accounts.middleware.HttpsMiddleware",
    "accounts.middleware.AdminNetworkMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.static.static_files",
    "config.compression.compressed_pages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.visiting.VisitMiddleware",
]

# Around requests that wait and are signed in by a key (config.asgi): all but what is for pages
WAITING_MIDDLEWARE = MIDDLEWARE[: MIDDLEWARE.index("config.static.static_files")]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.studio",
            ],
        },
    },
]

# PostgreSQL and Redis

DATABASES = {"default": embedded.database(VAR) if EMBEDDED else env.database("DATABASE_URL")}
DATABASES["default"] |= {"CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": True}
# What a connection asks a third time is planned once and for all: half of the database's work in a submit is planning.
DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=2, connect_timeout=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL") or embedded.redis_url(VAR)
CACHES = {
    "default": {
        "BACKEND": "accounts.cache.KeptRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
    "here": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # of one process
}

# Celery: late acknowledgement and short time-outs; no eta, retries or results (the database does that)

CELERY_BROKER_URL = embedded.as_broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "max_retries": 1,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_DB_REUSE_MAX = sys.maxsize // 2  # Celery would reconnect for every task; config.celery looks after that
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_DEFAULT_QUEUE = "steps"
CELERY_TASK_QUEUES = [Queue("steps"), Queue("sweeps")]  # whatever waits must not hold up the sweeper
CELERY_TASK_ROUTES = {"generations.tasks.sweep": {"queue": "sweeps"}}
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 4  # tasks only say that there is something to do, or look after things
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
WORKER_THREADS = env.integer("WORKER_THREADS", 8, minimum=1)
WORKER_CALLS = env.integer("WORKER_CALLS", 100, minimum=1)  # per provider that answers only once it has painted
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # expires: a worker that was away finds one hint to sweep, not an hour of them
    "sweep": {"task": "generations.tasks.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "look back": {"task": "generations.tasks.look_back", "schedule": 60.0, "options": {"expires": 60}},
    "erase": {"task": "generations.tasks.erase", "schedule": 60.0, "options": {"expires": 60}},
    "storage sweep": {"task": "generations.tasks.begin_storage_sweep", "schedule": crontab(hour=2, minute=30)},
    "sweep storage": {"task": "generations.tasks.sweep_storage", "schedule": 60.0, "options": {"expires": 60}},
    "balances": {"task": "generations.tasks.ask_balances", "schedule": 600.0, "options": {"expires": 600}},
    "retention": {"task": "generations.tasks.retain", "schedule": crontab(minute=47)},
    "departures": {"task": "generations.tasks.delete_accounts", "schedule": 60.0, "options": {"expires": 60}},
    "old exports": {"task": "generations.tasks.expire_exports", "schedule": crontab(minute=37)},
    "old deliveries": {"task": "generations.tasks.forget_deliveries", "schedule": crontab(minute=17)},
    "allowances": {"task": "generations.tasks.give_allowances", "schedule": 60.0, "options": {"expires": 60}},
    "verify": {"task": "generations.tasks.verify", "schedule": crontab(hour=3, minute=30)},
    "retired models": {"task": "generations.tasks.look_for_retired_models", "schedule": crontab(hour=4, minute=0)},
}

# Object storage

if S3_BUCKET := env.text("S3_BUCKET"):
    from boto3.s3.transfer import TransferConfig  # large libraries that studios with files do without
    from botocore.config import Config

    # Checksums: newer than most S3 servers. Time-outs and retries: a worker's lease is not to end while it waits.
    _s3_client = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=15,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    _media = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "access_key": env.text("S3_ACCESS_KEY_ID") or None,
            "secret_key": env.text("S3_SECRET_ACCESS_KEY") or None,
            "region_name": env.text("S3_REGION") or None,
            "default_acl": None,
            "file_overwrite": True,
            "querystring_auth": True,
            "client_config": _s3_client,
            # No picture is so large that it is worth cutting up, and parts would be read into memory.
            "transfer_config": TransferConfig(multipart_threshold=5 * 1024**3, use_threads=False),
            "max_memory_size": 1024**2,  # of what is read back; the rest of it waits in a file
        },
    }
else:
    _media = {"BACKEND": "generations.files.FileStorage", "OPTIONS": {"location": VAR / "media"}}

STATIC_ROOT = env.text("STATIC_ROOT") or None  # where an image has its collected files
STORAGES = {
    "default": _media,
    "staticfiles": {
        "BACKEND": "config.static.HashedStaticFiles"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not STATIC_ROOT  # a checkout serves its files from where they are
SIGNED_URL_SECONDS = 900

# People

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # User.email is unique in any capitals, by a constraint on Lower("email")
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "create"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "accounts.forms.ForgottenForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Atelier · "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # of the session that changes it; all others end
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)  # before the studio, each adding to X-Forwarded-For
HEADLESS_CLIENTS = ("app",)  # pages have forms of their own
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None  # a page that loads its script from elsewhere
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers themselves have none but localhost then
MFA_TOTP_ISSUER = "Atelier"
MFA_TOTP_TOLERANCE = 1  # codes before and after the present one, for clocks that are not exact
OIDC_ISSUER, OIDC_NAME, OIDC_ONLY = issuer.URL, issuer.NAME, issuer.ONLY
OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = issuer.CLIENT_ID, issuer.CLIENT_SECRET
SOCIALACCOUNT_ADAPTER = "accounts.issuer.IssuerAdapter"
SOCIALACCOUNT_PROVIDERS = issuer.providers()
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
ADMIN_SECOND_FACTOR = env.flag("ADMIN_SECOND_FACTOR", default=not EMBEDDED)
DELETION_GRACE_DAYS = env.integer("DELETION_GRACE_DAYS", 14)  # in which those who left can come back; 0: none
# Views that admins see as a person does: none that shows secrets, or ways to sign in
SHOWN_TO_VISITORS = {
    *("home", "create", "generation", "compare", "comparison", "comparison_side", "prompts", "presets", "shortcuts"),
    *("gallery", "gallery_frames", "gallery_day", "trash", "image", "image_file", "image_record", "image_albums"),
    *("albums", "album", "shares", "explore", "explored", "shared", "shared_picture", "terms", "privacy", "offline"),
    *("account", "credits", "credits_csv"),
}
WELCOME_CREDITS = env.integer("WELCOME_CREDITS", 50 if EMBEDDED else 0)

MAILBOX = VAR / "mail" if EMBEDDED and not env.text("EMAIL_URL") else None
if MAILBOX:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAILBOX
else:
    vars().update(env.email("EMAIL_URL", "consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Atelier <atelier@{_public.hostname}>")
EMAIL_SUBJECT_PREFIX = "Atelier · "

# The REST API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.KeyAuthentication",
        "accounts.authentication.AppAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsing.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "accounts.schema.operations.Operation",
    "EXCEPTION_HANDLER": "accounts.http.problem_response",
}
AIMLAPI_ADDRESSES = ("/v1/", "/images/", "/models", "/model/", "/v2/billing")
FAL_ADDRESSES = ("/fal/", "/fal-ai/")
# Who speaks where no view is reached: what an address begins with, and whose manner of answering that is
SPEAKERS = [
    ("/api/", "accounts.answers.problem"),
    *((prefix, "generations.providers.aimlapi.errors.speak") for prefix in AIMLAPI_ADDRESSES),
    *((prefix, "generations.providers.fal.errors.speak") for prefix in FAL_ADDRESSES),
    ("/v2/", "generations.providers.apiframe.errors.speak"),
]
OPEN_TO_PAGES = (*AIMLAPI_ADDRESSES, *FAL_ADDRESSES)  # of any host, as the vendors' own are (CORS)
SPECTACULAR_SETTINGS = openapi.SETTINGS
EXPLORE_PUBLIC = env.flag("EXPLORE_PUBLIC", default=True)  # whether published pictures are shown without signing in
# What one person may keep, the trash included, unless the admin says otherwise of them; 0 is any number
QUOTA_IMAGES = env.integer("QUOTA_IMAGES", 0)
QUOTA_MB = env.integer("QUOTA_MB", 0)
# Pictures that are neither starred nor in an album go into the trash at that age, so many days after a mail said so
RETENTION_DAYS = env.integer("RETENTION_DAYS", 0)
RETENTION_WARNING_DAYS = env.integer("RETENTION_WARNING_DAYS", 14, minimum=1)
TERMS_FILE, PRIVACY_FILE = env.text("TERMS_FILE"), env.text("PRIVACY_FILE")  # texts of the operator's, shown as pages
# Of one person, and of one key
SUBMITS_PER_MINUTE = env.integer("SUBMITS_PER_MINUTE", 120)
KEY_SUBMITS_PER_MINUTE = env.integer("KEY_SUBMITS_PER_MINUTE", SUBMITS_PER_MINUTE)
REQUESTS_PER_MINUTE = env.integer("REQUESTS_PER_MINUTE", 3000)
KEY_REQUESTS_PER_MINUTE = env.integer("KEY_REQUESTS_PER_MINUTE", REQUESTS_PER_MINUTE // 2)
LIMITS_WITHOUT_REDIS = env.choice("LIMITS_WITHOUT_REDIS", ["open", "closed"], "open")
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# Vendors' wire formats, served

WAIT_SECONDS = env.integer("WAIT_SECONDS", 290, minimum=1)  # at most, for the pictures of a request that waits
CREDITS_PER_USD = env.integer("CREDITS_PER_USD", 100, minimum=1)  # what our credits are worth, in formats that say USD

# Providers: enabled when their key is set; ``honours`` overrules what the shipped routes say of a server of one's own

OPENAI_BASE_URL = env.text("OPENAI_BASE_URL")
_lenient = urlsplit(OPENAI_BASE_URL).hostname != "api.openai.com"  # OpenAI refuses fields that are not its own
OPENAI_HABITS = {
    "model": env.text("OPENAI_MODEL"),
    "response_format": env.choice(
        "OPENAI_RESPONSE_FORMAT", ["b64_json", "url", "omit"], "b64_json" if _lenient else "omit"
    ),
    "sizes": env.mapping("OPENAI_SIZES"),
    "extra_body": env.mapping("OPENAI_EXTRA_BODY"),
    "at_most": env.integer("OPENAI_MAX_N", 4, minimum=1),
    "seed": env.flag("OPENAI_SEED", default=_lenient),
    "negative_prompt": env.choice("OPENAI_NEGATIVE_PROMPT", ["field", "pipe", "none"], "field" if _lenient else "none"),
}

_fal_queue = env.text("FAL_QUEUE_URL", "https://queue.fal.run")
_at_fal = urlsplit(_fal_queue).hostname == "queue.fal.run"  # else the key is somebody else's, and not for fal's eyes
_fal_run = env.text("FAL_RUN_URL", "https://fal.run" if _at_fal else "")
_fal_sync = env.flag("FAL_SYNC", default=False)
if _fal_sync and not _fal_run:
    raise ImproperlyConfigured("FAL_SYNC needs FAL_RUN_URL where FAL_QUEUE_URL is not fal's own")
PROVIDERS = {
    "sketch": {"enabled": True},
    "fal": {
        "enabled": bool(env.text("FAL_KEY")),
        "key": env.text("FAL_KEY"),
        "queue_url": _fal_queue,
        "synchronous": _fal_sync,
        "run_url": _fal_run,
        "api_url": env.text("FAL_API_URL", "https://api.fal.ai/v1" if _at_fal else ""),
        "jwks_url": env.text("FAL_JWKS_URL", "https://rest.fal.ai/.well-known/jwks.json" if _at_fal else ""),
        "user_id": env.text("FAL_USER_ID"),
    },
    "aimlapi": {
        "enabled": bool(env.text("AIMLAPI_API_KEY")),
        "key": env.text("AIMLAPI_API_KEY"),
        "base_url": env.text("AIMLAPI_BASE_URL", "https://api.aimlapi.com"),
    },
    "apiframe": {
        "enabled": bool(env.text("APIFRAME_API_KEY")),
        "key": env.text("APIFRAME_API_KEY"),
        "base_url": env.text("APIFRAME_BASE_URL", "https://api.apiframe.ai"),
    },
    "openai": {
        "enabled": bool(OPENAI_BASE_URL),
        "key": env.text("OPENAI_API_KEY"),
        "base_url": OPENAI_BASE_URL,
        "media": env.words("OPENAI_MEDIA_URLS"),
        "timeout": env.integer("OPENAI_TIMEOUT", 600, minimum=1),
        "habits": OPENAI_HABITS,
        "honours": {
            "honours_seed": OPENAI_HABITS["seed"],
            "honours_negative_prompt": OPENAI_HABITS["negative_prompt"] != "none",
        },
    },
    "google": {
        "enabled": bool(env.text("GOOGLE_API_KEY")),
        "key": env.text("GOOGLE_API_KEY"),
        "base_url": env.text("GOOGLE_BASE_URL", "https://generativelanguage.googleapis.com"),
    },
}

# Webhooks: whom we may tell something although they are not of the open internet, and how it is signed

WEBHOOK_NETWORKS = env.networks("WEBHOOK_NETWORKS", "127.0.0.0/8,::1/128" if EMBEDDED else "")
APIFRAME_WEBHOOK_KEY = env.choice("APIFRAME_WEBHOOK_KEY", ["bytes", "hex"], "bytes")

# Security

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS and env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
ADMIN_PATH = env.text("ADMIN_PATH", "admin").strip("/")  # what the admin's addresses begin with
ADMIN_NETWORKS = env.networks("ADMIN_NETWORKS")  # for everybody else there is nothing at them; empty: for anybody
SECURITY_CONTACT = env.text("SECURITY_CONTACT")  # mailto:, https: or tel:, told at /.well-known/security.txt
_images = [SELF, "data:", "blob:"]
if S3_BUCKET and (_endpoint := env.text("S3_ENDPOINT_URL")):
    _images.append("{0.scheme}://{0.netloc}".format(urlsplit(_endpoint)))
elif S3_BUCKET:
    _images.append("https://*.amazonaws.com")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": _images,
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *issuer.ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Language, time, and what operators see

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]  # each in its own
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
# Addresses, besides those of SPEAKERS, at which nothing is said in any language
WORDLESS = ("/events", "/exports/", "/healthz", "/hooks/", "/media/", "/metrics", "/readyz")
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = logs.logging(
    env.choice("LOG_FORMAT", logs.FORMATS, "line"),
    env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO"),
)
ADMINS = [(address, address) for address in env.words("ADMINS")]  # are written to when the books are wrong
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS", "127.0.0.0/8,::1/128" if EMBEDDED else "")
OTEL_EXPORTER_OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT").rstrip("/")
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "atelier")
