import pytest
import time_machine

from broadsheet.ledger.tests.providers.benches import BEGIN, BENCHES


@pytest.fixture(params=sorted(BENCHES))
def bench(request, tmp_path):
    """Each gateway in turn; the moment is the last of January."""
    with time_machine.travel(BEGIN, tick=False) as traveller:
        made = BENCHES[request.param](tmp_path, traveller)
        yield made
        made.close()
