from urllib.parse import urlsplit

import pytest

from broadsheet.ledger.providers.stripe import connect
from broadsheet.ledger.tests.stripe.server import Server
from broadsheet.ledger.tests.stripe.world import KEY, SECRET


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def client(server):
    made = connect(urlsplit(f"stripe://{KEY}:{SECRET}@127.0.0.1:{server.port}"))
    yield made
    made.close()
