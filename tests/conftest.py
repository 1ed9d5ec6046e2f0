import live
import pytest


@pytest.fixture(scope="session")
def prepared_database():
    """See `live.database`: made once, copied for each test."""
    with live.database(purpose="prepared") as name:
        yield name


@pytest.fixture
def database(prepared_database):
    """The test's own copy of what `live.database` tells."""
    with live.copy(prepared_database) as name:
        yield name
