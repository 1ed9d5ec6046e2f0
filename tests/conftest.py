import live
import pytest


@pytest.fixture
def database():
    """See `live.database`."""
    with live.database() as name:
        yield name
