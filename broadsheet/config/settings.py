"""Django's settings, all derived from `kit.env`: one module for every installation."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from broadsheet.kit.env import DEFAULT_ORIGIN, MAIL_PORTS, read_env, secret_key
from broadsheet.kit.sign_in_with import issuers

ENV = read_env()
HOME = ENV.home
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = secret_key(ENV).decode() if HOME.is_dir() else "no paper yet: nothing is signed"
DEBUG = False
ALLOWED_HOSTS = [
    "*"
]  # The gate has refused foreign hosts with 421; nobody else reaches the socket.
ORIGIN = ENV.url
WEBSUB_HUB = ENV.websub_hub
HTTPS = ORIGIN.startswith("https://")
WAGTAILADMIN_BASE_URL = ORIGIN or DEFAULT_ORIGIN

INSTALLED_APPS = [
    "broadsheet.demo",
    "broadsheet.licensing",
    "broadsheet.press",
    "broadsheet.archive",
    "broadsheet.fronts",
    "broadsheet.subscriptions",
    "broadsheet.desk",
    "broadsheet.wire",
    "broadsheet.ledger",
    "broadsheet.ads",
    "broadsheet.accounts",
    "broadsheet.press_log",
    "broadsheet.look",
    "wagtail.contrib.settings",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "broadsheet.look.settings.SettingsReadOnce",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "broadsheet.desk.middleware.PaperLocale",
    "broadsheet.look.null_bytes.NullBytes",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "broadsheet.accounts.middleware.WantedPage",
    "broadsheet.accounts.middleware.DeviceActivity",
    "broadsheet.accounts.middleware.SignedOutDevice",
    "broadsheet.accounts.middleware.DeskDoor",
    "broadsheet.accounts.middleware.StaffSecondFactor",
    "broadsheet.desk.middleware.DeskZone",
    "broadsheet.subscriptions.middleware.ReaderPass",
]

ROOT_URLCONF = "broadsheet.config.urls"
WSGI_APPLICATION = "broadsheet.config.wsgi.application"

PAPER_ON_PAGES = "broadsheet.press.context.paper"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                PAPER_ON_PAGES,
            ],
        },
    }
]

if ENV.database_url:
    DATABASES = {"default": dict(dj_database_url.parse(ENV.database_url, conn_max_age=600))}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "paper.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what a webhook or a reader was answered for is there after a power cut.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA cache_size=-16000;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "login": "broadsheet.accounts.forms.SignIn",
    "signup": "broadsheet.accounts.forms.SignUp",
    "request_login_code": "broadsheet.accounts.forms.AskForCode",
    "add_email": "broadsheet.accounts.forms.AddAddress",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 30 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    "export": "5/h/user",
    "card": "10/h/user",
    "coupon": "20/h/ip",
    "invite": "20/d/user",
    "gift": "20/h/ip",
    "gift_code": "20/h/ip",
    "gift_mail": "20/h/ip",
    "benefit": "30/h/user",
    "partner": "30/m/ip",
    "mark": "300/h/ip",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "broadsheet.accounts.adapter.PaperAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

SIGN_IN_WITH = issuers(ENV.sign_in_with)
SOCIALACCOUNT_ADAPTER = "broadsheet.accounts.issuers.joining.PaperIssuers"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "broadsheet.accounts.issuers.provider.IssuerProvider"}
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = SOCIALACCOUNT_LOGIN_ON_GET = False

IDP_OIDC_ADAPTER = "broadsheet.subscriptions.identity.PartnerIdentity"
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 400 * 24 * 3600

MFA_ADAPTER = "broadsheet.accounts.adapter.PaperSecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SESSION_ENGINE = "broadsheet.accounts.sessions"
# As long as browsers keep any cookie (RFC 6265bis, 5.5): the session's row says when it ends.
SESSION_COOKIE_AGE = 400 * 24 * 3600
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_TRUSTED_ORIGINS = [ORIGIN] if ORIGIN else []
CSRF_FAILURE_VIEW = "broadsheet.accounts.views.csrf_failure"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en-gb"
LANGUAGES = [
    ("en-gb", _("English")),
    ("de", _("German")),
]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", _("English")), ("de", _("German"))]
FORMAT_MODULE_PATH = ["broadsheet.look.formats"]
LOCALE_PATHS = [PACKAGE / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS: list[str] = []
MEDIA_URL = "/media/"
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "broadsheet.config.static.PaperStatic"},
}
CACHES = {
    # It counts attempts for the rate limits: what is dropped for want of room would be forgiven.
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # A size that the worker cleared out must not live on in the memory of another process.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

EMAIL_BACKEND = "broadsheet.accounts.outbox.OutboxBackend"
_host = urlsplit(ORIGIN).hostname or "localhost"
DEFAULT_FROM_EMAIL = ENV.mail_from or f"news@{_host}"
_mail = urlsplit(ENV.mail_url)
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or MAIL_PORTS.get(_mail.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_TLS = _mail.scheme == "smtp+tls" or (_mail.scheme == "smtp" and EMAIL_PORT == 587)
EMAIL_USE_SSL = _mail.scheme == "smtps"

TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "OPTIONS": {}},
}

WAGTAIL_USER_TIME_ZONES = ["UTC"]  # Nobody chooses: the desk shows the paper's (DeskZone).
WAGTAIL_SITE_NAME = "Broadsheet"
WAGTAILIMAGES_IMAGE_MODEL = "desk.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "broadsheet.desk.picture_form.PictureForm"
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_I18N_ENABLED = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAIL_MODERATION_ENABLED = False
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "wagtail.search.backends.database", "AUTO_UPDATE": False}
}
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 2**20
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 60_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
