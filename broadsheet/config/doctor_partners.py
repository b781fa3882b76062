"""What the doctor says of partner benefits."""

from collections.abc import Iterator

from django.conf import settings

from broadsheet.config.findings import Finding
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.kit.signing import signing_keys
from broadsheet.subscriptions.models import PartnerBenefit
from broadsheet.subscriptions.reads.benefits import low_pools


def pools() -> Iterator[Finding]:
    """Pools that run dry; with partners that ask, whether the key that signs can be read."""
    for pool in low_pools(clock.now()):
        text = f"{pool}: {pool.left} codes are left."
        yield Finding(text, True, "Ask the partner for codes; add them under Readers in the desk.")
    asked = PartnerBenefit.objects.filter(kind=PartnerBenefit.OPENID, active=True).count()
    if not asked:
        return
    try:
        count = len(signing_keys(settings.ENV.signing_key, settings.HOME))
    except (Refusal, OSError) as problem:
        yield Finding(f"Partners cannot ask: {problem}", True, "Set BROADSHEET_SIGNING_KEY anew.")
    else:
        yield Finding(f"{asked} partners may ask about readers; signing keys in use: {count}.")
