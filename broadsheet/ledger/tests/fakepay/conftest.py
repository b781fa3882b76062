import pytest

from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.server import Options, Server
from broadsheet.ledger.tests.fakepay.cast import KEY, SECRET, Control, Receiver


@pytest.fixture
def gateway(tmp_path):
    """The engine alone, without a server."""
    made = Gateway(tmp_path / "fakepay.sqlite3", url="http://pay.example")
    yield made
    made.close()


@pytest.fixture
def direct(gateway):
    return Direct(gateway, SECRET)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def server(tmp_path, receiver):
    """A server in threads of this process, which tells the receiver."""
    options = Options(
        host="127.0.0.1",
        port=0,
        database=tmp_path / "served.sqlite3",
        webhook=receiver.url,
        api_key=KEY,
        webhook_secrets=(SECRET,),
    )
    made = Server(options)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(server):
    made = Fakepay(server.url, KEY, SECRET)
    yield made
    made.close()


@pytest.fixture
def control(server):
    return Control(server.url)
