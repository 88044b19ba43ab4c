"""The JSON API against its own description: whatever is asked, the answer is one that
it describes."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from search.engine import Engine
from search.index.open import open_index
from tests.torture.scale import rounds
from tests.web.made import EMBEDDER, made_index
from web import create_app
from web.api.routes import OPENAPI
from web.settings import Settings

load_all_checks()
DESCRIBED = json.loads(OPENAPI.read_text(encoding="utf-8"))
# A question that is well-formed may still hold no word, and an address need not be of
# the index: what the description allows is answered, not always with 200. There are
# neither resources nor users.
LEFT_OUT = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "ignored_auth",
            "object_level_authorization"}  # fmt: skip
HELD = CHECKS.get_by_names(
    [name for name in CHECKS.get_all_names() if name not in LEFT_OUT]
)

CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [400, 403, 404, 413, 429]}
        }
    }
)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    directory = tmp_path_factory.mktemp("api") / "index"
    made_index(directory, 40)
    app = create_app(
        Settings(log="off"),
        Engine(open_index(directory), embedder=EMBEDDER),
    )
    return schemathesis.openapi.from_wsgi("/openapi.json", app, config=CONFIG)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", DESCRIBED["paths"])
def test_every_answer_is_as_described(api, path, mode):
    (method,) = DESCRIBED["paths"][path].keys() & {"get", "post"}
    operation = api[path][method.upper()]
    if mode.is_negative and not operation.query:
        pytest.skip("it takes nothing that could be wrong")

    @settings(
        max_examples=rounds(10, 1000),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def hold(case):
        case.call_and_validate(checks=HELD)

    hold()
