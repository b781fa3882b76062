"""The newsroom as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from broadsheet.config.processes import end_with_parent, give_way

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
application = get_wsgi_application()
end_with_parent()
give_way()
