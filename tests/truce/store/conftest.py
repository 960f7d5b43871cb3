from __future__ import annotations

import pytest

from tests.databases import Homes
from truce.settings import Settings


@pytest.fixture
def home(homes: Homes) -> Settings:
    """A home with an empty store: every test here runs on both databases."""
    return homes()
