"""What the press remembers in the paper's database."""

from django.db import models


class Standing(models.Model):
    """The single row of the press: the origin its pages carry, and until when it looked ahead."""

    origin = models.CharField(max_length=300, blank=True)
    looked_until = models.DateTimeField(null=True)
