from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.web.answers.model_fake import FakeModel, fake_model
from web import create_app
from web.settings import Settings


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with fake_model() as fake:
        yield fake


@pytest.fixture
def asking(engine, model, tmp_path) -> FlaskClient:
    """A client of an app that composes answers with the model, over the canned engine."""
    settings = Settings(index=tmp_path, log="off", llm=model.server())
    return create_app(settings, engine).test_client()
