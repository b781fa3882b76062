"""Below /licensed/."""

from django.urls import re_path

from broadsheet.licensing import views

urlpatterns = [
    re_path(r"^(?P<name>ninjs|newsml-g2)/$", views.changes, name="licensed_changes"),
]
